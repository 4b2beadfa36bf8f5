package measure

import (
	"errors"
	"fmt"
	"math"
)

// Windows of speech are one second long. One counts as voiced when it is not silent by itself, nor beside the loudest.
const (
	windowSeconds = 1.0
	voicedFloor   = 0.005 // RMS, of full scale
	voicedShare   = 0.15  // of the loudest window's RMS
)

// Match is how well one voiced window of sent speech is found in what was received.
type Match struct {
	At          float64 // where the window begins in the sent sound, s
	Correlation float64 // the best normalised cross-correlation over all delays searched, -1 to 1
	Delay       float64 // the delay at which it was found, s, may be negative
}

// CompareSpeech looks for each voiced one-second window of the sent sound in the received one, up to search seconds
// away from where it was sent. Windows which the received sound is too short to hold are left out: the caller
// checks its length.
func CompareSpeech(sent, received Sound, search float64) ([]Match, error) {
	if sent.Rate != received.Rate {
		return nil, fmt.Errorf("sent at %d Hz, and received at %d Hz", sent.Rate, received.Rate)
	}
	length := int(windowSeconds * float64(sent.Rate))
	reach := int(search * float64(sent.Rate))
	if length == 0 || reach < 0 {
		return nil, errors.New("nothing to compare")
	}
	floor := voicedFloor
	for at := 0; at+length <= len(sent.Samples); at += length {
		floor = math.Max(floor, voicedShare*rms(sent.Samples[at:at+length]))
	}
	var matches []Match
	for at := 0; at+length <= len(sent.Samples); at += length {
		window := sent.Samples[at : at+length]
		if rms(window) < floor || at+length > len(received.Samples) {
			continue
		}
		from, to := max(0, at-reach), min(len(received.Samples), at+length+reach)
		best, offset := bestCorrelation(window, received.Samples[from:to])
		matches = append(matches, Match{
			At:          float64(at) / float64(sent.Rate),
			Correlation: best,
			Delay:       float64(from+offset-at) / float64(sent.Rate),
		})
	}
	return matches, nil
}

// bestCorrelation slides a over the longer b and returns the highest normalised cross-correlation and its offset.
func bestCorrelation(a, b []float64) (best float64, offset int) {
	size := 1
	for size < len(a)+len(b) {
		size <<= 1
	}
	fa, fb := make([]complex128, size), make([]complex128, size)
	energy := 0.0
	for i, v := range a {
		fa[i] = complex(v, 0)
		energy += v * v
	}
	for i, v := range b {
		fb[i] = complex(v, 0)
	}
	transform(fa, false)
	transform(fb, false)
	for i := range fa {
		fa[i] = fb[i] * complex(real(fa[i]), -imag(fa[i]))
	}
	transform(fa, true)

	sums := make([]float64, len(b)+1) // running energy of b
	for i, v := range b {
		sums[i+1] = sums[i] + v*v
	}
	silence := float64(len(a)) * 1e-8 // -80 dB: what is quieter matches nothing
	for i := 0; i+len(a) <= len(b); i++ {
		there := sums[i+len(a)] - sums[i]
		if there < silence || energy < silence {
			continue
		}
		if c := real(fa[i]) / math.Sqrt(energy*there); c > best {
			best, offset = c, i
		}
	}
	return best, offset
}

// Envelope is the sound's RMS in steps of 20 ms: what is left of speech that took a way of unsteady speed.
func Envelope(s Sound) Sound {
	const stepsPerSecond = 50
	step := s.Rate / stepsPerSecond
	out := Sound{Rate: stepsPerSecond, Samples: make([]float64, len(s.Samples)/step)}
	for i := range out.Samples {
		out.Samples[i] = rms(s.Samples[i*step : (i+1)*step])
	}
	return out
}

// CompareEnvelopes returns the best correlation coefficient (mean removed, -1 to 1) of two envelopes over delays of up to search
// seconds either way, and the delay.
func CompareEnvelopes(sent, received Sound, search float64) (best, delay float64) {
	reach := int(search * float64(sent.Rate))
	best = -1
	for lag := -reach; lag <= reach; lag++ {
		from, to := max(0, -lag), min(len(sent.Samples), len(received.Samples)-lag)
		if to-from < len(sent.Samples)/2 || to-from < 2 {
			continue
		}
		if c := pearson(sent.Samples[from:to], received.Samples[from+lag:to+lag]); c > best {
			best, delay = c, float64(lag)/float64(sent.Rate)
		}
	}
	return best, delay
}

func pearson(a, b []float64) float64 {
	var ma, mb float64
	for i := range a {
		ma += a[i] / float64(len(a))
		mb += b[i] / float64(len(b))
	}
	var ab, aa, bb float64
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

func rms(s []float64) float64 {
	sum := 0.0
	for _, v := range s {
		sum += v * v
	}
	return math.Sqrt(sum / math.Max(1, float64(len(s))))
}
