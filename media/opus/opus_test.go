package opus

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pion/opus"
)

// voice is a gliding tone of 30 harmonics with a syllable rhythm, much like a vowel to the codec.
func voice(frames int) []int16 {
	pcm := make([]int16, frames*FrameSamples)
	phase := 0.0
	for i := range pcm {
		t := float64(i) / SampleRate
		phase += 2 * math.Pi * (120 + 40*math.Sin(2*math.Pi*0.7*t)) / SampleRate
		var v float64
		for h := 1; h <= 30; h++ {
			v += math.Sin(float64(h)*phase) / float64(h)
		}
		pcm[i] = int16(4000 * v * (0.55 + 0.45*math.Sin(2*math.Pi*3*t)))
	}
	return pcm
}

// correlation is the best normalised cross-correlation of a with b delayed by up to 20 ms.
func correlation(a, b []int16) float64 {
	best := 0.0
	for lag := range FrameSamples {
		var ab, aa, bb float64
		for i := 0; i+lag < min(len(a), len(b)); i += 2 {
			x, y := float64(a[i]), float64(b[i+lag])
			ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
		}
		best = max(best, ab/math.Sqrt(aa*bb+1))
	}
	return best
}

func TestDecodedSoundIsTheSoundThatWasEncoded(t *testing.T) {
	const frames = 60
	for _, cfg := range []EncoderConfig{
		{},
		{Bitrate: 24_000},
		{FEC: true, LossPercent: 10},
		{DTX: true},
	} {
		enc, err := NewEncoder(cfg)
		if err != nil {
			t.Fatal(err)
		}
		dec, err := NewDecoder()
		if err != nil {
			t.Fatal(err)
		}
		in := voice(frames)
		var out []int16
		bytes := 0
		for i := range frames {
			packet, err := enc.Encode((*[FrameSamples]int16)(in[i*FrameSamples:]))
			if err != nil {
				t.Fatal(err)
			}
			bytes += len(packet)
			var pcm [FrameSamples]int16
			if err := dec.Decode(packet, &pcm); err != nil {
				t.Fatalf("%+v: frame %d: %v", cfg, i, err)
			}
			out = append(out, pcm[:]...)
		}
		if c := correlation(in[FrameSamples*10:], out[FrameSamples*10:]); c < 0.9 {
			t.Errorf("%+v: correlation %.3f, want 0.9 or more", cfg, c)
		}
		want := cfg.Bitrate
		if want == 0 {
			want = DefaultBitrate
		}
		if got := bytes * 8 * 50 / frames; got < want/2 || got > want*5/4 {
			t.Errorf("%+v: %d bit/s (the rate is variable, but not that much)", cfg, got)
		}
		enc.Close()
	}
}

func TestDTXSendsNextToNothingInSilence(t *testing.T) {
	enc, err := NewEncoder(EncoderConfig{DTX: true})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	var silence [FrameSamples]int16
	small := 0
	for range 100 {
		packet, err := enc.Encode(&silence)
		if err != nil {
			t.Fatal(err)
		}
		if len(packet) <= 2 {
			small++
		}
	}
	if small < 50 {
		t.Errorf("%d of 100 packets of silence are tiny, want most", small)
	}
}

func TestBitrateFollowsTheSetting(t *testing.T) {
	enc, err := NewEncoder(EncoderConfig{Bitrate: 16_000})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	in := voice(50)
	size := func() (n int) {
		for i := range 50 {
			packet, err := enc.Encode((*[FrameSamples]int16)(in[i*FrameSamples:]))
			if err != nil {
				t.Fatal(err)
			}
			n += len(packet)
		}
		return n * 8
	}
	low := size()
	if err := enc.SetBitrate(64_000); err != nil {
		t.Fatal(err)
	}
	if high := size(); high < 3*low {
		t.Errorf("%d bit/s after raising the rate from %d", high, low)
	}
}

func TestTheLightModeIsTheTransformCodecAndSoundsAsWell(t *testing.T) {
	enc, err := NewEncoder(EncoderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	dec, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	in := voice(150)
	var out []int16
	for i := range 150 {
		light := i >= 50 && i < 100 // and back, in mid-call
		if err := enc.SetLight(light); err != nil {
			t.Fatal(err)
		}
		packet, err := enc.Encode((*[FrameSamples]int16)(in[i*FrameSamples:]))
		if err != nil {
			t.Fatal(err)
		}
		if config := packet[0] >> 3; light && i > 52 && config < 16 {
			t.Errorf("packet %d has configuration %d, which is not CELT", i, config)
		}
		var pcm [FrameSamples]int16
		if err := dec.Decode(packet, &pcm); err != nil {
			t.Fatal(err)
		}
		out = append(out, pcm[:]...)
	}
	for _, from := range []int{10, 60, 110} {
		if c := correlation(in[from*FrameSamples:(from+35)*FrameSamples], out[from*FrameSamples:(from+35)*FrameSamples]); c < 0.9 {
			t.Errorf("from packet %d on the correlation is %.3f", from, c)
		}
	}
	enc.Close()
	if err := enc.SetLight(true); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestBadEncoderSettingsAreRefused(t *testing.T) {
	for _, bitrate := range []int{-1, 100, MaxBitrate + 1} {
		if _, err := NewEncoder(EncoderConfig{Bitrate: bitrate}); !errors.Is(err, ErrBitrate) {
			t.Errorf("%d bit/s: %v", bitrate, err)
		}
	}
	enc, err := NewEncoder(EncoderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := enc.SetBitrate(1); !errors.Is(err, ErrBitrate) {
		t.Error(err)
	}
	for range 2 {
		enc.Close()
	}
	if _, err := enc.Encode(new([FrameSamples]int16)); !errors.Is(err, ErrClosed) {
		t.Errorf("encoding after Close: %v", err)
	}
	if err := enc.SetBitrate(32_000); !errors.Is(err, ErrClosed) {
		t.Errorf("setting after Close: %v", err)
	}
}

func TestPacketsThatAreNotTwentyMillisecondsAreRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		packet []byte
		want   error
	}{
		{"nothing", nil, ErrEmpty},
		{"too long", make([]byte, MaxPacketBytes+1), ErrTooLong},
		{"SILK 10 ms", []byte{0 << 3, 1, 2, 3}, ErrDuration},
		{"SILK 60 ms", []byte{3 << 3, 1, 2, 3}, ErrDuration},
		{"hybrid 10 ms", []byte{14 << 3, 1, 2, 3}, ErrDuration},
		{"CELT 2.5 ms", []byte{28 << 3, 1, 2, 3}, ErrDuration},
		{"two of 20 ms", []byte{31<<3 | 1, 1, 2, 3, 4}, ErrDuration},
		{"48 of 2.5 ms", []byte{28<<3 | 3, 48, 1, 2}, ErrDuration},
		{"no count", []byte{31<<3 | 3}, ErrMalformed},
		{"count of none", []byte{31<<3 | 3, 0}, ErrMalformed},
		{"two frames in an odd number of bytes", []byte{30<<3 | 1, 1, 2, 3}, ErrMalformed},
	} {
		dec, err := NewDecoder()
		if err != nil {
			t.Fatal(err)
		}
		var pcm [FrameSamples]int16
		if err := dec.Decode(c.packet, &pcm); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestTheDecoderGoesOnAfterGarbage(t *testing.T) {
	enc, err := NewEncoder(EncoderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	dec, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	garbage := make([]byte, 80)
	in := voice(40)
	var out, pcm [FrameSamples]int16
	for i := range 40 {
		for j := range garbage {
			garbage[j] = byte(r.Uint32())
		}
		if i < 20 {
			_ = dec.Decode(garbage, &pcm) // whether random bytes are a packet is chance
		}
		packet, err := enc.Encode((*[FrameSamples]int16)(in[i*FrameSamples:]))
		if err != nil {
			t.Fatal(err)
		}
		if err := dec.Decode(packet, &out); err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
	}
	if c := correlation(in[39*FrameSamples-400:], out[:]); c < 0.8 {
		t.Errorf("correlation %.2f, 20 frames after garbage", c)
	}
}

func FuzzDecode(f *testing.F) {
	enc, err := NewEncoder(EncoderConfig{})
	if err != nil {
		f.Fatal(err)
	}
	in := voice(3)
	for i := range 3 {
		packet, err := enc.Encode((*[FrameSamples]int16)(in[i*FrameSamples:]))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append([]byte(nil), packet...), append([]byte(nil), packet[:len(packet)/2]...))
	}
	enc.Close()
	f.Add([]byte{1 << 3}, []byte{31<<3 | 3, 0x41, 5})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		dec, err := NewDecoder()
		if err != nil {
			t.Fatal(err)
		}
		for _, packet := range [][]byte{a, b, a} { // state carries over
			var pcm [FrameSamples]int16
			err := dec.Decode(packet, &pcm)
			if err == nil && Check(packet) != nil {
				t.Fatal("a packet that fails the check was decoded")
			}
			typed := err == nil
			for _, known := range []error{ErrEmpty, ErrTooLong, ErrDuration, ErrMalformed} {
				typed = typed || errors.Is(err, known)
			}
			if !typed {
				t.Fatalf("untyped error: %v", err)
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	enc, err := NewEncoder(EncoderConfig{})
	if err != nil {
		b.Fatal(err)
	}
	defer enc.Close()
	in := voice(50)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := enc.Encode((*[FrameSamples]int16)(in[i%50*FrameSamples:])); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	enc, err := NewEncoder(EncoderConfig{})
	if err != nil {
		b.Fatal(err)
	}
	defer enc.Close()
	in := voice(50)
	var packets [][]byte
	for i := range 50 {
		packet, err := enc.Encode((*[FrameSamples]int16)(in[i*FrameSamples:]))
		if err != nil {
			b.Fatal(err)
		}
		packets = append(packets, append([]byte(nil), packet...))
	}
	dec, err := NewDecoder()
	if err != nil {
		b.Fatal(err)
	}
	var pcm [FrameSamples]int16
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := dec.Decode(packets[i%50], &pcm); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSilenceThatIsNotDecodedChangesNothing(t *testing.T) {
	for _, light := range []bool{false, true} {
		enc, err := NewEncoder(EncoderConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer enc.Close()
		if err := enc.SetLight(light); err != nil {
			t.Fatal(err)
		}
		dec, err := NewDecoder()
		if err != nil {
			t.Fatal(err)
		}
		all, err := opus.NewDecoderWithOutput(SampleRate, 1)
		if err != nil {
			t.Fatal(err)
		}
		pcm, quiet := voice(100), 0
		for n := range 100 {
			frame := (*[FrameSamples]int16)(pcm[n*FrameSamples:])
			if n%25 >= 10 { // four times 0.2 s of voice, and 0.3 s of nothing
				*frame = [FrameSamples]int16{}
			}
			packet, err := enc.Encode(frame)
			if err != nil {
				t.Fatal(err)
			}
			var got, want [FrameSamples]int16
			if err := dec.Decode(packet, &got); err != nil {
				t.Fatal(err)
			}
			if _, err := all.DecodeToInt16(packet, want[:]); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Fatalf("light %v: frame %d is another", light, n)
			}
			if dec.zero {
				quiet++
			}
		}
		if light && quiet < 20 || quiet > 60 {
			t.Errorf("light %v: %d silent frames", light, quiet)
		}
	}
}
