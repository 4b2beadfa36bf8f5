package uplink

import "testing"

func TestFilesGetWhatSoundAndPicturesCanSpare(t *testing.T) {
	waits := func(who ...int) func(r []Receiver) {
		return func(r []Receiver) {
			for _, i := range who {
				r[i].Files = true
			}
		}
	}
	all := waits(0, 1, 2, 3, 4, 5, 6)
	for name, c := range map[string]struct {
		r           Request
		want        string
		least, most float64 // of the uplink, for files
	}{
		"nobody waits": {
			Request{Uplink: 5e6, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			"everyone 20ms 7×360/3", 0, 0,
		},
		"all wait: pictures of the same size": {
			Request{Uplink: 5e6, Receivers: but(others(7, 360), all), Incoming: pictures(7), Camera: 720},
			"everyone 20ms 7×360/3", filesShare * 0.9, filesShare * 1.2,
		},
		"one waits: he gets it, as far as his path takes it": {
			Request{Uplink: 5e6, Receivers: but(others(7, 360), waits(3)), Incoming: pictures(7), Camera: 720},
			"everyone 20ms 7×360/3", filesShare * 0.9, filesShare * 1.2,
		},
		"no picture: all the rest": {
			Request{Uplink: 5e6, Receivers: but(others(7, 360), all)},
			"everyone 20ms 7×-", 0.8, 0.95,
		},
		"the pictures would go for it: hardly anything": {
			Request{Uplink: 1.3e6, Receivers: but(others(7, 360), all), Incoming: pictures(7), Camera: 720},
			"everyone 20ms 7×180/3", 0, 0.09,
		},
		"sound alone, and hardly that": {
			Request{Uplink: 270e3, Receivers: but(others(7, 360), all), Camera: 720},
			"speaker 60ms 7×-", 0, 7 * filesLeast / 250e3,
		},
	} {
		d := Divide(c.r)
		sum, most := 0.0, 0.0
		for i, s := range d.Shares {
			sum += s.Files
			most = max(most, s.Files+s.Cost-c.r.Receivers[i].Path)
		}
		if got := told(d); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
		if share := sum / c.r.Uplink; share < c.least || share > c.most {
			t.Errorf("%s: files get %.3f of it", name, share)
		}
		if d.Cost+sum > c.r.Uplink*(1-reserve)+7*filesLeast || most > 0 {
			t.Errorf("%s: %.0f for sound and pictures and %.0f for files, of %.0f", name, d.Cost, sum, c.r.Uplink)
		}
	}
	weak := Divide(Request{Uplink: 5e6, Receivers: but(others(2, 360), func(r []Receiver) { r[0].Files, r[0].Path = true, 300e3 })})
	if s := weak.Shares[0]; s.Files > 300e3 {
		t.Errorf("a weak path gets %.0f", s.Files)
	}
}
