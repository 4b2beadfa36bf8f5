// Package media is sound and picture: capture → encode on one side, and
// jitter buffer → decode → play or paint on the other. It knows nothing of the network, of calls or of windows.
package media

import "time"

// Kind is audio or video.
type Kind uint8

// The kinds.
const (
	Audio Kind = iota
	Video
)

// Encoded is one encoded frame: an Opus packet of 20 ms, or an H.264 access unit as an Annex B byte stream.
type Encoded struct {
	Kind Kind
	Key  bool      // video: a key frame, with its parameter sets
	Due  time.Time // when the source frame was due, by the sender's clock
	Data []byte

	// What a sender says of its video, so that each receiver can be given what it wants. Receivers need none of it:
	// they read in the picture itself what it depends on.

	Size   Size
	Layer  int  // temporal layer, 0 to TopLayer; without the higher layers the lower ones are whole
	Needed bool // others are predicted from it

	// Packet, of received sound, is how much of it comes in each datagram, as its sender says; 0: he does not say, and it is a frame.
	Packet time.Duration
}
