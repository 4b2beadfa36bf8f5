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
