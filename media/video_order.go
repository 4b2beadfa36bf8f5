package media

import (
	"image"
	"slices"
	"time"

	"sundog.dev/sundog/media/h264"
)

// unitVerdict is what videoOrder says about an access unit.
type unitVerdict uint8

const (
	unitNext    unitVerdict = iota // can be decoded now
	unitLate                       // belongs before what was shown already, or is a copy of it
	unitEarly                      // what it is predicted from is missing, so far
	unitUseless                    // the same, for good; but nothing depends on it
	unitBroken                     // cannot be decoded, nor what follows; only a key frame helps
)

// videoOrder finds what is missing in a stream of access units, before a decoder sees it: one that is fed across a gap shows rubbish without an
// error. Each picture names those that it is predicted from by their frame_num (H.264 §7.4.3), and these must have been decoded. So it does not
// matter how many pictures are missing that nobody names, those of upper temporal layers.
type videoOrder struct {
	in      h264.Inspector
	judged  h264.Info // of the unit judged last
	refs    [maxOrderRefs]int
	count   int // of refs
	size    image.Point
	lastDue time.Time
}

// maxOrderRefs is the most reference pictures that a decoder keeps (H.264 §A.3.1).
const maxOrderRefs = 16

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
	case info.Key && e.Due.Equal(o.lastDue) && o.size == sizeOf(info):
		return unitLate // a copy
	case info.Key:
		return unitNext
	case waiting:
		return unitBroken
	}
	for _, need := range info.Needs() {
		if !slices.Contains(o.refs[:o.count], need) {
			return unitEarly // by its due time it is new, so there is something between
		}
	}
	return unitNext
}

// missing is what becomes of the unit judged last, which was early, when nothing came before it.
func (o *videoOrder) missing() unitVerdict {
	if o.judged.Reference {
		return unitBroken
	}
	return unitUseless
}

// spare reports whether no other picture needs the one judged last.
func (o *videoOrder) spare() bool { return !o.judged.Key && !o.judged.Reference }

// outdated: not after the last picture, unless it is a key frame that shows that the sender's clock was set back, or the same
// picture's in another size.
func (o *videoOrder) outdated(e Encoded) bool {
	if o.lastDue.IsZero() || e.Due.After(o.lastDue) {
		return false
	}
	back := o.lastDue.Sub(e.Due)
	return !e.Key || back > 0 && back < clockJump
}

// shown says that the unit judged last was decoded.
func (o *videoOrder) shown(e Encoded) {
	info := &o.judged
	o.lastDue, o.size = e.Due, sizeOf(*info)
	if info.Key {
		o.count = 0
	}
	if !info.Key && !info.Reference {
		return
	}
	// The decoder keeps the newest; so many that numbers come round are never kept (§7.4.3: MaxFrameNum is 16 at least).
	if keep := min(max(info.RefFrames, 1), len(o.refs)-1); o.count >= keep {
		o.count = copy(o.refs[:], o.refs[o.count-keep+1:o.count])
	}
	o.refs[o.count] = info.FrameNum
	o.count++
}

func sizeOf(info h264.Info) image.Point { return image.Pt(info.Width, info.Height) }
