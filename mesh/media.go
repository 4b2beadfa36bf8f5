package mesh

import (
	"time"

	"sundog.dev/sundog/mesh/uplink"
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

	// What our own media say of what they make, so that each member is given what it can use (VideoSelector). It is not told to
	// the others: what a receiver needs to know is in the picture itself.

	Small  bool // a picture of the small size, not of the full one
	Layer  int  // of a picture: temporal layer, 0 to uplink.Layers − 1
	Needed bool // of a picture: others are predicted from it
	Screen bool // a picture of a screen: there are few and large ones, and each may take its time

	// Packet, of another's sound, is how much of it he sends in each datagram, as he says; 0: he does not say, and it is a frame. What
	// comes so much at once needs as much delay.
	Packet time.Duration
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
	// SendFrame sends a frame to those other members who are to get it. Data is copied. Of one source picture the sizes come one
	// behind the other, with the same Due.
	SendFrame(Frame)
	// RequestKeyFrame asks another member for a key frame; repeated calls are rate-limited.
	RequestKeyFrame(from flash.PeerID)
}

// MediaSession is the media side of one call, for all its members. Its methods must not block.
type MediaSession interface {
	// ReceiveFrame takes a frame of another member; Data belongs to the session. It is not called after Close, and for several
	// members at once.
	ReceiveFrame(from flash.PeerID, f Frame)
	// KeyFrameRequested says that another member needs a key frame of the full or the small size.
	KeyFrameRequested(small bool)
	// SetWish says what is to be made from now on.
	SetWish(w MediaWish)
	// Close ends capture, encoding and decoding, and waits for them.
	Close() error
}

// MediaWish is what the other members together can be sent: what the uplink and the paths carry of it, and what anybody shows.
type MediaWish struct {
	Full, Small Encoding
	Sound       uplink.Sound
	Mode        uplink.Mode // what of the call the uplink carries
}

// Encoding is what is wanted of one size of our picture. The zero value is nothing.
type Encoding struct {
	Bitrate int // bit/s with those layers, without what the wire adds
	Layers  int // temporal layers, 1 to uplink.Layers; 0: nobody gets this size
	Height  int // pixels: a larger picture is not worth it at that bitrate; 0: as large as it is
}

// Wanted reports whether anybody gets it.
func (e Encoding) Wanted() bool { return e.Layers > 0 }
