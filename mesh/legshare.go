package mesh

import (
	"slices"
	"strings"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/mesh/uplink"
	"sundog.dev/sundog/rtmfp"
)

// legUplink is what belongs to one leg of the sharing of the uplink; the call's goroutine's own, too.
type legUplink struct {
	path    *pathRate // where the far end reports no arrivals
	grant   float64   // what it takes, bit/s of UDP payload
	granted float64   // what it took before it was silent
	looked  time.Time // at it, the last time
	resumes time.Time // until when it counts as having been silent just now
	id      string    // of the far end, for the division
	share   uplink.Share

	headers int // of IP and UDP, in bytes

	on             *link // what the far end can is known of this one
	repeats, fills bool  // it drops repeated sound; it takes what is of no use
	filled         time.Time
	sent           float64 // bytes on the link by then
	credit         float64 // bytes on the link that were not sent of what it may take
	fill           int     // packets of no use that are to be sent until the next turn

	farShowing incall.Showing // the last that it said; zero: nothing
	shown      Showing        // what it was told last
	told       bool           // it knows
	sequence   uint32         // of that
}

// Capabilities by which a far end says that it drops repeated sound by its timestamp, and that it takes the flow of filler.
const (
	repeatCapability = "repeat"
	fillCapability   = "fill"
)

// follow takes what the path to a far end takes, which reports when packets arrive. What is said while nothing comes from there, and in a
// moment after it, is about nothing: the path is taken for half as good as it was.
func (u *legUplink) follow(now time.Time, st rtmfp.Stats) {
	if now.Sub(st.LastReceived) >= mute || now.Sub(u.looked) >= mute {
		u.resumes = now.Add(resumeFor)
	}
	u.looked, u.grant = now, st.SendRate
	if now.Before(u.resumes) {
		u.grant = max(u.grant, u.granted/2)
	} else {
		u.granted = u.grant
	}
}

// knowLink takes what the far end can from a new link.
func (g *leg) knowLink() {
	u := &g.uplink
	if u.on == g.link {
		return
	}
	u.id = g.link.id.String()
	u.repeats, u.fills = false, false
	if !g.link.isReady() {
		return // not known yet
	}
	u.on = g.link
	can := strings.Fields(g.link.hello.capabilities)
	u.repeats, u.fills = slices.Contains(can, repeatCapability), slices.Contains(can, fillCapability)
}

// pathRate is what the path to a far end takes that reports no arrivals.
func (g *leg) pathRate(now time.Time, st rtmfp.Stats) float64 {
	p := g.uplink.path
	if now.Sub(p.at) >= pathEvery {
		p.at = now
		p.observe(p.before.loss(st), st.RTT, g.out.takeDropped())
	}
	return float64(p.now)
}

// takeShare gives the leg its share of the uplink: sound and pictures, and what proves that there is more.
func (g *leg) takeShare(now time.Time, i int) {
	s, u := &g.call.sharing, &g.uplink
	d := s.division
	u.share = d.Shares[i]
	size := d.Small.Size
	if u.share.Large {
		size = d.Large.Size
	}
	g.out.give(isSmall(size, s.request.Camera), u.share.Layers, u.share.Repeat)
	if !s.alone || s.estimate.Capped {
		ours := s.ourEstimate()
		said := rtmfp.Coupling{
			Rate: s.withCarried(d.Cap(i, ours), g.link), Headers: u.headers, Acks: max(d.Sound.Acks(), g.link.acks()),
		}
		if s.guests.sent == 0 { // what is carried for others has been spread by them, and our own pictures would starve beside it
			said.Together = ours.Together()
		}
		if !s.estimate.Others {
			said.Queue, said.Losing = s.estimate.Queue, s.estimate.Draining
		}
		g.link.peer.Session().Couple(said)
	}

	st := s.stats[i]
	sent := float64(st.BytesSent) + float64(st.DatagramsSent)*float64(u.headers)
	room := 0.0
	// Media that use less than they may, and would get more if it were known to be there, prove nothing by themselves.
	fill := u.share.Filler > 0 || d.Lacks && s.request.Probe && !u.share.PathLimited
	if fill && u.fills && st.Feedback && g.link.direct() {
		room = u.share.Cost + u.share.Filler + u.share.Files + s.feedback
	}
	g.fill(now, room, sent, float64(i+1)/float64(len(s.legs)))
}
