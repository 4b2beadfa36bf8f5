package media

const (
	// shortenMost is the most by which a frame is shortened: half of it, since two periods have to fit.
	shortenMost = FrameSamples / 2
	// lengthenMost is the most by which a frame is lengthened: the longest period of a voice, for the other one lies before the frame.
	lengthenMost = pitchMost
	// stretchMatch is how alike two pitch periods must be for one of them not to be missed.
	stretchMatch = 0.85
	// stretchQuiet is the power (mean square) below which nobody hears a change: −48 dB of full scale.
	stretchQuiet = 130 * 130
)

// stretcher shortens and lengthens frames by pitch periods (waveform similarity overlap-add), so that the
// pitch stays and nothing clicks:
//
//	         before │ frame
//	shorter         │ A→B  rest             of AAAA BBBB rest: A and B are neighbouring periods, and A fades into B
//	longer     AAAA │ B→A  BBBB rest        of AAAA │ BBBB rest: B fades into A, which leads to B again
//
// Several periods are taken for one where they are as much alike.
type stretcher struct {
	out    [FrameSamples + lengthenMost]int16
	coarse [max(FrameSamples, 2*lengthenMost) / pitchCoarse]float32
}

// shorten returns the newest frame of what was heard with periods less, or the frame itself where that would be heard, unless hard is set.
// The result is valid until the next call.
func (s *stretcher) shorten(heard *[historySamples]int16, hard bool) []int16 {
	frame := heard[historySamples-FrameSamples:]
	p := s.period(frame, shortenMost, func(lag int) int { return lag }, hard)
	if p == 0 {
		return append(s.out[:0], frame...)
	}
	fade(s.out[:p], frame[:p], frame[p:2*p])
	n := p + copy(s.out[p:], frame[2*p:])
	return s.out[:n]
}

// lengthen returns the newest frame of what was heard with periods more, or the frame itself where that would be heard, unless hard is set.
func (s *stretcher) lengthen(heard *[historySamples]int16, hard bool) []int16 {
	const begins = historySamples - FrameSamples
	p := s.period(heard[begins-lengthenMost:begins+lengthenMost], lengthenMost, func(int) int { return lengthenMost }, hard)
	fade(s.out[:p], heard[begins:begins+p], heard[begins-p:begins])
	n := p + copy(s.out[p:], heard[begins:])
	return s.out[:n]
}

// fade goes from a to b.
func fade(out, a, b []int16) {
	for i := range out {
		w := (float32(i) + 0.5) / float32(len(out))
		out[i] = int16(float32(a[i])*(1-w) + float32(b[i])*w)
	}
}

// period is how long two neighbouring pieces are that are alike, at most most; where the second begins depends on it. 0: there are none. Of silence it is most.
func (s *stretcher) period(sound []int16, most int, second func(length int) int, hard bool) int {
	if meanSquare(sound) < stretchQuiet {
		return most
	}
	coarse := s.coarse[:len(sound)/pitchCoarse]
	for i := range coarse {
		var sum int32
		for _, v := range sound[i*pitchCoarse : (i+1)*pitchCoarse] {
			sum += int32(v)
		}
		coarse[i] = float32(sum)
	}
	near, match := 0, -1.0
	for lag := pitchLeast / pitchCoarse; lag <= most/pitchCoarse; lag++ {
		at := second(lag*pitchCoarse) / pitchCoarse
		if m := match32(coarse[at-lag:at], coarse[at:at+lag]); m > match {
			near, match = lag*pitchCoarse, m
		}
	}
	if match < stretchMatch && !hard {
		return 0
	}
	one, match := s.fine(sound, near, most, second)
	period := one
	for lag := 2 * one; lag <= most && match >= stretchMatch; lag += one {
		if longer, m := s.fine(sound, lag, most, second); m >= stretchMatch {
			period = longer
		}
	}
	return period
}

// fine is the length near another one at which the pieces are most alike.
func (s *stretcher) fine(sound []int16, near, most int, second func(length int) int) (length int, match float64) {
	match = -1
	for lag := max(near-pitchCoarse, pitchLeast); lag <= min(near+pitchCoarse, most); lag++ {
		at := second(lag)
		if m := match16(sound[at-lag:at], sound[at:at+lag]); m > match {
			length, match = lag, m
		}
	}
	return length, match
}
