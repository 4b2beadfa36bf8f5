package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// checkService is a service's life: it starts with no flags, has two phones call each other, is killed in the middle of the call,
// and is started again.
func checkService(ctx context.Context, b *bench) error {
	if err := b.noFlags(ctx); err != nil {
		return err
	}
	s, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer func() { s.stop() }()
	const callLasts = 60
	bob, err := b.answerer(ctx, "bob", s, "--camera", "none", "--mic", "tone", "--accept", "anyone", "--once")
	if err != nil {
		return err
	}
	defer bob.stop()
	alice, err := b.headless("alice", s, "--camera", "none", "--mic", "tone", "--duration", fmt.Sprintf("%ds", callLasts), "call", "bob")
	if err != nil {
		return err
	}
	defer alice.stop()
	phones := []*program{alice, bob}
	for _, p := range phones {
		if _, err := p.waitFor(ctx, soon, "call", inState("in_call")); err != nil {
			return err
		}
	}
	if err := pause(ctx, 3*time.Second); err != nil {
		return err
	}
	s.kill()
	killed := time.Now()
	if err := pause(ctx, 5*time.Second); err != nil {
		return err
	}
	for _, p := range phones {
		b.report.holds(p.name+": the call runs on without the service", p.running() && p.hearsSince(killed.Add(2*time.Second)), p.tail())
	}
	registered := map[*program]int{}
	for _, p := range phones {
		registered[p] = len(p.all(named("registered")))
	}
	restarted := time.Now()
	if s, err = b.startServiceAt(ctx, s.rtmfp, s.http); err != nil {
		return err
	}
	for _, p := range phones {
		waitUntil(ctx, 30*time.Second, func() bool { return isHere(ctx, s.directory(), p.name) })
		b.report.atMost(p.name+": registered again after the restart", time.Since(restarted).Seconds(), 10, "s")
		b.report.note("%s has told of %d registrations, %d of them before", p.name, len(p.all(named("registered"))), registered[p])
	}
	b.report.holds("the names still belong to their keys", ownedBy(ctx, s.directory(), "alice") && ownedBy(ctx, s.directory(), "bob"), "")
	for _, p := range phones {
		back := time.Now()
		waitUntil(ctx, soon, func() bool { return p.hearsSince(back) })
		b.report.holds(p.name+": the call still runs", p.running() && p.hearsSince(back), p.tail())
	}
	for _, p := range phones {
		status, err := p.wait(ctx, (callLasts+20)*time.Second)
		if err != nil {
			return err
		}
		b.report.equals(p.name+"'s exit status", status, 0)
	}
	return nil
}

// noFlags starts sundogd with nothing but a home of its own, and measures how long it takes to serve.
func (b *bench) noFlags(ctx context.Context) error {
	if busy := firstBusy("udp", ":1935") + firstBusy("tcp", ":8035"); busy != "" {
		b.report.note("the usual addresses are taken on this machine (%s): the start is measured on others", busy)
		began := time.Now()
		s, err := b.startService(ctx)
		if err != nil {
			return err
		}
		b.report.atMost("served after its start", time.Since(began).Seconds(), 1, "s")
		s.stop()
		return nil
	}
	home := filepath.Join(b.dir, "home")
	began := time.Now()
	p, err := start("sundogd", []string{"HOME=" + home, "STATE_DIRECTORY=" + filepath.Join(home, "state")}, filepath.Join(b.programs, "sundogd"))
	if err != nil {
		return err
	}
	defer p.stop()
	waitUntil(ctx, soon, func() bool { _, err := fetch(ctx, "http://127.0.0.1:8035/readyz"); return err == nil })
	b.report.atMost("no flags: serves after its start", time.Since(began).Seconds(), 1, "s")
	_, err = os.Stat(filepath.Join(home, "state"))
	b.report.holds("no flags: the data folder is made", err == nil, "")
	return nil
}
