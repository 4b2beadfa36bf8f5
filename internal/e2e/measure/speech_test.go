package measure

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

const rate = 4000

// speech is something like it: bursts of a wandering tone with overtones, different in every second, and pauses.
func speech(seconds int, seed uint64) Sound {
	random := rand.New(rand.NewPCG(seed, seed))
	s := Sound{Rate: rate, Samples: make([]float64, seconds*rate)}
	phase, pitch, loud := 0.0, 120.0, 0.0
	for i := range s.Samples {
		if i%(rate/8) == 0 { // a syllable
			pitch, loud = 90+random.Float64()*160, random.Float64()*0.2
		}
		phase += 2 * math.Pi * pitch / rate
		s.Samples[i] = loud * (math.Sin(phase) + 0.5*math.Sin(2.01*phase) + 0.3*math.Sin(5.03*phase))
	}
	return s
}

func noise(seconds int, level float64) Sound {
	random := rand.New(rand.NewPCG(9, 9))
	s := Sound{Rate: rate, Samples: make([]float64, seconds*rate)}
	for i := range s.Samples {
		s.Samples[i] = level * random.NormFloat64()
	}
	return s
}

// later is s behind so many seconds of silence (or, below 0, without its beginning).
func later(s Sound, seconds float64) Sound {
	n := int(seconds * float64(s.Rate))
	if n < 0 {
		return Sound{Rate: s.Rate, Samples: s.Samples[-n:]}
	}
	return Sound{Rate: s.Rate, Samples: append(make([]float64, n), s.Samples...)}
}

func sum(a, b Sound) Sound {
	out := Sound{Rate: a.Rate, Samples: make([]float64, len(a.Samples))}
	for i := range out.Samples {
		out.Samples[i] = a.Samples[i] + b.Samples[i]
	}
	return out
}

// chopped silences every second stretch of 20 ms: what half of the packets lost would leave.
func chopped(s Sound) Sound {
	out := Sound{Rate: s.Rate, Samples: append([]float64(nil), s.Samples...)}
	for i := range out.Samples {
		if i/(s.Rate/50)%2 == 1 {
			out.Samples[i] = 0
		}
	}
	return out
}

// reordered swaps neighbouring stretches of 60 ms.
func reordered(s Sound) Sound {
	out := Sound{Rate: s.Rate, Samples: append([]float64(nil), s.Samples...)}
	n := s.Rate * 60 / 1000
	for i := 0; i+2*n <= len(out.Samples); i += 2 * n {
		copy(out.Samples[i:i+n], s.Samples[i+n:i+2*n])
		copy(out.Samples[i+n:i+2*n], s.Samples[i:i+n])
	}
	return out
}

func scaled(s Sound, by float64) Sound {
	out := Sound{Rate: s.Rate, Samples: make([]float64, len(s.Samples))}
	for i, v := range s.Samples {
		out.Samples[i] = v * by
	}
	return out
}

func TestCompareSpeech(t *testing.T) {
	sent := speech(8, 1)
	const mark = 0.9
	for _, c := range []struct {
		name     string
		received Sound
		good     bool
	}{
		{"as sent", sent, true},
		{"half as loud", scaled(sent, 0.5), true},
		{"0.3 s later", later(sent, 0.3), true},
		{"beginning missed", later(sent, -0.4), true},
		{"with a little noise", sum(sent, noise(8, 0.01)), true},
		{"later than searched", later(sent, 3), false},
		{"as much noise as speech", sum(sent, noise(8, 0.12)), false},
		{"noise", noise(8, 0.1), false},
		{"somebody else", speech(8, 2), false},
		{"silence", Sound{Rate: rate, Samples: make([]float64, 8*rate)}, false},
		{"every second packet lost", chopped(sent), false},
		{"packets swapped", reordered(sent), false},
		{"upside down", scaled(sent, -1), false},
	} {
		matches, err := CompareSpeech(sent, c.received, 1.5)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(matches) < 6 {
			t.Errorf("%s: only %d voiced windows", c.name, len(matches))
		}
		var all []float64
		for _, m := range matches {
			if m.Correlation < -1 || m.Correlation > 1+1e-9 {
				t.Errorf("%s: a correlation of %v", c.name, m.Correlation)
			}
			all = append(all, m.Correlation)
		}
		if m := Median(all); m >= mark != c.good {
			t.Errorf("%s: median correlation %.3f", c.name, m)
		}
	}
}

func TestTheDelayOfSpeechIsFound(t *testing.T) {
	sent := speech(5, 3)
	for _, delay := range []float64{-0.5, 0, 0.125, 1.25} {
		matches, err := CompareSpeech(sent, later(sent, delay), 1.5)
		if err != nil {
			t.Fatal(err)
		}
		var delays []float64
		for _, m := range matches {
			delays = append(delays, m.Delay)
		}
		if got := Median(delays); math.Abs(got-delay) > 0.001 {
			t.Errorf("delayed by %.3f s, found at %.3f s", delay, got)
		}
	}
}

func TestPausesAreNotCompared(t *testing.T) {
	quiet := speech(2, 4)
	pause := Sound{Rate: rate, Samples: append(quiet.Samples, make([]float64, 3*rate)...)}
	matches, err := CompareSpeech(pause, pause, 1)
	if err != nil || len(matches) != 2 {
		t.Errorf("%d windows compared of 2 s speech and 3 s pause (%v)", len(matches), err)
	}
}

func TestSoundsOfDifferentRatesAreNotCompared(t *testing.T) {
	if _, err := CompareSpeech(speech(2, 1), Sound{Rate: 2 * rate, Samples: make([]float64, 4*rate)}, 1); err == nil {
		t.Error("no error")
	}
}

func TestCompareEnvelopes(t *testing.T) {
	sent := speech(8, 5)
	for _, c := range []struct {
		name     string
		received Sound
		from, to float64
	}{
		{"as sent", sent, 0.999, 1},
		{"later", later(sent, 0.6), 0.99, 1},
		{"quieter", scaled(sent, 0.2), 0.999, 1},
		{"somebody else", speech(8, 6), -1, 0.6},
		{"noise", noise(8, 0.1), -1, 0.4},
		{"silence", Sound{Rate: rate, Samples: make([]float64, 8*rate)}, -1, 0},
	} {
		got, _ := CompareEnvelopes(Envelope(sent), Envelope(c.received), 1.5)
		if got < c.from || got > c.to+1e-9 {
			t.Errorf("%s: %.3f, want %.3f to %.3f", c.name, got, c.from, c.to)
		}
	}
	if _, delay := CompareEnvelopes(Envelope(sent), Envelope(later(sent, 0.6)), 1.5); math.Abs(delay-0.6) > 0.021 {
		t.Errorf("delayed by 0.6 s, found at %.2f s", delay)
	}
}

func TestTheTransformIsTheFourierTransform(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for _, n := range []int{1, 2, 8, 64} {
		x, want := make([]complex128, n), make([]complex128, n)
		for i := range x {
			x[i] = complex(random.NormFloat64(), random.NormFloat64())
		}
		for k := range want {
			for i, v := range x {
				want[k] += v * cmplx.Rect(1, -2*math.Pi*float64(k*i)/float64(n))
			}
		}
		got := append([]complex128(nil), x...)
		transform(got, false)
		for k := range got {
			if cmplx.Abs(got[k]-want[k]) > 1e-9 {
				t.Fatalf("length %d, line %d: %v, want %v", n, k, got[k], want[k])
			}
		}
		transform(got, true)
		for i := range got {
			if cmplx.Abs(got[i]-x[i]) > 1e-9 {
				t.Fatalf("length %d: there and back changed sample %d", n, i)
			}
		}
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		values []float64
		q      float64
		want   float64
	}{
		{[]float64{3, 1, 2}, 0.5, 2},
		{[]float64{4, 1, 3, 2}, 0.5, 2.5},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.9, 10},
		{[]float64{7}, 1, 7},
	} {
		if got := Quantile(c.values, c.q); got != c.want {
			t.Errorf("quantile %.1f of %v is %v, want %v", c.q, c.values, got, c.want)
		}
	}
	if !math.IsNaN(Median(nil)) || !math.IsNaN(Mean(nil)) {
		t.Error("nothing has a median or a mean")
	}
}
