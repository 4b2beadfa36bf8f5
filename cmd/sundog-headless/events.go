package main

import (
	"math"
	"time"

	"sundog.dev/sundog/internal/phone"
)

// The events of a call that goes on.

func (f *followed) printEvent(ev phone.Event) {
	c, r := f.call, f.runner
	switch ev := ev.(type) {
	case phone.StateChanged:
		st := ev.Status
		if st.State == phone.Ended && f.conference && !f.established && f.last != "" {
			st.Reason = f.last // we have hung up because nobody came
		}
		r.out.print("state", "peer", c.Name(), "state", st.State, "reason", string(st.Reason), "why", st.Why, "detail", st.Detail)
		if st.State == phone.Ended {
			r.printEnded(c, st)
		}
	case phone.ChatLine:
		r.out.print("chat", "peer", c.NameOfPeer(ev.PeerID), "peer_id", ev.PeerID.String(), "from", ev.From, "text", ev.Text, "private", ev.Private)
	case phone.Reacted:
		r.out.print("reaction", "peer", c.NameOfPeer(ev.PeerID), "peer_id", ev.PeerID.String(), "emoji", ev.Emoji)
	case phone.MemberProved:
		r.printProved(c, ev)
	case phone.MemberLeft:
		f.left(ev)
	case phone.ComparisonChanged:
		r.printComparison(c, ev)
	case phone.MemberStateChanged:
		s := ev.State
		r.out.print("media", "peer", c.NameOfPeer(s.PeerID), "peer_id", s.PeerID.String(), "sound", s.Sound, "picture", s.Picture, "muted", s.Muted,
			"screen", s.Screen, "hand", s.Hand, "hand_at", stamp(s.HandAt), "speaking", s.Speaking)
	case phone.LinksChanged:
		f.printLinks()
	case phone.UplinkChanged:
		if c.UplinkMode() != f.mode {
			f.printUplink()
		}
	case phone.FileChanged:
		f.takeFile(c.Transfer(ev.Transfer))
	}
}

// stamp is a time as events have it, "" for none.
func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(timeFormat)
}

func (f *followed) printStats(p phone.Participant) {
	st := f.call.StatsOf(p.ID)
	sent := st.SendKbps
	if all := f.call.Uplink().Sent; all > 0 {
		sent = float64(all) / 1000
	}
	f.runner.out.print("stats", "peer", p.Name, "peer_id", p.ID,
		"rtt_ms", ms(st.RTT), "loss", round(st.Loss, 4),
		"send_kbps", round(st.SendKbps, 1), "recv_kbps", round(st.RecvKbps, 1), "uplink_kbps", round(sent, 1),
		"audio_latency_ms", ms(st.Audio.Latency), "video_latency_ms", ms(st.Video.Latency),
		"concealed", round(st.Audio.Concealed, 4), "stretched", round(st.Audio.Stretched, 4), "buffered_ms", ms(st.Audio.Buffered),
		"fps", round(st.Video.FPS, 1), "width", st.Video.Width, "height", st.Video.Height, "path", st.Path)
}

// printUplink tells what our uplink carries.
func (f *followed) printUplink() {
	u := f.call.Uplink()
	f.mode = f.call.UplinkMode()
	f.runner.out.print("uplink", "kbps", round(float64(u.Rate)/1000, 1), "sent_kbps", round(float64(u.Sent)/1000, 1),
		"cap_kbps", round(float64(u.Cap)/1000, 1), "mode", string(f.mode), "line", u.Line, "summary", u.Summary, "refusal", u.Refusal)
}

// link is a line of a links event.
type link struct {
	By      string  `json:"by"`
	With    string  `json:"with"`
	State   string  `json:"state"`
	RTT     float64 `json:"rtt_ms"`
	Loss    float64 `json:"loss"`
	Carrier string  `json:"carrier,omitempty"`
}

// printLinks tells who hears whom.
func (f *followed) printLinks() {
	links := []link{}
	for _, l := range f.call.Links() {
		links = append(links, link{identityText(l.By), identityText(l.With), string(l.State), ms(l.RTT), round(l.Loss, 4), identityText(l.Carrier)})
	}
	f.runner.out.print("links", "links", links)
}

func ms(d time.Duration) float64 { return round(float64(d)/float64(time.Millisecond), 1) }

func round(v float64, digits int) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}
