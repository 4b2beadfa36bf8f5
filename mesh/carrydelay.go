package mesh

import (
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
)

// A carrier may pass everything on, and late. What he adds himself can be told from what his paths take: a round trip by way of him should
// take what ours to him takes, and that of the far end to him, which its report says.
//
//	A ───── ours ───── C ──── theirs ──── B        round trip A–B  ≤  ours + theirs + what C adds
//
// All three are the highest of a window that ends with a report of the far end's: so what comes and goes is found out, too, be it of the
// carrier's making, or of a path's, which is in all of them. Whose direct sessions are as slow as what he carries is taken for somebody
// with slow paths.

const (
	// carryAdds is how much a carrier may add to a round trip: with a full uplink a packet may wait a while with him, each way, before it
	// is dropped (carryDeadline).
	carryAdds = 2 * carryDeadline
	// carryAddsFor is for how long he must have added more, in windows, until he is doubted, and carryForgives how much longer he must have
	// added less for that to be forgotten: who holds packets back for a second in every eight is not forgiven.
	carryAddsFor  = 8 * time.Second
	carryForgives = 4
	// carryCalms is how long what a new way does is not looked at: the round trip time of the session is still that of the old one, and what
	// was lost there is only found out.
	carryCalms = 3 * time.Second
	// mostReportedRTT is from where a report says no more than that a round trip is long.
	mostReportedRTT = 2 * time.Second
)

// roundTrips are the highest smoothed round trip times of a window.
type roundTrips struct{ whole, ours time.Duration }

func (r *roundTrips) take(whole, ours time.Duration) {
	r.whole, r.ours = max(r.whole, whole), max(r.ours, ours)
}

// wayDelay is what the carrier of one of our ways adds; the call's goroutine's own.
type wayDelay struct {
	link    *link      // the session that is looked at
	window  roundTrips // the one that goes on
	last    roundTrips // the newest whole one
	ours    time.Duration
	theirs  time.Duration // what the far end has reported of it
	report  time.Time     // when it came
	overdue time.Duration // how long he has added too much
}

// look takes the round trip times of now, and the newest report of the far end's: when it came, and what it says of its way to the carrier.
func (d *wayDelay) look(l *link, now roundTrips, report time.Time, theirs room.Link) {
	if d.link != l {
		*d = wayDelay{link: l, report: report}
	}
	d.window.take(now.whole, now.ours)
	if !report.After(d.report) {
		return
	}
	took := min(report.Sub(d.report), 2*room.ReportEvery)
	paths := max(d.ours, d.window.ours) + max(d.theirs, theirs.RTT) // what is waning may be in the window before
	if theirs.State == room.Up && theirs.RTT < mostReportedRTT && d.window.whole > paths+carryAdds {
		d.overdue = min(d.overdue+took, 2*carryAddsFor)
	} else {
		d.overdue = max(d.overdue-took/carryForgives, 0)
	}
	d.last, d.ours, d.theirs, d.report, d.window = d.window, d.window.ours, theirs.RTT, report, roundTrips{}
}

// delays reports whether a carrier adds too much to what his paths take, and somebody else would carry us much faster.
func (c *Call) delays(now time.Time, members []trust.Identity, g *leg, w *way) bool {
	links := &c.conf.links
	d := &w.delay
	d.look(g.link, roundTrips{g.link.peer.Session().Stats().RTT, w.via.peer.Session().Stats().RTT},
		links.Reported(g.identity), links.Link(now, g.identity, w.carrier))
	if d.overdue < carryAddsFor {
		return false
	}
	other, ok := c.otherCarrier(now, members, g.identity, w.carrier)
	if !ok {
		return false
	}
	ours, theirs := links.Link(now, c.agent.identity, other).RTT, links.Link(now, g.identity, other).RTT
	return ours+theirs+carryAdds < d.last.whole
}
