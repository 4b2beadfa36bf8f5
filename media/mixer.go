package media

import "math"

// mixer adds up people's sound. One person alone is passed on untouched; of several, what would exceed 16 bits
// is compressed softly instead of clipped.
type mixer struct {
	sum    [FrameSamples]int32
	voices int
}

// add takes one person's frame.
func (m *mixer) add(frame *[FrameSamples]int16) {
	if m.voices++; m.voices == 1 {
		for i, v := range frame {
			m.sum[i] = int32(v)
		}
		return
	}
	for i, v := range frame {
		m.sum[i] += int32(v)
	}
}

// mix gives the sum and begins anew. Nobody's sound is silence.
func (m *mixer) mix(out *[FrameSamples]int16) {
	switch m.voices {
	case 0:
		clear(out[:])
	case 1:
		for i, v := range m.sum {
			out[i] = int16(v)
		}
	default:
		for i, v := range m.sum {
			out[i] = softClip(v)
		}
	}
	m.voices = 0
}

// softClip leaves what lies below softClipStart, and bends what lies above so that it nears full scale and never
// reaches it; at the bend the slope is 1.
func softClip(v int32) int16 {
	const room = math.MaxInt16 - softClipStart
	switch {
	case v > softClipStart:
		over := int64(v) - softClipStart
		return int16(softClipStart + room*over/(room+over))
	case v < -softClipStart:
		over := -int64(v) - softClipStart
		return int16(-softClipStart - room*over/(room+over))
	}
	return int16(v)
}
