package main

import (
	"context"
	"fmt"
	"time"
)

// newCallWithin is how soon after a loss new calls have to work, in seconds.
const newCallWithin = 15

// checkCluster runs three instances on three NATS servers: callers on different ones reach each other, and whichever of the
// six is killed, calls go on and new ones work soon.
func checkCluster(ctx context.Context, b *bench) error {
	nats, err := b.startNATS(ctx)
	if err != nil {
		return err
	}
	defer func() {
		for _, n := range nats {
			n.stop()
		}
	}()
	instances, err := b.startInstances(ctx, nats)
	defer func() {
		for _, s := range instances {
			if s.program != nil {
				s.stop()
			}
		}
	}()
	if err != nil {
		return err
	}
	dave, err := b.answerer(ctx, "dave", instances[0], "--camera", "none", "--mic", "tone", "--accept", "anyone")
	if err != nil {
		return err
	}
	defer dave.stop()
	for i, s := range instances {
		took, why := b.tryCall(ctx, s, soon)
		b.report.holds(fmt.Sprintf("a caller on instance %d reaches somebody on instance 1", i+1), why == "", why)
		b.report.note("%.0f ms from the start of the caller's program", 1000*took.Seconds())
	}
	bob, err := b.answerer(ctx, "bob", instances[0], "--camera", "none", "--mic", "tone", "--accept", "anyone")
	if err != nil {
		return err
	}
	defer bob.stop()
	alice, err := b.headless("alice", instances[1], "--camera", "none", "--mic", "tone", "--duration", "10m", "call", "bob")
	if err != nil {
		return err
	}
	defer alice.stop()
	if _, err := alice.waitFor(ctx, soon, "call", inState("in_call")); err != nil {
		return err
	}

	var urls []string
	for _, n := range nats {
		urls = append(urls, "nats://"+n.client)
	}
	long := []*program{alice, bob}
	for i, s := range instances {
		what := fmt.Sprintf("instance %d killed", i+1)
		other := instances[(i+1)%3]
		s.kill()
		b.afterLoss(ctx, what, other, long)
		if err := b.startInstance(s, urls); err != nil {
			return err
		}
		waitUntil(ctx, time.Minute, func() bool { return s.sees(ctx) == 3 && other.sees(ctx) == 3 })
	}
	for i, n := range nats {
		n.kill()
		b.afterLoss(ctx, fmt.Sprintf("NATS server %d killed", i+1), instances[i], long)
		if err := n.start(); err != nil {
			return err
		}
		// The next loss would be the second of three: the cluster needs its majority back first.
		waitUntil(ctx, time.Minute, func() bool {
			for _, s := range instances {
				if _, err := fetch(ctx, s.directory()+"/readyz"); err != nil {
					return false
				}
			}
			return true
		})
		if err := pause(ctx, 5*time.Second); err != nil { // for its streams to catch up, of which nobody tells
			return err
		}
	}
	return nil
}

// tryCall has carol call dave, and tells why that did not come about.
func (b *bench) tryCall(ctx context.Context, s *service, timeout time.Duration) (took time.Duration, why string) {
	began := time.Now()
	p, err := b.headless("carol", s, "--camera", "none", "--mic", "tone", "--duration", "1s", "call", "dave")
	if err != nil {
		return 0, err.Error()
	}
	defer p.stop()
	if _, err := p.waitFor(ctx, timeout, "call", inState("in_call")); err != nil {
		return time.Since(began), err.Error()
	}
	took = time.Since(began)
	_, _ = p.wait(ctx, soon)
	return took, ""
}

// afterLoss measures how long it takes until a new call comes about, with a caller on an instance that lives, and sees whether old ones
// went on.
func (b *bench) afterLoss(ctx context.Context, what string, s *service, long []*program) {
	began := time.Now()
	why := "none was tried"
	var took time.Duration
	tries := 0
	for time.Since(began) < 3*newCallWithin*time.Second && ctx.Err() == nil {
		tries++
		if _, why = b.tryCall(ctx, s, newCallWithin*time.Second); why == "" {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	took = time.Since(began)
	b.report.atMost(what+": a new call established and ended", took.Seconds(), newCallWithin, "s")
	if why != "" {
		b.report.note("the last of %d tries: %s", tries, why)
	} else {
		b.report.note("at try %d", tries)
	}
	for _, p := range long {
		heard := waitUntil(ctx, soon, func() bool { return p.hearsSince(time.Now().Add(-2 * time.Second)) })
		b.report.holds(what+": "+p.name+"'s call goes on", p.running() && heard < soon, p.tail())
	}
}
