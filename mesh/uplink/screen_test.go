package uplink

import "testing"

// A screen's size is the last to be given up: there are fewer pictures of it instead, which the media see to by themselves.
func TestAScreenKeepsItsSize(t *testing.T) {
	for _, c := range []struct {
		name           string
		r              Request
		screen, camera string
	}{
		{"a call of two on 600 kbit/s", Request{Uplink: 600e3, Receivers: others(1, 720), Incoming: pictures(1)}, "everyone 20ms 720/3", "everyone 20ms 360/3"},
		{"three people on 1 Mbit/s", Request{Uplink: 1e6, Receivers: others(2, 720), Incoming: pictures(2)}, "everyone 20ms 2×720/3", "everyone 20ms 2×360/3"},
		{"eight people on 5 Mbit/s", Request{Uplink: 5e6, Receivers: others(7, 720), Incoming: pictures(7)}, "everyone 20ms 7×720/3", "everyone 20ms 7×540/3"},
		{"eight people on 2 Mbit/s", Request{Uplink: 2e6, Receivers: others(7, 720), Incoming: pictures(7)}, "everyone 20ms 7×540/3", "everyone 20ms 7×180/3"},
		{"shown small", Request{Uplink: 5e6, Receivers: others(1, 180), Incoming: pictures(1)}, "everyone 20ms 180/3", "everyone 20ms 180/3"},
		{
			"one path is weak",
			Request{Uplink: 5e6, Receivers: but(others(3, 720), func(r []Receiver) { r[1].Path = 300e3 }), Incoming: pictures(3)},
			"everyone 20ms 720/3 540/3 720/3", "everyone 20ms 720/3 360/2 720/3",
		},
	} {
		c.r.Camera = 720
		if got := told(Divide(c.r)); got != c.camera {
			t.Errorf("%s: %s, of a camera wanted %s", c.name, got, c.camera)
		}
		c.r.Screen = true
		if got := told(Divide(c.r)); got != c.screen {
			t.Errorf("%s: %s, of a screen wanted %s", c.name, got, c.screen)
		}
	}
}
