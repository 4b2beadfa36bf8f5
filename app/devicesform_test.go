package app

import (
	"slices"
	"testing"
)

func TestDeviceListsAreCompleteAndCanBeToldApart(t *testing.T) {
	for _, c := range []struct {
		what string
		got  []Device
		want []Device
	}{
		{
			"nothing found, camera", cameraChoices(nil, ""),
			[]Device{{"default", "System default"}, {"test", "Test picture"}, {"none", "None"}},
		},
		{
			"two of one label", soundChoices([]Device{{"device:a", "USB"}, {"device:b", "USB"}}, "device:b"),
			[]Device{{"default", "System default"}, {"device:a", "USB"}, {"device:b", "USB (2)"}},
		},
		{
			"chosen one unplugged", soundChoices([]Device{{"default", "System default"}}, "device:gone"),
			[]Device{{"default", "System default"}, {"device:gone", "device:gone (not found now)"}},
		},
		{
			"already complete", cameraChoices([]Device{{"default", "System default"}, {"none", "None"}}, "none"),
			[]Device{{"default", "System default"}, {"none", "None"}, {"test", "Test picture"}},
		},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
}
