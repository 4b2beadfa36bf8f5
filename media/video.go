package media

import (
	"context"
	"image"
	"time"
)

// VideoFrame is a raw picture, I420 (YCbCr 4:2:0, BT.601, 16..235), and the moment it was due.
// The image is not modified after it was handed on; a sink's may be reused after the next Put (see VideoSink).
type VideoFrame struct {
	Image *image.YCbCr
	Due   time.Time
}

// VideoSource is a camera, screen, file or test picture. It belongs to one goroutine, but Close may come from another.
type VideoSource interface {
	// Read waits for the next picture, in real time. When the caller was late, it is the newest that is due: delay never adds up.
	Read(ctx context.Context) (VideoFrame, error)
	Close() error
}

// frameRater is a source that knows its pictures per second.
type frameRater interface{ FrameRate() float64 }

// VideoSink takes decoded pictures. Put must not block; it does not keep the frame's image beyond the next Put
// unless it copies (Screen keeps the newest only).
type VideoSink interface {
	Put(VideoFrame)
	Close() error
}

// VideoDevice is a camera.
type VideoDevice struct{ ID, Label string }

// pixelless is a sink that does not always look at pixels. While no sink of a receiver needs any, pictures are decoded and counted but not put, since
// copying them out costs a sixth of decoding.
type pixelless interface{ needsPixels() bool }

type mediaError string

func (e mediaError) Error() string { return string(e) }

// Errors that callers may act on.
const (
	ErrNoCamera = mediaError("media: no camera was found")
)
