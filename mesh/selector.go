package mesh

import "time"

// VideoSelector decides which of a sender's pictures go to one receiver: one size, up to a temporal layer, and only those that it can decode with
// what it was given before. It is a plain value without clock or lock; the zero value wants nothing.
//
//	sel.Want(true, 1)
//	for each picture f:
//		switch sel.Pick(f) { case Give: write f to this receiver, case KeyFrameFirst: session.KeyFrameRequested(f.Small) }
//	when f could not be sent in time:
//		sel.Lost(f)
type VideoSelector struct {
	on       bool
	small    bool // wanted
	maxLayer int

	begun  bool      // a key frame was given and the base layer is whole since then
	given  bool      // what the receiver gets: the small size
	middle bool      // the newest picture of layer 1 was given, or none was made since the base's
	upper  int       // the highest layer given since the last picture of layer 0
	due    time.Time // of what was given last
	key    time.Time // of the last key frame given
	mid    time.Time // of the last picture of layer 1 given
}

// Pick is what VideoSelector says of a picture.
type Pick uint8

// The answers.
const (
	Skip          Pick = iota // not for this receiver
	Give                      // send it
	KeyFrameFirst             // the receiver waits for this size, and only a key frame can begin it: ask the sender for one, and do not send this
)

// Want changes what the receiver gets: from a key frame of the size on, until which the size that it has goes on, and from the next picture of
// layer 0 on for more layers. The caller asks for the key frame when Pick says so.
func (s *VideoSelector) Want(small bool, maxLayer int) {
	s.on, s.small, s.maxLayer = true, small, maxLayer
}

// Stop gives the receiver nothing from now on, and a key frame first when it wants something again.
func (s *VideoSelector) Stop() { *s = VideoSelector{} }

// KeyFrameWanted is what the receiver has asked for itself: nothing before a key frame is of use to it. It says which size to ask
// the sender for, if the receiver gets any.
func (s *VideoSelector) KeyFrameWanted() (small, on bool) {
	s.begun = false
	return s.small, s.on
}

// Pick decides about a picture, in the order in which the sender hands them out.
func (s *VideoSelector) Pick(f Frame) Pick {
	switch {
	case !s.on || f.Kind != VideoFrame:
		return Skip
	case f.Key && f.Small == s.small:
		s.begun, s.given, s.upper, s.middle = true, f.Small, s.maxLayer, true
		s.due, s.key = f.Due, f.Due
		return Give
	case f.Small == s.small && (!s.begun || s.given != s.small):
		return KeyFrameFirst
	case !s.begun || f.Small != s.given || f.Due.Equal(s.due):
		return Skip
	}
	return s.layered(f)
}

// layered decides about a picture of the size that the receiver gets.
func (s *VideoSelector) layered(f Frame) Pick {
	switch {
	case f.Layer == 0:
		s.upper, s.middle = s.maxLayer, true
	case f.Layer > min(s.upper, s.maxLayer):
		if f.Layer == 1 {
			s.middle = false
		}
		return Skip
	case f.Layer > 1 && !s.middle:
		return Skip
	case f.Layer == 1:
		s.middle, s.mid = true, f.Due
	}
	s.due = f.Due
	return Give
}

// Lost says that a picture that was given has not come, which may be known late: what came behind it is then of no use either. What depends on it
// is not given: after one of layer 0, all until the next key frame, which the next Pick asks for; after one of layer 1, those of layer 2 until the
// next of layer 0 or 1; of layer 2 nothing. It reports whether the receiver now waits for a key frame.
func (s *VideoSelector) Lost(f Frame) (waits bool) {
	if f.Small != s.given || !s.begun || f.Due.Before(s.key) {
		return false
	}
	switch {
	case f.Layer == 0:
		s.begun = false
		return true
	case f.Layer == 1 && !f.Due.Before(s.mid):
		s.middle = false
	}
	return false
}
