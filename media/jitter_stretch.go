package media

const (
	// stretchMost is the most by which a frame is shortened or lengthened: half of it, since two periods have to fit.
	stretchMost = FrameSamples / 2
	// stretchMatch is how alike two pitch periods must be for one of them not to be missed.
	stretchMatch = 0.85
	// stretchQuiet is the power (mean square) below which nobody hears a change: −48 dB of full scale.
	stretchQuiet = 130 * 130
)

// stretcher shortens and lengthens frames by one pitch period (waveform similarity overlap-add), so that the
// pitch stays and nothing clicks:
//
//	frame      AAAA BBBB rest        A and B: neighbouring periods
//	shorter    A→B  rest             A fades into B
//	longer     AAAA B→A  BBBB rest   B fades into A, which leads to B again
type stretcher struct {
	out    [FrameSamples + stretchMost]int16
	coarse [FrameSamples / pitchCoarse]float32
}

// shorten returns the frame with a period less, or the frame itself where that would be heard, unless hard is set.
// The result is valid until the next call.
func (s *stretcher) shorten(frame *[FrameSamples]int16, hard bool) []int16 {
	p := s.period(frame, hard)
	if p == 0 {
		return frame[:]
	}
	fade(s.out[:p], frame[:p], frame[p:2*p])
	n := p + copy(s.out[p:], frame[2*p:])
	return s.out[:n]
}

// lengthen returns the frame with a period more, or the frame itself where that would be heard.
func (s *stretcher) lengthen(frame *[FrameSamples]int16) []int16 {
	p := s.period(frame, false)
	if p == 0 {
		return frame[:]
	}
	copy(s.out[:p], frame[:p])
	fade(s.out[p:2*p], frame[p:2*p], frame[:p])
	n := 2*p + copy(s.out[2*p:], frame[p:])
	return s.out[:n]
}

// fade goes from a to b.
func fade(out, a, b []int16) {
	for i := range out {
		w := (float32(i) + 0.5) / float32(len(out))
		out[i] = int16(float32(a[i])*(1-w) + float32(b[i])*w)
	}
}

// period is the length of the pitch period at the beginning of a frame, 0 if there is none that is alike enough.
func (s *stretcher) period(frame *[FrameSamples]int16, hard bool) int {
	if meanSquare(frame[:]) < stretchQuiet {
		return stretchMost
	}
	for i := range s.coarse {
		var sum int32
		for _, v := range frame[i*pitchCoarse : (i+1)*pitchCoarse] {
			sum += int32(v)
		}
		s.coarse[i] = float32(sum)
	}
	near, match := 0, -1.0
	for lag := pitchLeast / pitchCoarse; lag <= stretchMost/pitchCoarse; lag++ {
		if m := match32(s.coarse[:lag], s.coarse[lag:2*lag]); m > match {
			near, match = lag*pitchCoarse, m
		}
	}
	if match < stretchMatch && !hard {
		return 0
	}
	period, best := near, -1.0
	for lag := max(near-pitchCoarse, pitchLeast); lag <= min(near+pitchCoarse, stretchMost); lag++ {
		if m := match16(frame[:lag], frame[lag:2*lag]); m > best {
			period, best = lag, m
		}
	}
	return period
}
