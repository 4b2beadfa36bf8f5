package app

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"
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

func TestTonesAreHeardUntilTheyAreSwitchedOff(t *testing.T) {
	d := newDesk(t, withPeople)
	d.ui.main.show(pageSettings)
	tones := d.ui.main.settings.devices.tones
	chosen := func() string {
		for _, b := range tones.parts {
			if b.chosen {
				return b.value
			}
		}
		return ""
	}
	if chosen() != tonesOn {
		t.Errorf("it begins with %q", chosen())
	}
	test.Tap(tones.parts[1])
	d.until("they are off", func() bool { return d.phone.Settings().Quiet && chosen() == tonesOff })
	test.Tap(tones.parts[0])
	d.until("they are on again", func() bool { return !d.phone.Settings().Quiet && chosen() == tonesOn })
}
