package media

import (
	"math"
	"math/cmplx"
	"slices"
	"testing"
)

const (
	spectralHop   = SampleRate / 400 // 2.5 ms: stretching moves sound by parts of a frame
	spectralPiece = SampleRate / 50  // 20 ms are looked at together
	spectralSize  = 1024
	spectralBands = 20
	spectralReach = 160 // hops by which sound may have been moved: 400 ms
)

// spectrum is the loudness of a moment in bands of the mel scale from 100 Hz to 8 kHz, dB. What is softer than 65 dB below full scale is
// as good as silent.
type spectrum [spectralBands]float64

func spectra(pcm []int16) (all []spectrum) {
	mel := func(hertz float64) float64 { return 2595 * math.Log10(1+hertz/700) }
	low, high := mel(100), mel(8000)
	var bands [spectralSize / 2]int
	for i := range bands {
		bands[i] = int(math.Floor(spectralBands * (mel(float64(i)*SampleRate/spectralSize) - low) / (high - low)))
	}
	var window [spectralPiece]float64
	for i := range window {
		window[i] = (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/spectralPiece)) / 32768
	}
	turns := make([]complex128, spectralSize/2)
	for i := range turns {
		turns[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/spectralSize)
	}
	line, spare := make([]complex128, spectralSize), make([]complex128, spectralSize)
	for at := 0; at+spectralPiece <= len(pcm); at += spectralHop {
		clear(line)
		for i, w := range window {
			line[i] = complex(float64(pcm[at+i])*w, 0)
		}
		fourier(line, spare, turns, 1)
		var power, s spectrum
		for i, band := range bands {
			if band >= 0 && band < spectralBands {
				power[band] += real(line[i])*real(line[i]) + imag(line[i])*imag(line[i])
			}
		}
		for i, p := range power {
			s[i] = 10 * math.Log10(p/(spectralSize*spectralPiece/4)+3e-7)
		}
		all = append(all, s)
	}
	return all
}

// fourier transforms in place; the length is a power of two. turns are those of a whole transform, of which each step-th counts.
func fourier(x, spare, turns []complex128, step int) {
	if len(x) == 1 {
		return
	}
	half := len(x) / 2
	for i := range half {
		spare[i], spare[i+half] = x[2*i], x[2*i+1]
	}
	fourier(spare[:half], x[:half], turns, 2*step)
	fourier(spare[half:], x[half:], turns, 2*step)
	for i := range half {
		turned := turns[i*step] * spare[i+half]
		x[i], x[i+half] = spare[i]+turned, spare[i]-turned
	}
}

// spectralDistance is how much two sounds differ, dB: the mean of their spectra's distance along the way of aligning them in time that makes it least
// (dynamic time warping), as for synthetic voices. So only what is heard counts and not when: sound that is stretched well is near, sound that
// is made up, left out or clicks is far. Both begin together; one may end earlier.
func spectralDistance(a, b []int16) float64 {
	x, y := spectra(a), spectra(b)
	n := min(len(x), len(y))
	type way struct{ sum, steps float64 }
	before, now := make([]way, n), make([]way, n)
	far := way{math.Inf(1), 1}
	best := far
	for i := range n {
		for j := range now {
			now[j] = far
		}
		for j := max(0, i-spectralReach); j <= min(n-1, i+spectralReach); j++ {
			sum := 0.0
			for band := range spectralBands {
				d := x[i][band] - y[j][band]
				sum += d * d
			}
			from := way{}
			if i+j > 0 {
				from = far
				for _, w := range [...]struct {
					ok bool
					i  []way
					j  int
				}{{i > 0 && j > 0, before, j - 1}, {i > 0, before, j}, {j > 0, now, j - 1}} {
					if w.ok && w.i[w.j].sum < from.sum {
						from = w.i[w.j]
					}
				}
			}
			now[j] = way{from.sum + math.Sqrt(sum/spectralBands), from.steps + 1}
			if (i == n-1 || j == n-1) && now[j].sum/now[j].steps < best.sum/best.steps {
				best = now[j]
			}
		}
		before, now = now, before
	}
	return best.sum / best.steps
}

func TestTheSpectralDistanceHearsWhatIsHeard(t *testing.T) {
	said := speech()[:2*SampleRate]
	changed := func(change func(sound []int16, at int)) float64 {
		sound := slices.Clone(said)
		for at := SampleRate / 2; at+FrameSamples < len(sound); at += 10 * FrameSamples {
			change(sound, at)
		}
		return spectralDistance(said, sound)
	}
	same := spectralDistance(said, said)
	later := spectralDistance(said, speech()[FrameSamples+100:2*SampleRate+FrameSamples+100])
	holes := changed(func(sound []int16, at int) { clear(sound[at : at+FrameSamples]) })
	clicks := changed(func(sound []int16, at int) { sound[at] = 32767 })
	t.Logf("the same %.3f dB; 22 ms later %.3f dB; of each tenth frame missing %.3f dB, with a click %.3f dB", same, later, holes, clicks)
	if same != 0 || later > holes/3 || later > clicks/3 {
		t.Errorf("the same %.3f dB; 22 ms later %.3f dB; of each tenth frame missing %.3f dB, with a click %.3f dB", same, later, holes, clicks)
	}
}
