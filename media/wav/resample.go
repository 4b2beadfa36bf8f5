package wav

import "math"

const (
	// zeroCrossings of the sinc on each side: with the window below the transition band is about 4 % of the band.
	zeroCrossings = 32
	// kaiserBeta sets the stop band, here below −90 dB, under the noise of 16 bits.
	kaiserBeta = 9.0
)

// resample converts between two of the common rates with a polyphase windowed-sinc filter.
//
// With the rates reduced to up/down, output sample n lies at n·down/up input samples: at one of `up` phases between two
// input samples. For each phase the filter's taps are worked out once:
//
//	input    |     |     |     |     |     |
//	output   |    |    |    |    |    |          phase = (n·down) mod up
//
// When the rate falls, the sinc is stretched so that it also cuts what would fold back.
func resample(in []int16, from, to int) []int16 {
	if from == to {
		return in
	}
	g := gcd(from, to)
	up, down := to/g, from/g
	cutoff := math.Min(1, float64(up)/float64(down))
	half := int(math.Ceil(zeroCrossings / cutoff))
	taps := 2 * half
	table := make([]float32, up*taps)
	for phase := range up {
		row := table[phase*taps : (phase+1)*taps]
		offset := float64(phase) / float64(up)
		sum := 0.0
		for k := range row {
			x := float64(k-half+1) - offset // distance from the output sample, in input samples
			v := cutoff * sinc(cutoff*x) * kaiser(x/float64(half))
			row[k] = float32(v)
			sum += v
		}
		for k := range row { // exactly unity gain for each phase: no tone at the phases' rhythm
			row[k] = float32(float64(row[k]) / sum)
		}
	}
	out := make([]int16, (len(in)*up+down-1)/down)
	for n := range out {
		at := n * down
		first := at/up - half + 1
		row := table[at%up*taps : (at%up+1)*taps]
		var sum float32
		for k := max(0, -first); k < taps && first+k < len(in); k++ {
			sum += row[k] * float32(in[first+k])
		}
		out[n] = round(float64(sum))
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the window at x in −1..1.
func kaiser(x float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return bessel0(kaiserBeta*math.Sqrt(1-x*x)) / bessel0(kaiserBeta)
}

// bessel0 is the modified Bessel function of the first kind, order 0, by its power series.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
