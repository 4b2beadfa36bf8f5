package camera

import "time"

const (
	// The size and rate that a camera is asked for: what a call of two sends, at the least cost for camera and encoder.
	wantWidth, wantHeight = 640, 360
	wantRate              = 30
	// maxWidth and maxHeight: larger pictures cannot be encoded.
	maxWidth, maxHeight = 1920, 1080
	// screenWidth and screenHeight bound what is sent of a screen.
	screenWidth, screenHeight = 1280, 720
	screenRate                = 30

	// enumerationTime: a driver that hangs longer while it is asked for its devices is given up.
	enumerationTime = 5 * time.Second
	// closeTime: Close waits no longer for a driver that hangs in a read; its goroutine then closes the device whenever the read ends.
	closeTime = 2 * time.Second
	// readTries is how often in a row reading may fail, readPause apart, before the source has failed.
	readTries = 3
	readPause = 100 * time.Millisecond
)
