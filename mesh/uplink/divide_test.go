package uplink

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// others makes so many receivers that show us at a height, over good paths.
func others(n, tile int) []Receiver {
	r := make([]Receiver, n)
	for i := range r {
		r[i] = Receiver{ID: fmt.Sprint("member ", i+2), Path: 5e6, Tile: tile}
	}
	return r
}

// but changes some of the receivers.
func but(r []Receiver, change func(r []Receiver)) []Receiver {
	change(r)
	return r
}

// pictures are so many incoming streams of 360p.
func pictures(n int) []Incoming { return slices.Repeat([]Incoming{{450e3, 30}}, n) }

// told is a division in short: the mode, how sound is packed, and what the receivers get, like "everyone 20ms 6×360/3 180/2".
func told(d Division) string {
	words := []string{[]string{"too little", "sound", "speaker", "everyone"}[d.Mode], d.Sound.Packet.String()}
	if d.Sound.Silence {
		words = append(words, "silence")
	}
	var got []string
	for _, s := range d.Shares {
		g := "-"
		if s.Layers > 0 {
			size := d.Small.Size
			if s.Large {
				size = d.Large.Size
			}
			g = fmt.Sprintf("%d/%d", size.Height, s.Layers)
		}
		if s.Repeat {
			g += " twice"
		}
		got = append(got, g)
	}
	for len(got) > 0 {
		n := 1
		for n < len(got) && got[n] == got[0] {
			n++
		}
		if n > 1 {
			words = append(words, fmt.Sprintf("%d×%s", n, got[0]))
		} else {
			words = append(words, got[0])
		}
		got = got[n:]
	}
	return strings.Join(words, " ")
}

func TestDivide(t *testing.T) {
	for _, c := range []struct {
		name string
		r    Request
		want string
	}{
		{
			"eight people on 5 Mbit/s: 360p with all pictures for all",
			Request{Uplink: 5e6, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			"everyone 20ms 7×360/3",
		},
		{
			"the same when what is used of it is 88 %",
			Request{Uplink: 4.4e6, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			"everyone 20ms 7×360/3",
		},
		{
			"a call of two on 5 Mbit/s: as large as the camera",
			Request{Uplink: 5e6, Receivers: others(1, 1080), Incoming: pictures(1), Camera: 720},
			"everyone 20ms 720/3",
		},
		{
			"but not larger than it is shown",
			Request{Uplink: 5e6, Receivers: others(1, 180), Incoming: pictures(1), Camera: 720},
			"everyone 20ms 180/3",
		},
		{
			"nor larger than the camera's",
			Request{Uplink: 5e6, Receivers: others(1, 1080), Incoming: pictures(1), Camera: 360},
			"everyone 20ms 360/3",
		},
		{
			"three people on 2 Mbit/s",
			Request{Uplink: 2e6, Receivers: others(2, 720), Incoming: pictures(2), Camera: 720},
			"everyone 20ms 2×540/3",
		},
		{
			"eight people on 2 Mbit/s: a small picture for all",
			Request{Uplink: 2e6, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			"everyone 20ms 7×180/3",
		},
		{
			"with who has pinned us seeing more",
			Request{Uplink: 2e6, Receivers: but(others(7, 360), func(r []Receiver) { r[2].Focus, r[2].Tile = true, 720 }), Incoming: pictures(7), Camera: 720},
			"everyone 20ms 2×180/3 540/3 4×180/3",
		},
		{
			"eight people on 1 Mbit/s: sound, and no picture while another speaks",
			Request{Uplink: 1e6, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			"speaker 20ms 7×-",
		},
		{
			"but our picture while we speak",
			Request{Uplink: 1e6, Receivers: others(7, 720), Incoming: pictures(7), Camera: 720, Speaking: true},
			"speaker 20ms 7×180/3",
		},
		{
			"for which sound goes in longer packets if it must",
			Request{Uplink: 750e3, Receivers: others(7, 720), Incoming: pictures(7), Camera: 720, Speaking: true},
			"speaker 40ms 7×180/2",
		},
		{
			"to those alone who show it",
			Request{Uplink: 9e5, Receivers: but(others(7, 720), func(r []Receiver) { r[0].Tile, r[3].Tile = 0, 0 }), Incoming: pictures(7), Camera: 720, Speaking: true},
			"speaker 20ms - 2×180/3 - 3×180/3",
		},
		{
			"with the camera off too, acknowledging all pictures takes more than there is",
			Request{Uplink: 650e3, Receivers: others(7, 360), Incoming: pictures(7)},
			"speaker 20ms 7×-",
		},
		{
			"sixteen people on 5 Mbit/s",
			Request{Uplink: 5e6, Receivers: others(15, 240), Incoming: pictures(15), Camera: 720},
			"everyone 20ms silence 15×360/2",
		},
		{
			"of a camera with 24 pictures a second half are too few: the small ones, and all of them",
			Request{Uplink: 5e6, Receivers: others(15, 240), Incoming: pictures(15), Camera: 720, FPS: 24},
			"everyone 20ms silence 15×180/3",
		},
		{
			"eight people on 520 kbit/s: sound and nothing else",
			Request{Uplink: 520e3, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			"sound 20ms 7×-",
		},
		{
			"eight people on 400 kbit/s: sound in longer packets",
			Request{Uplink: 400e3, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			"speaker 40ms 7×-",
		},
		{
			"eight people on 270 kbit/s: in still longer ones",
			Request{Uplink: 270e3, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			"sound 60ms 7×-",
		},
		{
			"eight people on 100 kbit/s: too little for sound, and silence is not sent",
			Request{Uplink: 100e3, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			"too little 60ms silence 7×-",
		},
		{
			"a weak path gets what it takes, and the others what they would without it",
			Request{Uplink: 5e6, Receivers: but(others(7, 360), func(r []Receiver) { r[1].Path = 250e3 }), Incoming: pictures(7), Camera: 720},
			"everyone 20ms 360/3 180/3 5×360/3",
		},
		{
			"a path that takes sound alone gets sound",
			Request{Uplink: 5e6, Receivers: but(others(7, 360), func(r []Receiver) { r[6].Path = 80e3 }), Incoming: pictures(7), Camera: 720},
			"everyone 20ms 6×360/3 -",
		},
		{
			"a path that is a little weak gets a size less",
			Request{Uplink: 5e6, Receivers: but(others(3, 720), func(r []Receiver) { r[0].Path = 1.1e6 }), Incoming: pictures(3), Camera: 720},
			"everyone 20ms 540/3 2×720/3",
		},
		{
			"sound twice for who loses packets and drops duplicates",
			Request{Uplink: 5e6, Receivers: but(others(3, 360), func(r []Receiver) {
				r[0].Loss, r[0].Repeats, r[1].Loss, r[2].Repeats = 0.05, true, 0.05, true
			}), Incoming: pictures(3), Camera: 360},
			"everyone 20ms 360/3 twice 2×360/3",
		},
		{
			"nobody shows us",
			Request{Uplink: 1e6, Receivers: others(3, 0), Incoming: pictures(3), Camera: 720},
			"everyone 20ms 3×-",
		},
		{"alone", Request{Uplink: 1e6, Camera: 720}, "everyone 20ms"},
	} {
		d := Divide(c.r)
		if got := told(d); got != c.want {
			t.Errorf("%s:\n  got  %s\n  want %s", c.name, got, c.want)
		}
		if d.Cost > c.r.Uplink && d.Mode != TooLittle {
			t.Errorf("%s: costs %.0f of %.0f", c.name, d.Cost, c.r.Uplink)
		}
	}
}

// With eight people on 5 Mbit/s the division uses 80–95 % of the uplink, in the middle of which is what an estimate leaves.
func TestDivideUsesTheUplink(t *testing.T) {
	for _, uplink := range []float64{1.5e6, 2e6, 3e6, 4e6, 5e6} {
		d := Divide(Request{Uplink: uplink, Receivers: others(7, 360), Incoming: pictures(7), Camera: 360})
		most := d.Large.Size.Most
		if use := d.Cost / uplink; use < 0.8 && d.Large.Wanted() && float64(d.Large.Bitrate) < most || use > 0.951 {
			t.Errorf("of %.1f Mbit/s: %.0f %%, %s at %d bit/s", uplink/1e6, use*100, told(d), d.Large.Bitrate)
		}
	}
}

// One weak path takes nothing from the others, whose picture has the bitrate that it has without it, or more; one that is but a little
// weaker makes it a little coarser.
func TestOneWeakPath(t *testing.T) {
	r := Request{Uplink: 4e6, Receivers: others(7, 360), Incoming: pictures(7), Camera: 360}
	before := Divide(r)
	for _, path := range []float64{64e3, 120e3, 200e3, 300e3, 400e3, 500e3} {
		r.Receivers = but(others(7, 360), func(r []Receiver) { r[3].Path = path })
		d := Divide(r)
		least := before.Large.Bitrate
		if s := d.Shares[3]; s.Large && s.Layers == Layers {
			least = int(float64(least) * coarser)
		}
		if d.Large.Bitrate < least {
			t.Errorf("beside a path of %.0f kbit/s the others get %d bit/s instead of %d", path/1e3, d.Large.Bitrate, before.Large.Bitrate)
		}
		takes := path*pathShare + HeadersIPv4*8*200
		if cost := d.Shares[3].Cost; cost > takes && d.Shares[3].Layers > 0 {
			t.Errorf("a path of %.0f kbit/s is to take %.0f", path/1e3, cost/1e3)
		}
	}
}

// Media that make less than they may, of faces that hardly move, let paths prove less than those would take. That is no reason for fewer
// lines.
func TestPathsThatAreNotUsedKeepTheirSize(t *testing.T) {
	for _, uplink := range []float64{4.5e6, 5e6, 6e6} {
		r := Request{Uplink: uplink, Camera: 360, FPS: 24, SmallHeight: 180, Incoming: pictures(7), Receivers: but(others(7, 360), func(r []Receiver) {
			for i := range r {
				r[i].Path = 350e3 + 80e3*float64(i)
			}
			r[6].Tile = 0
		})}
		if got := told(Divide(r)); got != "everyone 20ms 6×360/3 -" {
			t.Errorf("%.1f Mbit/s: %s", uplink/1e6, got)
		}
	}
}

func BenchmarkDivide(b *testing.B) {
	r := Request{Uplink: 5e6, Receivers: others(15, 360), Incoming: pictures(15), Camera: 720}
	b.ReportAllocs()
	for b.Loop() {
		Divide(r)
	}
}

// A better path never gives less to whoever is behind it.
func TestABetterPathGivesNoLess(t *testing.T) {
	for _, members := range []int{1, 3, 7} {
		got := -1
		for path := 66e3; path < 1.2e6; path += 500 {
			d := Divide(Request{Uplink: 5e6, Camera: 360, SmallHeight: 180, Receivers: but(others(members, 360), func(r []Receiver) { r[0].Path = path })})
			s := d.Shares[0]
			now := s.Layers
			if s.Large && s.Layers > 0 && d.Large.Size.Height == 360 {
				now += Layers
			}
			if now < got {
				t.Errorf("%d others: with %.1f kbit/s %s, with less more", members, path/1e3, told(d))
			}
			if path > 90e3 && now == 0 {
				t.Errorf("%d others: with %.1f kbit/s no picture", members, path/1e3)
			}
			got = now
		}
	}
}

// Sound is not sent twice where what is sent already is more than the path takes, nor does it make it so.
func TestRepeatedSoundIsNotForFullPaths(t *testing.T) {
	full := Request{Uplink: 5e6, Camera: 360, Receivers: but(others(3, 360), func(r []Receiver) {
		r[0].Repeats, r[0].Loss = true, 0.1
		r[1].Repeats, r[1].Loss, r[1].Queue = true, 0.1, true
		r[2].Repeats, r[2].Loss, r[2].Path = true, 0.1, 300e3
	})}
	d := Divide(full)
	if !d.Shares[0].Repeat || d.Shares[1].Repeat || !d.Shares[2].Repeat {
		t.Errorf("%s", told(d))
	}
	if s := d.Shares[2]; s.Layers == 0 || s.Cost > 300e3*1.1 { // headers of IP and UDP are not the path's
		t.Errorf("%.0f bit/s for a path of 300 kbit/s: %s", s.Cost, told(d))
	}
}

// With the least there is a picture for everybody, and with less there is none.
func TestWithLessThanTheLeastThereAreNotPicturesForAll(t *testing.T) {
	for n := range 7 {
		r := Request{Receivers: others(n+1, 360), Incoming: pictures(n + 1), Camera: 360}
		r.Uplink = r.Least()
		if d := Divide(r); d.Mode != Everyone || d.Small.Layers+d.Large.Layers == 0 {
			t.Errorf("%d others: %s", n+1, told(d))
		}
		r.Uplink *= 0.6
		if d := Divide(r); d.Mode == Everyone && d.Sound.Packet == soundSteps[0].Packet && d.Small.Layers == Layers {
			t.Errorf("%d others, and less: %s", n+1, told(d))
		}
	}
}
