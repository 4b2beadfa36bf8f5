//go:build unix

package media

import (
	"bytes"
	"image"
	"math"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"sundog.dev/sundog/media/h264"
	"sundog.dev/sundog/media/opus"
)

// These benchmarks say what each part of a call costs: "cpu-ms/s" is CPU time per second of call. One phone among eight people
// that all send 640×360 at 20 pictures a second is BenchmarkCostEightPeople; the others are its parts:
//
//	go test -run '^$' -bench Cost ./media

const (
	costRate   = 20 // pictures a second
	costPeople = 7  // who are heard and seen
)

// cpuTime is what this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cost runs do, which stands for so much of a call each time.
func cost(b *testing.B, each time.Duration, do func(n int)) {
	b.ReportAllocs()
	start, n := cpuTime(), 0
	for b.Loop() {
		do(n)
		n++
	}
	b.ReportMetric(1000*float64(cpuTime()-start)/(float64(n)*float64(each)), "cpu-ms/s")
}

// room is what a camera may see: a textured room that sways, a head that turns and speaks, and the sensor's noise. That is dear to encode; a test
// picture costs half. calm is the same on a stand, in good light, before a plain wall.
var (
	room = sync.OnceValue(func() []*image.YCbCr { return cameraPictures(6, 12, 1) })
	calm = sync.OnceValue(func() []*image.YCbCr { return cameraPictures(3, 1, 0) })
)

// cameraPictures makes two seconds of pictures, with so much noise, texture and swaying.
func cameraPictures(noise, texture, sway float64) (frames []*image.YCbCr) {
	const w, h = 640, 360
	seed := uint32(1)
	for n := range 2 * costRate {
		img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		t := 2 * math.Pi * float64(n) / (2 * costRate) // once around, so that it can go on from the start
		dx, dy := 3*sway*math.Sin(t), 2*sway*math.Sin(2*t)
		hx, hy := w/2+20*math.Sin(t), h*0.55+8*math.Sin(2*t)
		for y := range h {
			for x := range w {
				fx, fy := float64(x)+dx, float64(y)+dy
				v := 100 + 30*math.Sin(fx/17)*math.Cos(fy/23) + texture*math.Sin(fx/3.1+fy/5)*math.Sin(fy/4.3)
				if gx, gy := float64(x)-hx, float64(y)-hy; gx*gx+gy*gy*0.64 < h*h*0.09 {
					v = 150 + 25*math.Sin(gx/9)*math.Cos(gy/11) + 10*math.Sin(gx/2.3)*math.Sin(gy/2.9+math.Sin(6*t))
				}
				seed = seed*1664525 + 1013904223
				img.Y[y*img.YStride+x] = uint8(v + noise*(float64(seed>>16)/65536-0.5))
			}
		}
		for i := range img.Cb {
			img.Cb[i], img.Cr[i] = 120, 135
		}
		frames = append(frames, img)
	}
	return frames
}

// testPicture is what phones without a camera send.
func testPicture(b *testing.B) (frames []*image.YCbCr) {
	src, err := OpenVideo(b.Context(), "test:640x360@60")
	if err != nil {
		b.Fatal(err)
	}
	for range 2 * costRate {
		f, err := src.Read(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		frames = append(frames, copyPicture(nil, f.Image))
	}
	if err := src.Close(); err != nil {
		b.Fatal(err)
	}
	return frames
}

// costEncoder encodes one size as a VideoSender does.
type costEncoder struct {
	sizeEncoder
	scale scaler
	wish  SizeWish
	small bool
	units []Encoded
}

func newCostEncoder(b *testing.B, size Size, bitrate int) *costEncoder {
	e := &costEncoder{wish: SizeWish{Bitrate: bitrate, MaxLayer: TopLayer}, small: size == SmallSize}
	e.size, e.open = size, h264.NewEncoder
	b.Cleanup(func() { _ = e.close() })
	return e
}

func (e *costEncoder) one(b *testing.B, img *image.YCbCr, n int) {
	if e.small {
		img = e.scale.shrink(img, image.Pt(320, 180))
	}
	due := time.Unix(1000, 0).Add(time.Duration(n) * time.Second / costRate)
	if err := e.encode(img, due, e.wish, costRate, func(u Encoded) {
		if len(e.units) < 2*costRate {
			u.Data = bytes.Clone(u.Data)
			e.units = append(e.units, u)
		}
	}); err != nil {
		b.Fatal(err)
	}
}

func benchmarkCostEncode(b *testing.B, frames []*image.YCbCr, size Size, bitrate int) {
	e := newCostEncoder(b, size, bitrate)
	for n := range frames {
		e.one(b, frames[n], n)
	}
	cost(b, time.Second/costRate, func(n int) { e.one(b, frames[n%len(frames)], n+len(frames)) })
}

func BenchmarkCostEncodeFull(b *testing.B)  { benchmarkCostEncode(b, room(), FullSize, 450_000) }
func BenchmarkCostEncodeSmall(b *testing.B) { benchmarkCostEncode(b, room(), SmallSize, 120_000) }
func BenchmarkCostEncodeCalm(b *testing.B)  { benchmarkCostEncode(b, calm(), FullSize, 450_000) }
func BenchmarkCostEncodeTestPicture(b *testing.B) {
	benchmarkCostEncode(b, testPicture(b), FullSize, 450_000)
}

// costDecoder decodes a stream as a VideoReceiver with a null display does.
type costDecoder struct {
	r     *VideoReceiver
	units []Encoded
	start time.Time
}

func newCostDecoder(b *testing.B, frames []*image.YCbCr, size Size, bitrate int) *costDecoder {
	e := newCostEncoder(b, size, bitrate)
	for n, f := range frames {
		e.one(b, f, n)
	}
	dec, err := h264.NewDecoder()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = dec.Close() })
	r := &VideoReceiver{cfg: VideoReceiverConfig{Sinks: []VideoSink{nullDisplay{}}}, dec: dec, queue: newVideoQueue(), waiting: true}
	return &costDecoder{r: r, units: e.units, start: time.Unix(1000, 0)}
}

func (d *costDecoder) one(n int) {
	e := d.units[n%len(d.units)]
	e.Due = d.start.Add(time.Duration(n) * time.Second / costRate)
	d.r.Push(e)
	d.r.step(e.Due)
	if n%costRate == 0 {
		d.r.Stats()
	}
}

func benchmarkCostDecode(b *testing.B, frames []*image.YCbCr, size Size, bitrate int) {
	d := newCostDecoder(b, frames, size, bitrate)
	cost(b, time.Second/costRate, d.one)
	if s := d.r.Stats(); s.Dropped > 0 {
		b.Fatalf("%+v", s)
	}
}

func BenchmarkCostDecodeFull(b *testing.B)  { benchmarkCostDecode(b, room(), FullSize, 450_000) }
func BenchmarkCostDecodeSmall(b *testing.B) { benchmarkCostDecode(b, room(), SmallSize, 120_000) }
func BenchmarkCostDecodeCalm(b *testing.B)  { benchmarkCostDecode(b, calm(), FullSize, 450_000) }
func BenchmarkCostDecodeTestPicture(b *testing.B) {
	benchmarkCostDecode(b, testPicture(b), FullSize, 450_000)
}

func BenchmarkCostOpusEncode(b *testing.B)      { benchmarkCostOpusEncode(b, false) }
func BenchmarkCostOpusEncodeLight(b *testing.B) { benchmarkCostOpusEncode(b, true) }

func benchmarkCostOpusEncode(b *testing.B, light bool) {
	enc, err := opus.NewEncoder(opus.EncoderConfig{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(enc.Close)
	if err := enc.SetLight(light); err != nil {
		b.Fatal(err)
	}
	pcm := speech()
	frames := len(pcm) / FrameSamples
	cost(b, FrameTime, func(n int) {
		if _, err := enc.Encode((*[FrameSamples]int16)(pcm[n%frames*FrameSamples:])); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkCostOpusDecode(b *testing.B)      { benchmarkCostOpusDecode(b, speechPackets()) }
func BenchmarkCostOpusDecodeLight(b *testing.B) { benchmarkCostOpusDecode(b, lightPackets()) }

// BenchmarkCostOpusDecodeSilence is somebody who says a word each four seconds, and whose microphone gives nothing meanwhile.
func BenchmarkCostOpusDecodeSilence(b *testing.B) {
	packets := slices.Clone(lightPackets()[:20])
	for range 180 {
		packets = append(packets, []byte{0xf8, 0xff, 0xfe})
	}
	benchmarkCostOpusDecode(b, packets)
}

func benchmarkCostOpusDecode(b *testing.B, packets [][]byte) {
	dec, err := opus.NewDecoder()
	if err != nil {
		b.Fatal(err)
	}
	var frame [FrameSamples]int16
	cost(b, FrameTime, func(n int) {
		if err := dec.Decode(packets[n%len(packets)], &frame); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkCostJitter(b *testing.B) {
	var j jitterBuffer
	j.delays.reset()
	start := time.Unix(1000, 0)
	data := []byte{1, 2}
	cost(b, FrameTime, func(n int) {
		due := start.Add(time.Duration(n) * FrameTime)
		j.push(due, data, due.Add(time.Duration(n%7)*time.Millisecond))
		j.take(due.Add(10*time.Millisecond), 0)
	})
}

func BenchmarkCostMix7(b *testing.B) {
	var m mixer
	var frame, out [FrameSamples]int16
	copy(frame[:], speech())
	cost(b, FrameTime, func(int) {
		for range costPeople {
			m.add(&frame)
		}
		m.mix(&out)
	})
}

// costSound is the sound of some people, as a player plays it.
type costSound struct {
	receivers []*AudioReceiver
	mix       mixer
	start     time.Time
}

func newCostSound(b *testing.B, people int) *costSound {
	s := &costSound{start: time.Unix(1000, 0)}
	for range people {
		r, err := newAudioReceiver(nil)
		if err != nil {
			b.Fatal(err)
		}
		s.receivers = append(s.receivers, r)
	}
	return s
}

func (s *costSound) one(n int) {
	var frame, out [FrameSamples]int16
	now := s.start.Add(time.Duration(n) * FrameTime)
	packets := lightPackets()
	for i, r := range s.receivers {
		r.jitter.push(now, packets[(n+i*31)%len(packets)], now)
		if r.read(&frame, now.Add(time.Millisecond)) {
			s.mix.add(&frame)
		}
		r.handedOver(now)
	}
	s.mix.mix(&out)
}

func BenchmarkCostHearSeven(b *testing.B) { cost(b, FrameTime, newCostSound(b, costPeople).one) }

// BenchmarkCostEightPeople is all of one phone, with the light sound codec: the network, capture and painting apart.
func BenchmarkCostEightPeople(b *testing.B) {
	for _, c := range []struct {
		name   string
		frames []*image.YCbCr
	}{{"camera", room()}, {"test picture", testPicture(b)}} {
		b.Run(c.name, func(b *testing.B) {
			full, small := newCostEncoder(b, FullSize, 450_000), newCostEncoder(b, SmallSize, 120_000)
			var see []*costDecoder
			for range costPeople {
				see = append(see, newCostDecoder(b, c.frames, FullSize, 450_000))
			}
			hear := newCostSound(b, costPeople)
			enc, err := opus.NewEncoder(opus.EncoderConfig{})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(enc.Close)
			if err := enc.SetLight(true); err != nil {
				b.Fatal(err)
			}
			pcm := speech()
			cost(b, 100*time.Millisecond, func(n int) {
				for i := range costRate / 10 {
					at := n*costRate/10 + i
					full.one(b, c.frames[at%len(c.frames)], at)
					small.one(b, c.frames[at%len(c.frames)], at)
					for _, d := range see {
						d.one(at)
					}
				}
				for i := range 5 {
					at := n*5 + i
					if _, err := enc.Encode((*[FrameSamples]int16)(pcm[at%(len(pcm)/FrameSamples)*FrameSamples:])); err != nil {
						b.Fatal(err)
					}
					hear.one(at)
				}
			})
		})
	}
}
