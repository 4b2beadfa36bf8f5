package media

import "time"

// VideoSelector decides which of a sender's pictures go to one receiver: one size, up to a temporal layer, and only those that it can decode with
// what it was given before. It is a plain value without clock or lock; the zero value wants nothing.
//
//	sel.Want(SmallSize, 1)
//	for each Encoded e:
//		switch sel.Pick(e) { case Give: write e to this receiver, case KeyFrameFirst: sender.RequestKeyFrame(e.Size) }
//	when e could not be sent in time:
//		sel.Lost(e)
type VideoSelector struct {
	on       bool
	want     Size
	maxLayer int

	begun  bool      // a key frame of size was given and the base layer is whole since then
	size   Size      // what the receiver gets
	middle bool      // the newest picture of layer 1 was given, or none was made since the base's
	upper  int       // the highest layer given since the last picture of layer 0
	due    time.Time // of what was given last
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
func (s *VideoSelector) Want(size Size, maxLayer int) {
	s.on, s.want, s.maxLayer = true, size, maxLayer
}

// Stop gives the receiver nothing from now on, and a key frame first when it wants something again.
func (s *VideoSelector) Stop() { *s = VideoSelector{} }

// KeyFrameWanted is what the receiver has asked for itself: nothing before a key frame is of use to it. It returns the size to ask the sender for.
func (s *VideoSelector) KeyFrameWanted() Size {
	s.begun = false
	return s.want
}

// Size is what the receiver gets now; ok is false before its first key frame.
func (s *VideoSelector) Size() (size Size, ok bool) { return s.size, s.begun }

// Pick decides about a picture, in the order in which the sender hands them out.
func (s *VideoSelector) Pick(e Encoded) Pick {
	switch {
	case !s.on || e.Kind != Video:
		return Skip
	case e.Key && e.Size == s.want:
		s.begun, s.size, s.upper, s.middle = true, e.Size, s.maxLayer, true
		s.due = e.Due
		return Give
	case e.Size == s.want && (!s.begun || s.size != s.want):
		return KeyFrameFirst
	case !s.begun || e.Size != s.size || e.Due.Equal(s.due):
		return Skip
	}
	return s.layered(e)
}

// layered decides about a picture of the size that the receiver gets.
func (s *VideoSelector) layered(e Encoded) Pick {
	switch {
	case e.Layer == 0:
		s.upper, s.middle = s.maxLayer, true
	case e.Layer > min(s.upper, s.maxLayer):
		if e.Layer == 1 {
			s.middle = false
		}
		return Skip
	case e.Layer > 1 && !s.middle:
		return Skip
	case e.Layer == 1:
		s.middle = true
	}
	s.due = e.Due
	return Give
}

// Lost says that a picture that was to be given was not sent. What depends on it is not given either: after one of layer 0, all until the next
// key frame, which the next Pick asks for; after one of layer 1, those of layer 2 until the next of layer 0 or 1; of layer 2 nothing.
func (s *VideoSelector) Lost(e Encoded) {
	if e.Size != s.size || !s.begun {
		return
	}
	switch e.Layer {
	case 0:
		s.begun = false
	case 1:
		s.middle = false
	}
}
