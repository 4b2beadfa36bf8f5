package media


import (
	"context"
	"image"
	"time"
)

// VideoFrame is a raw picture, I420 (YCbCr 4:2:0), and the moment it was due.
// The image is not modified after it was handed on.
type VideoFrame struct {
	Image *image.YCbCr
	Due   time.Time
}

// VideoSource is a camera, screen, file or test picture.
type VideoSource interface {
	// Read waits for the next picture, in real time.
	Read(ctx context.Context) (VideoFrame, error)
	Close() error
}

// OpenVideo opens a source by its spec: none (nil, nil), default, device:ID, screen, test[:WxH@FPS], file:CLIP.y4m.
// "default" without any camera is ErrNoCamera. ParseVideoSpec's errors are sentences for the user.
func OpenVideo(ctx context.Context, spec string) (VideoSource, error) { panic("stub") }

// CheckVideoSpec says what is wrong with a spec, without opening it.
func CheckVideoSpec(spec string) error { panic("stub") }

// VideoDevice is a camera.
type VideoDevice struct{ ID, Label string }

// VideoDevices lists the cameras.
func VideoDevices() ([]VideoDevice, error) { panic("stub") }

type mediaError string

func (e mediaError) Error() string { return string(e) }

// Errors that callers may act on.
const (
	ErrNoCamera = mediaError("media: no camera was found")
)

// VideoSink takes decoded pictures. Put must not block; it does not keep the frame's image beyond the next Put
// unless it copies (Screen keeps the newest only).
type VideoSink interface {
	Put(VideoFrame)
	Close() error
}

// Screen keeps the newest picture for painting.
type Screen struct{}

// Put replaces the picture.
func (s *Screen) Put(f VideoFrame) { panic("stub") }

// Draw paints the newest picture, scaled and letterboxed, into dst and returns its number; if that is
// still last (and dst's size did not change) nothing is painted. 0: no picture yet. mirror flips it left to right.
func (s *Screen) Draw(dst *image.RGBA, last uint64, mirror bool) uint64 { panic("stub") }

// Clear forgets the picture.
func (s *Screen) Clear() { panic("stub") }

// Close is Clear.
func (s *Screen) Close() error { panic("stub") }

// OpenDisplay opens a display by its spec, null or dir:FOLDER (NAME.y4m for this person, complete at Close).
func OpenDisplay(spec, name string) (VideoSink, error) { panic("stub") }

// CheckDisplaySpec says what is wrong with a spec.
func CheckDisplaySpec(spec string) error { panic("stub") }

// VideoSenderConfig is what a VideoSender needs.
type VideoSenderConfig struct {
	Source  VideoSource
	Bitrate int // bit/s at first
	// Send takes each access unit; it must not block. Data is valid during the call only.
	Send func(Encoded)
	// Local, if set, shows the near end's own picture.
	Local VideoSink
	// Failed, if set, is told once when the source fails for good.
	Failed func(error)
}

// VideoSender reads a source and encodes it: newest frame wins.
type VideoSender struct{}

// NewVideoSender starts sending; it owns the source.
func NewVideoSender(cfg VideoSenderConfig) (*VideoSender, error) { panic("stub") }

// RequestKeyFrame makes the next picture a key frame.
func (s *VideoSender) RequestKeyFrame() { panic("stub") }

// SetBitrate changes the target, bit/s.
func (s *VideoSender) SetBitrate(bitsPerSecond int) { panic("stub") }

// Close stops capture and encoding and waits.
func (s *VideoSender) Close() error { panic("stub") }

// VideoReceiverConfig is what a VideoReceiver needs.
type VideoReceiverConfig struct {
	Sinks []VideoSink // owned: closed with the receiver
	// RequestKeyFrame asks the sender; called when decoding cannot go on.
	RequestKeyFrame func()
}

// VideoReceiver decodes one person's pictures.
type VideoReceiver struct{}

// NewVideoReceiver starts a receiver.
func NewVideoReceiver(cfg VideoReceiverConfig) (*VideoReceiver, error) { panic("stub") }

// Push takes an access unit, which belongs to the receiver. It never blocks: the queue is bounded, and when frames are lost the receiver asks for a key frame.
func (r *VideoReceiver) Push(e Encoded) { panic("stub") }

// Stats is a snapshot since the previous call.
func (r *VideoReceiver) Stats() VideoStats { panic("stub") }

// Close stops and waits, and closes the sinks.
func (r *VideoReceiver) Close() error { panic("stub") }

// VideoStats describes received video.
type VideoStats struct {
	FPS           float64
	Width, Height int
	// Latency is the median from Due to the hand-over to the sinks, by the system clock; meaningful when both ends are on one machine.
	Latency time.Duration
	Dropped int // access units not shown
}
