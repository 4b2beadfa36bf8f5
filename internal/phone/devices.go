package phone

import (
	"context"
	"errors"

	"sundog.dev/sundog/media"
)

// Device is a camera, microphone or loudspeaker; Spec chooses it.
type Device struct {
	Spec    string `json:"spec"`
	Label   string `json:"label"`
	Default bool   `json:"default,omitempty"`
}

// Devices are what can be chosen now, besides "default".
type Devices struct {
	Cameras  []Device `json:"cameras"`
	Mics     []Device `json:"mics"`
	Speakers []Device `json:"speakers"`
}

// ListDevices looks for devices; what could be found is returned beside an error.
func ListDevices(ctx context.Context) (Devices, error) {
	var d Devices
	cameras, videoErr := media.VideoDevices()
	for _, c := range cameras {
		d.Cameras = append(d.Cameras, Device{Spec: "device:" + c.ID, Label: c.Label})
	}
	mics, speakers, audioErr := media.AudioDevices(ctx)
	d.Mics, d.Speakers = audioDevices(mics), audioDevices(speakers)
	return d, errors.Join(videoErr, audioErr)
}

func audioDevices(found []media.AudioDevice) []Device {
	var list []Device
	for _, a := range found {
		list = append(list, Device{Spec: "device:" + a.ID, Label: a.Label, Default: a.Default})
	}
	return list
}
