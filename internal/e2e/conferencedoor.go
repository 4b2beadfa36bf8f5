package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	doorSeats = 4
	doorFlood = 10
)

// door is a conference of four with all seats taken by then, at whose door others try to come in.
type door struct {
	*stage
	ada, ben, cleo, dan, eve *conferee
	began                    time.Time
}

// checkConferenceDoor is who comes into a conference and who does not, and what becomes of it when people fall out of it.
func checkConferenceDoor(ctx context.Context, b *bench) error {
	s, err := b.newStage(ctx, conferenceSize)
	if err != nil {
		return err
	}
	defer s.close()
	d := &door{stage: s}
	if _, err := s.assemble(ctx, doorSeats, d.flags); err != nil {
		return err
	}
	d.ada, d.ben, d.cleo, d.dan = s.people[0], s.people[1], s.people[2], s.people[3]
	d.began = time.Now()
	for _, step := range []func(context.Context) error{d.badLinks, d.removed, d.full, d.flood} {
		if err := step(ctx); err != nil {
			b.report.holds("the step ran to its end", false, err.Error())
		}
	}
	stay := []*conferee{d.ada, d.ben, d.cleo}
	within := span{d.began, time.Now()}
	s.reportStreams("those inside, meanwhile", within, func(from, to *conferee) bool {
		return slices.Contains(stay, from) && slices.Contains(stay, to)
	}, noPicture)
	for _, step := range []func(context.Context) error{d.crash, d.carried, d.openerLeaves} {
		if err := step(ctx); err != nil {
			b.report.holds("the step ran to its end", false, err.Error())
		}
	}
	return nil
}

func (d *door) flags(host int) []string {
	return []string{"--camera", "none", "--mic", fmt.Sprintf("tone:%d", 300+40*host), "--max-peers", fmt.Sprint(doorSeats - 1)}
}

// knock has somebody try to come in by a link.
func (d *door) knock(name string, host int, link string) (*conferee, error) {
	return d.enterAs(name, host, append(d.flags(host), "confer", link)...)
}

// refused holds that somebody is told why he does not come in, and ends with the status of a call that has not come about, or of bad
// arguments where the link says it all.
func (d *door) refused(ctx context.Context, what string, c *conferee, status int, reason string) error {
	got, exit, err := c.ends(ctx, 3*soon)
	if err != nil {
		return err
	}
	r := d.b.report
	r.equals(what+": exit status", exit, status)
	said := strings.TrimSpace(c.logText())
	if told := c.all(named("ended")); len(told) > 0 {
		said = told[0].Sentence
	}
	if reason != "" {
		r.equals(what+": reason", got, reason)
	}
	r.holds(what+": a sentence for people", strings.HasSuffix(said, ".") || status == 2 && said != "", fmt.Sprintf("%q", said))
	r.note("%q", said)
	d.people = slices.DeleteFunc(d.people, func(o *conferee) bool { return o == c })
	return nil
}

// badLinks are links that nobody in the conference has signed, or not for now.
func (d *door) badLinks(ctx context.Context) error {
	forged, err := forgedLink(d.link)
	if err != nil {
		return err
	}
	c, err := d.knock("mallory", 5, forged)
	if err != nil {
		return err
	}
	if err := d.refused(ctx, "a link that was changed", c, 2, ""); err != nil {
		return err
	}
	key, err := profileKey(d.ada.folder("profile-" + d.ada.name))
	if err != nil {
		return err
	}
	expired, err := expiredLink(d.link, key, time.Now())
	if err != nil {
		return err
	}
	if c, err = d.knock("trudy", 5, expired); err != nil {
		return err
	}
	return d.refused(ctx, "a link that has expired", c, 1, "declined")
}

// removed is somebody who is taken out by the opener, and tries to come back by the same link.
func (d *door) removed(ctx context.Context) error {
	if err := d.ada.order("remove %s", d.dan.peerID()); err != nil {
		return err
	}
	if err := d.refused(ctx, "who is taken out", d.dan, 3, "removed"); err != nil {
		return err
	}
	c, err := d.knock(d.dan.name, d.dan.host, d.link)
	if err != nil {
		return err
	}
	return d.refused(ctx, "who was taken out and comes again", c, 1, "removed")
}

// full is one too many: the seat of who was taken out goes to the next, and then there is none.
func (d *door) full(ctx context.Context) (err error) {
	if d.eve, err = d.knock("eve", 4, d.link); err != nil {
		return err
	}
	waitUntil(ctx, 2*soon, func() bool { return len(d.missing()) == 0 })
	d.b.report.holds("somebody else takes the free seat", len(d.missing()) == 0, fmt.Sprint(d.missing(), d.eve.tail()))
	c, err := d.knock("fay", 5, d.link)
	if err != nil {
		return err
	}
	return d.refused(ctx, "one too many", c, 1, "full")
}

// flood is many at once at the door of a full room.
func (d *door) flood(ctx context.Context) error {
	began := time.Now()
	var all []*conferee
	for i := range doorFlood {
		c, err := d.knock(fmt.Sprintf("crowd%d", i), 6+i%2, d.link)
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	kept := 0
	reasons := map[string]int{}
	for _, c := range all {
		reason, status, err := c.ends(ctx, 6*soon)
		if err != nil {
			return err
		}
		reasons[reason]++
		if status == 1 && reason == "full" {
			kept++
		}
		d.people = slices.DeleteFunc(d.people, func(o *conferee) bool { return o == c })
	}
	d.b.report.equals(fmt.Sprintf("of %d at once so many are told that it is full", doorFlood), kept, doorFlood)
	d.b.report.note("reasons: %v, the last after %.1f s", reasons, time.Since(began).Seconds())
	return nil
}

// crash is the death of somebody's program, and its return.
func (d *door) crash(ctx context.Context) error {
	d.ben.kill()
	time.Sleep(2 * time.Second)
	d.people = slices.DeleteFunc(d.people, func(o *conferee) bool { return o == d.ben })
	again, err := d.knock(d.ben.name, d.ben.host, d.link)
	if err != nil {
		return err
	}
	d.ben = again
	took := waitUntil(ctx, 3*soon, func() bool { return len(d.missing()) == 0 })
	d.b.report.atMost("after a crash, back with all others, from the new start", took.Seconds(), 10, "s")
	return d.hear(ctx, "after a crash and the return")
}

// hear holds that all hear all now, and agree.
func (d *door) hear(ctx context.Context, what string) error {
	d.agree(ctx)
	const seconds, settles = 6, 3 * time.Second
	if err := pause(ctx, settles); err != nil {
		return err
	}
	f, err := d.measure(ctx, seconds*time.Second)
	if err != nil {
		return err
	}
	all := d.streams(f.span, everybody)
	heard := 0
	for _, s := range all {
		if len(s.seconds) > 0 && s.values(func(e event) float64 { return e.RecvKbps })[len(s.seconds)-1] > 0 {
			heard++
		}
	}
	d.b.report.equals(what+": so many hear each other", heard, len(all))
	d.holdStreams(what, f.span, all, seconds-2, noPicture)
	return nil
}

// carried is a link between two that breaks while theirs to the others stand, and heals.
func (d *door) carried(ctx context.Context) error {
	const carriedSoon, healsSoon = 15 * time.Second, 60 * time.Second
	a, b := d.cleo, d.eve
	if err := d.net.block(pairOf(a.host, b.host)); err != nil {
		return err
	}
	broken := time.Now()
	took := waitUntil(ctx, 3*carriedSoon, func() bool { return a.carrier(b, broken) != "" && b.carrier(a, broken) != "" })
	carrier := a.carrier(b, broken)
	d.b.report.holds("a broken link is carried by another member, as both tell", carrier != "" && b.carrier(a, broken) != "", a.tail())
	if carrier != "" {
		d.b.report.atMost("it is carried after", took.Seconds(), carriedSoon.Seconds(), "s")
		if err := d.hear(ctx, "while a link is carried"); err != nil {
			return err
		}
	}
	if err := d.net.block(); err != nil {
		return err
	}
	healed := time.Now()
	took = waitUntil(ctx, healsSoon, func() bool { return a.direct(b, healed) && b.direct(a, healed) })
	d.b.report.atMost("it is direct again after", took.Seconds(), healsSoon.Seconds()-1, "s")
	return nil
}

// own is the phone's own link to another as the last event since a time tells it; its own identity is that which all the others
// tell.
func (c *conferee) own(other *conferee, since time.Time) (l linkLine, ok bool) {
	me, they := other.identityOf(c), c.identityOf(other)
	for _, e := range c.all(func(e event) bool { return e.Event == "links" && e.Time.After(since) }) {
		for _, line := range e.Links {
			if line.By == me && line.With == they {
				l, ok = line, true
			}
		}
	}
	return l, ok
}

// carrier is who carries the link to another one, by identity; "" while nobody does.
func (c *conferee) carrier(other *conferee, since time.Time) string {
	if l, ok := c.own(other, since); ok && l.State == "carried" {
		return l.Carrier
	}
	return ""
}

// direct reports whether the link to another is up with nobody in between.
func (c *conferee) direct(other *conferee, since time.Time) bool {
	l, ok := c.own(other, since)
	return ok && l.State == "up"
}

// identityOf is another one's identity, as the phone has told it.
func (c *conferee) identityOf(other *conferee) string {
	id := other.peerID()
	found := c.all(func(e event) bool { return e.Identity != "" && e.PeerID == id })
	if len(found) == 0 {
		return "?"
	}
	return found[len(found)-1].Identity
}

// openerLeaves is the end of whoever has opened the conference: the others stay.
func (d *door) openerLeaves(ctx context.Context) error {
	if err := d.ada.order("quit"); err != nil {
		return err
	}
	_, status, err := d.ada.ends(ctx, soon)
	if err != nil {
		return err
	}
	d.b.report.equals("the opener leaves: exit status", status, 0)
	d.people = slices.DeleteFunc(d.people, func(o *conferee) bool { return o == d.ada })
	return d.hear(ctx, "after the opener has left")
}
