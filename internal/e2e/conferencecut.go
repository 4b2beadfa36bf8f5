package main

import (
	"context"
	"math"
	"time"

	"sundog.dev/sundog/internal/e2e/measure"
)

// checkConferenceCut cuts somebody's uplink to a fifth in the middle of a conference of eight, and gives it back.
func checkConferenceCut(ctx context.Context, b *bench) error {
	const (
		victim    = 2
		low       = 1e6
		fits      = 1500 * time.Millisecond // until video has become as small as the uplink
		atFirst   = 2 * time.Second
		then      = 5 * time.Second
		lasts     = 15 * time.Second
		comesBack = 10 * time.Second
	)
	s, err := b.newStage(ctx, conferenceSize)
	if err != nil {
		return err
	}
	defer s.close()
	if _, err := s.assemble(ctx, conferenceSize, tones); err != nil {
		return err
	}
	if err := pause(ctx, 2*conferenceSettles); err != nil {
		return err
	}
	who := s.people[victim]
	cut := time.Now()
	if err := s.net.setUp(victim, low); err != nil {
		return err
	}
	lastDrop, err := s.lastDrop(ctx, victim, cut.Add(fits))
	if err != nil {
		return err
	}
	if _, err := s.net.forget(); err != nil {
		return err
	}
	rest := span{cut.Add(fits), cut.Add(lasts)}
	overflow, err := s.lastDrop(ctx, victim, rest.to)
	if err != nil {
		return err
	}
	if !overflow.IsZero() {
		lastDrop = overflow
	}
	fitted, err := s.net.stats()
	if err != nil {
		return err
	}
	recovery := time.Now()
	if err := s.net.setUp(victim, linkUp); err != nil {
		return err
	}
	if err := pause(ctx, comesBack+5*time.Second); err != nil {
		return err
	}

	ofVictim := func(from, _ *conferee) bool { return from == who }
	of := func(what string, p span, mark float64) {
		var shares []float64
		all := s.streams(span{p.from, p.to.Add(time.Second)}, ofVictim)
		for _, stream := range all {
			shares = append(shares, stream.madeUpIn(p))
		}
		met := b.report.atMost("sound of "+who.name+" made up, "+what+", the worst", 100*measure.Quantile(shares, 1), mark, "%")
		s.explain(met, all, cut, func(s stream) bool { return 100*s.madeUpIn(p) > mark }, stream.soundLapses)
	}
	of("the first 2 s", span{cut, cut.Add(atFirst)}, 8)
	of("the next 5 s", span{cut.Add(atFirst), cut.Add(atFirst + then)}, 1)
	if lastDrop.IsZero() {
		b.report.note("the uplink's queue never overflowed")
	} else {
		b.report.atMost("the uplink's queue overflows for the last time after", lastDrop.Sub(cut).Seconds(), fits.Seconds(), "s")
	}
	up := fitted.Up[victim]
	b.report.atMost("sent from 1.5 s after the cut on", float64(up.Came.Bytes)*8/rest.seconds()/1e6, low/1e6, "Mbit/s")
	b.report.atMost("time in the queue from then on, 95 %", up.quantile(0.95), conferenceQueue, "ms")
	b.report.note("%s said of its uplink: %s", who.name, who.uplinkLine())

	var back []float64
	all := s.streams(span{recovery, time.Now()}, ofVictim)
	for _, stream := range all {
		back = append(back, goodAgain(stream.seconds, recovery))
		b.report.note("%v: as they shall be again after %.1f s", stream, goodAgain(stream.seconds, recovery))
	}
	met := b.report.atMost("pictures as they shall be again after, the worst", measure.Quantile(back, 1), comesBack.Seconds(), "s")
	s.explain(met, all, recovery, func(s stream) bool { return goodAgain(s.seconds, recovery) > comesBack.Seconds() }, func(s stream) []lapse { return s.pictureLapses(wholePicture) })
	s.reportStreams("among the others, all the time", span{cut, time.Now()}, func(from, to *conferee) bool { return from != who && to != who }, wholePicture)
	return nil
}

// lastDrop watches an uplink until a time, and returns when it last dropped a packet; zero: it did not.
func (s *stage) lastDrop(ctx context.Context, host int, until time.Time) (last time.Time, err error) {
	const grain = 50 * time.Millisecond
	dropped := 0
	for first := true; time.Now().Before(until); first = false {
		a, err := s.net.stats()
		if err != nil {
			return last, err
		}
		if n := a.Up[host].Dropped; n > dropped {
			dropped = n
			if !first {
				last = time.Now()
			}
		}
		select {
		case <-time.After(grain):
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
	return last, nil
}

// goodAgain is how long after a time, in s, the pictures are as they shall be and stay so; without end if they are not.
func goodAgain(seconds []event, after time.Time) float64 {
	since := -1.0
	for _, e := range seconds {
		switch {
		case !wholePicture.in(e):
			since = -1
		case since < 0:
			since = e.Time.Sub(after).Seconds()
		}
	}
	if since < 0 {
		return math.Inf(1)
	}
	return since
}
