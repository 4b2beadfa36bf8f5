package media

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sine is a tone of an amplitude, n samples from a phase that goes on at sample `from`.
func sine(hertz, amplitude float64, from, n int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(amplitude * math.Sin(2*math.Pi*hertz*float64(from+i)/SampleRate))
	}
	return pcm
}

func noise(amplitude float64, n int) []int16 {
	r := rand.New(rand.NewPCG(3, 4))
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(amplitude * (2*r.Float64() - 1))
	}
	return pcm
}

// click is the biggest second difference, which is small for low tones and big where the sound jumps.
func click(pcm []int16) int {
	biggest := 0
	for i := 2; i < len(pcm); i++ {
		d := int(pcm[i]) - 2*int(pcm[i-1]) + int(pcm[i-2])
		biggest = max(biggest, d, -d)
	}
	return biggest
}

func TestTrueSoundIsNotTouched(t *testing.T) {
	var c concealer
	in := noise(8000, 20*FrameSamples)
	out := slices.Clone(in)
	for at := 0; at < len(out); at += FrameSamples {
		c.good(out[at:at+FrameSamples], at == 0)
	}
	if !slices.Equal(in, out) {
		t.Error("a stream without loss was changed")
	}
}

func TestALostFrameOfAVoiceIsFilledWithoutAClick(t *testing.T) {
	for _, hertz := range []float64{80, 123, 200, 333} {
		var c concealer
		in := sine(hertz, 8000, 0, 20*FrameSamples)
		out := slices.Clone(in)
		for n := range 20 {
			frame := out[n*FrameSamples : (n+1)*FrameSamples]
			if n == 10 {
				clear(frame)
				c.lost(frame)
				continue
			}
			c.good(frame, n == 0)
		}
		if got, natural := click(out), click(in); got > 3*natural+30 {
			t.Errorf("%v Hz: a click of %d where the tone itself has %d", hertz, got, natural)
		}
		lost := out[10*FrameSamples : 11*FrameSamples]
		if got, want := meanSquare(lost), meanSquare(in[10*FrameSamples:11*FrameSamples]); got < want/2 || got > want {
			t.Errorf("%v Hz: the made-up frame has power %.0f, the lost one %.0f", hertz, got, want)
		}
		var dot, a, b float64
		for i, v := range lost {
			x, y := float64(v), float64(in[10*FrameSamples+i])
			dot, a, b = dot+x*y, a+x*x, b+y*y
		}
		if match := dot / math.Sqrt(a*b); match < 0.9 {
			t.Errorf("%v Hz: the made-up frame matches the lost one by %.2f only", hertz, match)
		}
	}
}

func TestMadeUpSoundFallsSilentAfterAHundredMilliseconds(t *testing.T) {
	for name, sound := range map[string][]int16{"voice": sine(150, 8000, 0, 5*FrameSamples), "noise": noise(8000, 5*FrameSamples)} {
		var c concealer
		for at := 0; at < len(sound); at += FrameSamples {
			c.good(sound[at:at+FrameSamples], at == 0)
		}
		before := meanSquare(sound)
		var frame [FrameSamples]int16
		for n := range 8 {
			c.lost(frame[:])
			power := meanSquare(frame[:])
			if power > before {
				t.Errorf("%s: frame %d is louder than the one before", name, n)
			}
			if n >= 5 && power != 0 {
				t.Errorf("%s: frame %d is still heard", name, n)
			}
			if n == 0 && power < before/4 {
				t.Errorf("%s: the first frame is hardly heard", name)
			}
			before = power
		}
	}
}

func TestSilenceIsConcealedBySilence(t *testing.T) {
	var c concealer
	var frame [FrameSamples]int16
	c.good(frame[:], true)
	c.lost(frame[:])
	if meanSquare(frame[:]) != 0 {
		t.Error("silence was filled with sound")
	}
}

// after is a frame behind other sound.
func after(before, frame []int16) *[historySamples]int16 {
	all := slices.Concat(make([]int16, historySamples), before, frame)
	return (*[historySamples]int16)(all[len(all)-historySamples:])
}

func TestStretchingKeepsThePitchAndDoesNotClick(t *testing.T) {
	for _, hertz := range []float64{70, 90, 110, 150, 220, 390} {
		before := sine(hertz, 8000, 0, 2*FrameSamples)
		frame := sine(hertz, 8000, 2*FrameSamples, FrameSamples)
		behind := sine(hertz, 8000, 3*FrameSamples, FrameSamples)
		natural := click(before)
		var s stretcher
		for name, pcm := range map[string][]int16{
			"shorten":  slices.Clone(s.shorten(after(before, frame), false)),
			"lengthen": slices.Clone(s.lengthen(after(before, frame), false)),
		} {
			by, most := len(pcm)-FrameSamples, lengthenMost
			if name == "shorten" {
				by, most = -by, shortenMost
				if hertz < SampleRate/shortenMost {
					most = 0 // two periods are longer than the frame
				}
			}
			if by < min(pitchLeast, most) || by > most {
				t.Errorf("%s %v Hz: by %d samples", name, hertz, by)
				continue
			}
			all := slices.Concat(before, pcm, behind)
			if got := click(all); got > 2*natural+40 {
				t.Errorf("%s %v Hz: a click of %d where the tone itself has %d", name, hertz, got, natural)
			}
			// A whole number of periods.
			if periods := float64(by) * hertz / SampleRate; math.Abs(periods-math.Round(periods)) > 0.05 {
				t.Errorf("%s %v Hz: by %.2f periods", name, hertz, periods)
			}
		}
	}
}

func TestWhatCannotBeStretchedUnheardIsLeftAlone(t *testing.T) {
	var s stretcher
	heard := [historySamples]int16(noise(8000, historySamples))
	frame := heard[historySamples-FrameSamples:]
	if got := s.shorten(&heard, false); !slices.Equal(got, frame) {
		t.Errorf("noise was shortened to %d samples, or changed", len(got))
	}
	if got := s.lengthen(&heard, false); !slices.Equal(got, frame) {
		t.Errorf("noise was lengthened to %d samples, or changed", len(got))
	}
	if got := s.shorten(&heard, true); len(got) >= FrameSamples {
		t.Errorf("noise was not shortened though it had to be")
	}
	if got := s.lengthen(&heard, true); len(got) <= FrameSamples {
		t.Errorf("noise was not lengthened though it had to be")
	}
}

func TestSilenceIsStretchedMost(t *testing.T) {
	var s stretcher
	var heard [historySamples]int16
	if got := len(s.shorten(&heard, false)); got != FrameSamples-shortenMost {
		t.Errorf("shortened to %d samples", got)
	}
	if got := len(s.lengthen(&heard, false)); got != FrameSamples+lengthenMost {
		t.Errorf("lengthened to %d samples", got)
	}
	// Silence behind a word is not lengthened with the word's end.
	copy(heard[:historySamples-FrameSamples], sine(150, 8000, 0, historySamples))
	if got := s.lengthen(&heard, false); len(got) != FrameSamples {
		t.Errorf("the end of a word is heard again, within %d samples", len(got))
	}
}

// FuzzConcealment drives the sound part of the jitter buffer with any sound.
func FuzzConcealment(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 255, 128, 7}, uint64(5))
	f.Add([]byte{1}, uint64(0))
	f.Fuzz(func(t *testing.T, ops []byte, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		var (
			c     concealer
			s     stretcher
			frame [FrameSamples]int16
		)
		for _, op := range ops[:min(len(ops), 40)] {
			for i := range frame {
				frame[i] = int16(r.Uint32() >> (op >> 4))
			}
			switch op % 5 {
			case 0:
				c.lost(frame[:])
			case 1:
				c.good(frame[:], op&8 != 0)
			case 2:
				c.quiet()
			case 3:
				if n := len(s.shorten(&c.history, op&8 != 0)); n > FrameSamples || n < FrameSamples-shortenMost {
					t.Fatalf("shortened to %d", n)
				}
			case 4:
				if n := len(s.lengthen(&c.history, op&8 != 0)); n < FrameSamples || n > FrameSamples+lengthenMost {
					t.Fatalf("lengthened to %d", n)
				}
			}
		}
	})
}

func BenchmarkConceal(b *testing.B) {
	var c concealer
	frame := sine(150, 8000, 0, FrameSamples)
	b.ReportAllocs()
	for b.Loop() {
		c.good(frame, false)
		c.lost(frame)
	}
}

func BenchmarkShorten(b *testing.B) {
	var s stretcher
	heard := [historySamples]int16(sine(150, 8000, 0, historySamples))
	b.ReportAllocs()
	for b.Loop() {
		s.shorten(&heard, false)
	}
}

func BenchmarkLengthen(b *testing.B) {
	var s stretcher
	heard := [historySamples]int16(sine(150, 8000, 0, historySamples))
	b.ReportAllocs()
	for b.Loop() {
		s.lengthen(&heard, false)
	}
}
