// Package camera captures cameras and screens through the drivers of github.com/pion/mediadevices (V4L2, AVFoundation, Media Foundation; X11 and the desktops' own) and
// makes of whatever they deliver what an encoder takes: 4:2:0, BT.601, 16..235, even sides.
//
//	src, err := camera.Open(ctx, "")      // the best camera; ErrNone if there is none
//	picture, err := src.Read(ctx)
//
// The package knows nothing of codecs or calls. Each source has one goroutine, which owns the driver; Close ends it.
package camera

import (
	"image"
	"time"
)

// Picture is what a source saw, and when. Its memory is its own: drivers use theirs again.
type Picture struct {
	Image *image.YCbCr
	At    time.Time
}

// Device is a camera. ID stays the same as long as the camera stays in its socket; Label is for people.
type Device struct{ ID, Label string }

type cameraError string

func (e cameraError) Error() string { return string(e) }

// Errors that callers may act on.
const (
	ErrNone     = cameraError("no camera was found")
	ErrNoScreen = cameraError("no screen can be captured here")
	ErrStuck    = cameraError("the camera does not answer")
)
