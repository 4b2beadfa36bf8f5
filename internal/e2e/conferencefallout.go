package main

import (
	"context"
	"slices"
	"time"
)

// crash is the death of somebody's program, and its return.
func (d *door) crash(ctx context.Context) error {
	d.ben.kill()
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
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
