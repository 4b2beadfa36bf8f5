package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"sundog.dev/sundog/internal/middle"
)

const (
	// decided is how long a phone may take to come to a string, to a failed attempt, or to the end: connecting takes 20 s at most.
	decided = 40 * time.Second
	// atATime is how many strategies are tried at a time: the phones mostly wait.
	atATime = 9
)

// What phones of strangers say first: the end of a call with its reason, a string, or why there is none.
const (
	noRing  = "does not ring"
	aString = "a string"
)

// firstSaid are what caller's and callee's phone say first, by strategy.
var firstSaid = map[string][2]string{
	middle.PassesOn.Name:             {"identity_changed", noRing},
	middle.OwnKeys.Name:              {aString, aString},
	middle.TheirComparison.Name:      {"no_commitment", "no_commitment"},
	middle.DropsProofs.Name:          {"too_old", noRing},
	middle.DelaysProofs.Name:         {"too_old", noRing},
	middle.OldClient.Name:            {"too_old", noRing},
	middle.OldVersion.Name:           {"too_old", noRing},
	middle.ReflectsProofs.Name:       {"identity_changed", noRing},
	middle.ReflectsComparison.Name:   {"no_commitment", "no_commitment"},
	middle.ReplaysProofs.Name:        {"identity_changed", noRing},
	middle.ReplaysComparison.Name:    {"no_commitment", "no_commitment"},
	middle.CopiesCommitments.Name:    {"wrong_reveal", "wrong_reveal"},
	middle.GuessesAgain.Name:         {"superseded", "superseded"},
	middle.GuessesInNewSessions.Name: {"no_reveal", "no_reveal"},
	middle.NoHello.Name:              {"too_old or declined", noRing}, // whichever phone gives up first; the relay knows no reasons
	middle.NoInvite.Name:             {"too_old", noRing},
	middle.NoRinging.Name:            {aString, aString},
	middle.NoAccept.Name:             {"hangup", aString},
	middle.NoOK.Name:                 {aString, aString},
	middle.NoCommitment.Name:         {"no_commitment", "no_commitment"},
	middle.NoReveal.Name:             {"no_reveal", "no_reveal"},
	middle.RevealsFirst.Name:         {aString, aString},
	middle.WaitsForReveals.Name:      {"no_commitment", "no_commitment"},
	middle.Repeats.Name:              {aString, aString},
	middle.TwoCommitments.Name:       {"equivocated", "equivocated"},
	middle.AnotherReveal.Name:        {"wrong_reveal", "wrong_reveal"},
	middle.OneKey.Name:               {aString, aString},
}

// eachStrategy tries his strategies once each, on phones that have not met before.
func (b *bench) eachStrategy(ctx context.Context) error {
	all := middle.Strategies()
	tries := make([]try, len(all))
	places := make(chan struct{}, atATime)
	var wg sync.WaitGroup
	for i, s := range all {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			tries[i] = b.tryStrategy(ctx, s, i)
		})
	}
	wg.Wait()
	for i, s := range all {
		t, want := tries[i], firstSaid[s.Name]
		b.report.holds(fmt.Sprintf("%s: %s, %s", s.Name, want[0], want[1]), t.err == nil && oneOf(t.said[0], want[0]) && oneOf(t.said[1], want[1]), fmt.Sprintf("%v %q", t.err, t.said))
		if t.shown.caller != "" && t.shown.caller == t.shown.callee {
			b.report.holds(s.Name+": the strings differ", false, t.shown.caller)
		}
		for _, sentence := range t.sentences {
			b.report.note("%q", sentence)
		}
	}
	return nil
}

// oneOf reports whether a phone said one of the things that it may say.
func oneOf(said, may string) bool { return slices.Contains(strings.Split(may, " or "), said) }

// try is what came of a strategy.
type try struct {
	said      [2]string
	shown     shown
	sentences []string
	err       error
}

// tryStrategy has strangers call each other through him: once by the rules, so that he has something to replay, and then so.
func (b *bench) tryStrategy(ctx context.Context, s middle.Strategy, i int) (t try) {
	x, err := startBetween(middle.OwnKeys)
	if err != nil {
		return try{err: err}
	}
	defer x.stop()
	caller, callee := fmt.Sprintf("caller-%d", i), fmt.Sprintf("callee-%d", i)
	answerer, err := b.answerer(ctx, callee, x.service, "--accept", "anyone")
	if err != nil {
		return try{err: err}
	}
	defer answerer.stop()
	if _, err := b.meet(ctx, x.service, answerer, callee, caller); err != nil {
		return try{err: err}
	}
	b.forget(caller)
	x.SetStrategy(s)
	began := time.Now()
	p, err := b.headless(caller, x.service, "call", callee)
	if err != nil {
		return try{err: err}
	}
	defer p.stop()
	first, err := p.waitFor(ctx, decided, "word", decisive(began))
	if err != nil {
		return try{err: err}
	}
	t.take(0, first)
	if slices.Contains([]string{"identity_changed", "too_old", "declined"}, first.Reason) {
		time.Sleep(time.Second) // in which the other phone might ring
		if len(answerer.all(func(e event) bool { return e.Event == "incoming" && e.Time.After(began) })) == 0 {
			t.said[1] = noRing
			return t
		}
	}
	other, err := answerer.waitFor(ctx, decided, "word", decisive(began))
	if err != nil {
		t.err = err
		return t
	}
	t.take(1, other)
	return t
}

// decisive are the events with which a phone says what has become of a call, or of its comparison.
func decisive(since time.Time) func(event) bool {
	return func(e event) bool { return (e.Event == "verified" || e.Event == "ended") && e.Time.After(since) }
}

// take notes what a phone has said.
func (t *try) take(side int, e event) {
	t.said[side] = e.Reason
	if e.SAS != "" {
		t.said[side] = aString
		if side == 0 {
			t.shown.caller = e.SAS
		} else {
			t.shown.callee = e.SAS
		}
	}
	if e.Sentence != "" && !slices.Contains(t.sentences, e.Sentence) {
		t.sentences = append(t.sentences, e.Sentence)
	}
}
