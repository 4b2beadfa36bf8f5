package media

import (
	"context"
	"errors"

	"sundog.dev/sundog/media/camera"
)

// VideoDevices lists the cameras.
func VideoDevices() ([]VideoDevice, error) {
	found, err := camera.Devices()
	if err != nil {
		return nil, err
	}
	list := make([]VideoDevice, len(found))
	for i, d := range found {
		list[i] = VideoDevice{ID: d.ID, Label: d.Label}
	}
	return list, nil
}

// deviceSource makes a VideoSource of a camera or screen; it is a recycler, too.
type deviceSource struct{ *camera.Source }

func (d deviceSource) Read(ctx context.Context) (VideoFrame, error) {
	p, err := d.Source.Read(ctx)
	return VideoFrame{Image: p.Image, Due: p.At}, err
}

// openCameraSource opens the camera with this ID, or the best one if it is empty.
func openCameraSource(ctx context.Context, id string) (VideoSource, error) {
	s, err := camera.Open(ctx, id)
	if errors.Is(err, camera.ErrNone) {
		return nil, ErrNoCamera
	}
	if err != nil {
		return nil, err
	}
	return deviceSource{s}, nil
}

func openScreenSource(ctx context.Context) (VideoSource, error) {
	s, err := camera.OpenScreen(ctx)
	if err != nil {
		return nil, err
	}
	return deviceSource{s}, nil
}
