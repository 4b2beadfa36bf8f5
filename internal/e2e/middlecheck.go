package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"sundog.dev/sundog/internal/middle"
)

// middleRunsVariable sets how many strangers meet through the man in the middle.
const middleRunsVariable = "SUNDOG_MIDDLE_RUNS"

const (
	defaultMiddleRuns = 1000
	// directRuns is how many meet without him, for comparison.
	directRuns = 50
	// knownRuns is how often those who have met without him call each other through him.
	knownRuns = 100
	// pairs is how many calls go on at a time: starting a program is most of the work, and waiting the rest.
	pairs = 4
)

// checkMiddle puts a man in the middle between built phones: he has their directory and their service, and ends the
// sessions of both with certificates and keys of his own.
func checkMiddle(ctx context.Context, b *bench) error {
	runs := defaultMiddleRuns
	if v := os.Getenv(middleRunsVariable); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return fmt.Errorf("%s is %q, not a number of runs", middleRunsVariable, v)
		}
		runs = n
	}
	for _, part := range []func(context.Context) error{
		b.directMeetings,
		func(ctx context.Context) error { return b.meetingsThroughHim(ctx, runs) },
		b.knownPeople,
		b.eachStrategy,
	} {
		if err := part(ctx); err != nil {
			b.report.holds("the step ran to its end", false, err.Error())
		}
	}
	return nil
}

// place is where strangers meet.
type place struct {
	service *service
	stop    func()
	// right says what is wrong with a meeting that has come about.
	right func(shown) error
}

// tally counts meetings. Several goroutines use it.
type tally struct {
	mu          sync.Mutex
	done, equal int
	failed      []error
}

func (t *tally) add(s shown, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.failed = append(t.failed, err)
		return
	}
	t.done++
	if s.caller == s.callee {
		t.equal++
	}
}

func (t *tally) tell(r *report, began time.Time) {
	r.note("%d meetings in %.0f s, %d at a time", t.done, time.Since(began).Seconds(), pairs)
	for i, err := range t.failed {
		if i == toldFailures {
			r.note("and %d more", len(t.failed)-i)
			return
		}
		r.note("%v", err)
	}
}

// toldFailures bounds what is printed when all goes wrong.
const toldFailures = 5

// directMeetings is the check of the check: with nobody in between, the strings are the same.
func (b *bench) directMeetings(ctx context.Context) error {
	s, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	var t tally
	began := time.Now()
	err = b.meetings(ctx, directRuns, "direct", &t, func() (place, error) {
		return place{s, func() {}, func(shown) error { return nil }}, nil
	})
	b.report.equals("nobody in between: the same string at both", t.equal, directRuns)
	t.tell(b.report, began)
	return err
}

// meetingsThroughHim has strangers meet with him in between, who shows each side an identity of his own and compares with each.
func (b *bench) meetingsThroughHim(ctx context.Context, runs int) error {
	var t tally
	began := time.Now()
	err := b.meetings(ctx, runs, "middle", &t, func() (place, error) {
		x, err := startBetween(middle.OwnKeys)
		if err != nil {
			return place{}, err
		}
		return place{x.service, x.stop, func(s shown) error { return x.knew(ctx, s) }}, nil
	})
	b.report.equals("he is in between: a string at both, which he knew", t.done, runs)
	b.report.equals("he is in between: the same string at both", t.equal, 0)
	t.tell(b.report, began)
	return err
}

// meetings has n calls between strangers, several at a time.
func (b *bench) meetings(ctx context.Context, n int, name string, t *tally, open func() (place, error)) error {
	var wg sync.WaitGroup
	errs := make([]error, pairs)
	for pair := range pairs {
		wg.Go(func() {
			p, err := open()
			if err == nil {
				err = b.meetingsAt(ctx, p, n, pair, name, t)
				p.stop()
			}
			errs[pair] = err
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// answersFor is how many calls one answering phone takes until another one takes its place.
const answersFor = 50

// meetingsAt has every pairs-th of n calls at one place: each caller is new, the answering phone from time to time.
func (b *bench) meetingsAt(ctx context.Context, at place, n, pair int, name string, t *tally) error {
	var answerer *program
	callee := ""
	leave := func() {
		if answerer != nil {
			answerer.stop()
			b.forget(callee)
		}
	}
	defer func() { leave() }()
	for run := 0; run*pairs+pair < n && ctx.Err() == nil; run++ {
		if run%answersFor == 0 {
			leave()
			callee = fmt.Sprintf("%s-callee-%d-%d", name, pair, run)
			var err error
			if answerer, err = b.answerer(ctx, callee, at.service, "--accept", "anyone"); err != nil {
				return err
			}
		}
		caller := fmt.Sprintf("%s-caller-%d-%d", name, pair, run)
		s, err := b.meet(ctx, at.service, answerer, callee, caller)
		if err == nil {
			err = at.right(s)
		}
		t.add(s, err)
		b.forget(caller)
	}
	return ctx.Err()
}
