package media

import (
	"time"

	"sundog.dev/sundog/media/h264"
)

// unitVerdict is what videoOrder says about an access unit.
type unitVerdict uint8

const (
	unitNext   unitVerdict = iota // can be decoded now
	unitLate                      // belongs before what was shown already, or is a copy of it
	unitEarly                     // one before it is missing, so far
	unitBroken                    // cannot be decoded; only a key frame helps
)

// videoOrder finds gaps in a stream of access units by frame_num, which counts the pictures that others are predicted from (H.264 §7.4.3). A decoder
// that is fed across a gap shows rubbish without an error, so the gap must be seen before.
type videoOrder struct {
	in      h264.Inspector
	judged  h264.Info // of the unit judged last
	refNum  int       // frame_num of the last reference picture
	lastDue time.Time
}

// judge looks at a unit. While waiting, only a key frame will do.
func (o *videoOrder) judge(e Encoded, waiting bool) unitVerdict {
	if o.outdated(e) {
		return unitLate
	}
	info, err := o.in.Inspect(e.Data)
	o.judged = info
	switch {
	case err != nil:
		return unitBroken
	case info.Key:
		return unitNext
	case waiting:
		return unitBroken
	}
	if info.FrameNum != (o.refNum+1)%info.MaxFrameNum {
		return unitEarly // by its due time it is new, so there is something between
	}
	return unitNext
}

// outdated: not after the last picture, unless it is a key frame that shows that the sender's clock was set back.
func (o *videoOrder) outdated(e Encoded) bool {
	return !o.lastDue.IsZero() && !e.Due.After(o.lastDue) && (!e.Key || o.lastDue.Sub(e.Due) < clockJump)
}

// shown says that the unit judged last was decoded.
func (o *videoOrder) shown(e Encoded) {
	if o.judged.Key || o.judged.Reference {
		o.refNum = o.judged.FrameNum
	}
	o.lastDue = e.Due
}
