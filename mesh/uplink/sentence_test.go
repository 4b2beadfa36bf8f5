package uplink

import "testing"

func TestWhatPeopleRead(t *testing.T) {
	for _, c := range []struct {
		name                   string
		r                      Request
		capped                 bool
		line, summary, refusal string
	}{
		{
			"eight people on 5 Mbit/s",
			Request{Uplink: 5e6, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			false,
			"7 people × 650 kbit/s", "Your uplink carries 7 people at 360p · 4.7 Mbit/s", "",
		},
		{
			"a call of two",
			Request{Uplink: 5e6, Receivers: others(1, 720), Incoming: pictures(1), Camera: 720},
			false,
			"1 person × 2.7 Mbit/s", "Your uplink carries 1 person at 720p · 2.8 Mbit/s", "",
		},
		{
			"four people on 2.2 Mbit/s",
			Request{Uplink: 2.2e6, Receivers: others(3, 360), Incoming: pictures(3), Camera: 360},
			false,
			"3 people × 670 kbit/s", "Your uplink carries 3 people at 360p · 2.1 Mbit/s", "",
		},
		{
			"one who has pinned us",
			Request{
				Uplink: 2e6, Receivers: but(others(7, 360), func(r []Receiver) { r[2].Focus, r[2].Tile = true, 720 }), Incoming: pictures(7), Camera: 720,
			},
			false,
			"7 people · 1.7 Mbit/s", "Your uplink carries 1 person at 540p, 6 at 180p · 1.9 Mbit/s", "",
		},
		{
			"a weak path",
			Request{Uplink: 5e6, Receivers: but(others(3, 360), func(r []Receiver) { r[1].Path = 80e3 }), Incoming: pictures(3), Camera: 360},
			false,
			"3 people · 1.7 Mbit/s", "Your uplink carries 2 people at 360p, 1 with sound only · 1.8 Mbit/s",
			"The connection to one person is too weak for your picture, and carries your sound alone.",
		},
		{
			"two weak paths",
			Request{Uplink: 5e6, Receivers: but(others(3, 360), func(r []Receiver) { r[1].Path, r[2].Path = 80e3, 80e3 }), Incoming: pictures(3), Camera: 360},
			false,
			"3 people · 950 kbit/s", "Your uplink carries 1 person at 360p, 2 with sound only · 1 Mbit/s",
			"The connections to 2 people are too weak for your picture, and carry your sound alone.",
		},
		{
			"eight people on 1 Mbit/s",
			Request{Uplink: 1e6, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			false,
			"7 people × 70 kbit/s", "Your uplink carries sound to 7 people · 520 kbit/s",
			"Your uplink carries 1 Mbit/s: enough for sound to 7 people, but not for pictures too. Yours is sent while you speak, and you see whoever speaks. It comes back by itself when there is more.",
		},
		{
			"a limit of 1 Mbit/s",
			Request{Uplink: 1e6, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			true,
			"7 people × 70 kbit/s", "Your limit allows sound to 7 people · 520 kbit/s",
			"You have limited what is sent to 1 Mbit/s: enough for sound to 7 people, but not for pictures too. Yours is sent while you speak, and you see whoever speaks. A higher limit, in the settings, brings it back.",
		},
		{
			"without a camera",
			Request{Uplink: 650e3, Receivers: others(7, 0), Incoming: pictures(7)},
			false,
			"7 people × 70 kbit/s", "Your uplink carries sound to 7 people · 520 kbit/s",
			"Your uplink carries 650 kbit/s: enough for sound to 7 people, but not to receive every picture. You see whoever speaks. It comes back by itself when there is more.",
		},
		{
			"520 kbit/s",
			Request{Uplink: 520e3, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			false,
			"7 people × 70 kbit/s", "Your uplink carries sound to 7 people · 490 kbit/s",
			"Your uplink carries 520 kbit/s: enough for sound to 7 people, but for no picture, neither yours nor another's. It comes back by itself when there is more.",
		},
		{
			"270 kbit/s",
			Request{Uplink: 270e3, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			false,
			"7 people × 30 kbit/s", "Your uplink carries sound to 7 people · 240 kbit/s",
			"Your uplink carries 270 kbit/s: enough for sound to 7 people, in longer packets, but for no picture, neither yours nor another's. It comes back by itself when there is more.",
		},
		{
			"100 kbit/s",
			Request{Uplink: 100e3, Receivers: others(7, 360), Incoming: pictures(7), Camera: 720},
			false,
			"7 people × 30 kbit/s", "Your uplink carries sound to 7 people · 240 kbit/s",
			"Your uplink carries 100 kbit/s, too little even for sound to 7 people. Sound is sent in long packets and not during silence, and may break up. Fewer people, or another network, would help.",
		},
		{"alone", Request{Uplink: 1e6, Camera: 720}, false, "", "", ""},
	} {
		d, e := Divide(c.r), Estimate{Rate: c.r.Uplink, Carries: c.r.Uplink, Capped: c.capped}
		if got := Line(d); got != c.line {
			t.Errorf("%s: the line is %q, want %q", c.name, got, c.line)
		}
		if got := Summary(d, e); got != c.summary {
			t.Errorf("%s: the summary is %q, want %q", c.name, got, c.summary)
		}
		if got := Refusal(c.r, d, e); got != c.refusal {
			t.Errorf("%s: the refusal is\n  %q, want\n  %q", c.name, got, c.refusal)
		}
	}
}
