package mesh

import (
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// FrameKind is audio or video.
type FrameKind uint8

// The kinds of frame.
const (
	AudioFrame FrameKind = iota // one Opus packet, 20 ms
	VideoFrame                  // one H.264 access unit, Annex B
)

// Frame is an encoded frame on its way.
type Frame struct {
	Kind FrameKind
	Key  bool      // video: a key frame
	Due  time.Time // when the source frame was due, on the sender's clock (ms on the wire)
	Data []byte
}

// Media is what calls ask of sound and picture. A call has one session, which is opened after both sides have accepted,
// never before: nothing is captured, sent or decoded until then. Members who come and go later do not touch it.
type Media interface {
	// OpenMedia starts sound and picture of a call. It may take as long as devices need; the call's signals go on meanwhile.
	// After an error the call goes on without sound and picture.
	OpenMedia(c *Call, out MediaOut) (MediaSession, error)
}

// MediaOut takes encoded frames of the near end; its methods never block.
type MediaOut interface {
	// SendFrame sends a frame to all other members. Data is copied.
	SendFrame(Frame)
	// RequestKeyFrame asks another member for a key frame; repeated calls are rate-limited.
	RequestKeyFrame(from flash.PeerID)
}

// MediaSession is the media side of one call, for all its members. Its methods must not block.
type MediaSession interface {
	// ReceiveFrame takes a frame of another member; Data belongs to the session. It is not called after Close, and for several
	// members at once.
	ReceiveFrame(from flash.PeerID, f Frame)
	// KeyFrameRequested says that another member needs a key frame.
	KeyFrameRequested()
	// SetBudget says how much video and audio may be sent from now on, in bit/s.
	SetBudget(bitsPerSecond int)
	// Close ends capture, encoding and decoding, and waits for them.
	Close() error
}
