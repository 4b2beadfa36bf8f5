package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sundog.dev/sundog/internal/middle"
)

// refusals counts what happens to those who know each other. Several goroutines use it.
type refusals struct {
	mu                   sync.Mutex
	caller, callee, rang int
	callerSays           string
}

// knownPeople has people talk to each other with nobody in between, and then call each other through him.
func (b *bench) knownPeople(ctx context.Context) error {
	direct, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer direct.stop()
	var r refusals
	var wg sync.WaitGroup
	errs := make([]error, pairs)
	for pair := range pairs {
		wg.Go(func() { errs[pair] = b.knownPair(ctx, direct, pair, knownRuns/pairs, &r) })
	}
	wg.Wait()
	runs := knownRuns / pairs * pairs
	b.report.equals("they knew each other: the caller's phone ends with identity_changed", r.caller, runs)
	b.report.equals("they knew each other: the callee's phone refuses and says so", r.callee, runs)
	b.report.equals("they knew each other: the callee's phone rings", r.rang, 0)
	b.report.note("caller: %q", r.callerSays)
	return errors.Join(errs...)
}

// knownPair makes two phones contacts of each other, and has one call the other through him n times.
func (b *bench) knownPair(ctx context.Context, direct *service, pair, n int, r *refusals) error {
	alice, bob := fmt.Sprintf("alice-%d", pair), fmt.Sprintf("bob-%d", pair)
	for _, who := range [][2]string{{alice, bob}, {bob, alice}} { // whom one has called is a contact
		answerer, err := b.answerer(ctx, who[1], direct, "--accept", "anyone")
		if err != nil {
			return err
		}
		s, err := b.meet(ctx, direct, answerer, who[1], who[0])
		answerer.stop()
		if err != nil {
			return err
		}
		if s.caller != s.callee {
			return fmt.Errorf("%s and %s show %v with nobody in between", who[0], who[1], s)
		}
	}
	x, err := startBetween(middle.OwnKeys)
	if err != nil {
		return err
	}
	defer x.stop()
	for n > 0 {
		answerer, err := b.answerer(ctx, bob, x.service)
		if err != nil {
			return err
		}
		for range min(n, requestsTold) {
			if err = b.knownCall(ctx, x, alice, bob, answerer, r); err != nil {
				break
			}
			n--
		}
		answerer.stop()
		if err != nil {
			return err
		}
	}
	return nil
}

// requestsTold is how many requests in a row a phone tells of for certain; a flood of them it does not write down.
const requestsTold = 15

// knownCall has alice call bob once.
func (b *bench) knownCall(ctx context.Context, x *between, alice, bob string, answerer *program, r *refusals) error {
	began := time.Now()
	p, err := b.headless(alice, x.service, "call", bob)
	if err != nil {
		return err
	}
	defer p.stop()
	ended, err := p.waitFor(ctx, 3*soon, "ended event", named("ended"))
	if err != nil {
		return err
	}
	status, err := p.wait(ctx, soon)
	if err != nil {
		return err
	}
	refused := func(e event) bool {
		return e.Event == "request" && e.Standing == "changed" && e.Contact == alice && e.Time.After(began)
	}
	_, notRefused := answerer.waitFor(ctx, soon, "request event", refused)
	r.mu.Lock()
	defer r.mu.Unlock()
	if ended.Reason == "identity_changed" && status == 1 {
		r.caller++
	}
	r.callerSays = ended.Sentence
	if notRefused == nil {
		r.callee++
	}
	r.rang += len(answerer.all(func(e event) bool { return e.Event == "incoming" && e.Time.After(began) }))
	return nil
}
