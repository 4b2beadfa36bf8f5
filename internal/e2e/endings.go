package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// checkEndings provokes the ends of a call, each of which has its own reason and exit status.
func checkEndings(ctx context.Context, b *bench) error {
	if err := b.usage(ctx); err != nil {
		return err
	}
	s, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	for _, step := range []func(context.Context, *service) error{
		b.wrongService, b.unknownName, b.declined, b.busy, b.killed,
	} {
		if err := step(ctx, s); err != nil {
			b.report.holds("the step ran to its end", false, err.Error())
		}
	}
	return b.serviceLost(ctx)
}

// usage tries flags that are wrong and such as a later version brings.
func (b *bench) usage(ctx context.Context) error {
	const later = "not in this version"
	for _, c := range []struct {
		args  string
		wants string
	}{
		{"--accept maybe answer", ""},
		{"--no-such-flag answer", ""},
		{"--camera holiday.mov answer", ""},
		{"", ""},
		{"wave", ""},
		{"--relay turn:127.0.0.1:3478 answer", later},
		{"--directory xmpp:somebody@example.org --name ada answer", "a service is needed"},
		{"--directory lan answer", "--name is needed"},
		{"--verify perhaps answer", "--verify"},
		{"--uplink-cap -5 answer", "--uplink-cap"},
		{"call sundog:somebody", "this link"},
		{"confer", "confer takes"},
		{"confer new", "--name is needed"},
		{"--view wall --name ada confer new", "--view"},
		{"--max-peers 16 --name ada confer new", "15 at most"},
		{"confer sundog:somebody", "this link"},
		{"check", later},
	} {
		args := append([]string{"--profile", filepath.Join(b.dir, "usage")}, strings.Fields(c.args)...)
		p, err := start("sundog-headless", nil, filepath.Join(b.programs, "sundog-headless"), args...)
		if err != nil {
			return err
		}
		status, err := p.wait(ctx, soon)
		if err != nil {
			p.kill()
			return err
		}
		said := strings.TrimSpace(p.logText())
		ok := status == 2 && said != "" && !strings.Contains(said, "\n") && strings.Contains(said, c.wants)
		b.report.holds("bad flags exit 2 with a sentence: "+c.args, ok, fmt.Sprintf("exit %d, %q", status, said))
	}
	return nil
}

// wrongService calls by a service where nothing listens, and by a host that does not exist.
func (b *bench) wrongService(ctx context.Context, _ *service) error {
	socket, err := net.ListenPacket("udp", "127.0.0.1:0") // takes packets and answers none
	if err != nil {
		return err
	}
	defer socket.Close()
	silent := &service{rtmfp: socket.LocalAddr().String(), http: socket.LocalAddr().String()}
	for what, wrong := range map[string]*service{
		"a service that is silent":        silent,
		"a service that does not exist":   {rtmfp: "no-such-host.invalid:1935", http: "no-such-host.invalid:8035"},
		"a port where nothing is at home": {rtmfp: "127.0.0.1:9", http: "127.0.0.1:9"},
	} {
		p, err := b.headless("alice", wrong, "call", "bob")
		if err != nil {
			return err
		}
		defer p.stop()
		begin := time.Now()
		if err := b.expectEnd(ctx, what, p, 30*time.Second, "service_unreachable", 1); err != nil {
			return err
		}
		b.report.atMost(what+": told within", time.Since(begin).Seconds(), 8, "s")
	}
	return nil
}

func (b *bench) unknownName(ctx context.Context, s *service) error {
	p, err := b.headless("alice", s, "call", "nobody")
	if err != nil {
		return err
	}
	defer p.stop()
	return b.expectEnd(ctx, "a name nobody has", p, 3*soon, "unknown_name", 1)
}

func (b *bench) declined(ctx context.Context, s *service) error {
	for _, policy := range []string{"none", "contacts"} {
		bob, err := b.answerer(ctx, "bob-"+policy, s, "--accept", policy)
		if err != nil {
			return err
		}
		defer bob.stop()
		p, err := b.headless("alice", s, "call", "bob-"+policy)
		if err != nil {
			return err
		}
		defer p.stop()
		if err := b.expectEnd(ctx, "a callee who accepts "+policy, p, 3*soon, "declined", 1); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) busy(ctx context.Context, s *service) error {
	bob, err := b.answerer(ctx, "bob", s, "--accept", "anyone")
	if err != nil {
		return err
	}
	defer bob.stop()
	carol, err := b.caller(ctx, "carol", "bob", s)
	if err != nil {
		return err
	}
	defer carol.stop()
	alice, err := b.headless("alice", s, "call", "bob")
	if err != nil {
		return err
	}
	defer alice.stop()
	if err := b.expectEnd(ctx, "a callee in another call", alice, 3*soon, "busy", 1); err != nil {
		return err
	}
	b.report.equals("the other call: ended events", len(carol.all(named("ended"))), 0)
	carol.signal(syscall.SIGTERM)
	if err := b.expectEnd(ctx, "the other call, hung up by SIGTERM", carol, soon, "hangup", 0); err != nil {
		return err
	}
	bob.signal(syscall.SIGTERM)
	status, err := bob.wait(ctx, soon)
	b.report.equals("answer, stopped by SIGTERM: exit status", status, 0)
	return err
}

// killed ends one side as a power failure would, and watches the other.
func (b *bench) killed(ctx context.Context, s *service) error {
	bob, err := b.answerer(ctx, "bob", s, "--accept", "anyone", "--mic", "tone")
	if err != nil {
		return err
	}
	defer bob.stop()
	alice, err := b.caller(ctx, "alice", "bob", s, "--mic", "tone")
	if err != nil {
		return err
	}
	defer alice.stop()
	if err := pause(ctx, 2*time.Second); err != nil { // an established call that has run for a while
		return err
	}
	bob.kill()
	begin := time.Now()
	lost, err := alice.waitFor(ctx, soon, "reconnecting", inState("reconnecting"))
	if err != nil {
		return err
	}
	b.report.atMost("one side killed: reconnecting after", lost.Time.Sub(begin).Seconds(), 7, "s")
	b.report.holds("reconnecting says why", lost.Why != "", "why is empty")
	b.report.note("%q", lost.Why)
	if err := b.expectEnd(ctx, "one side killed", alice, 40*time.Second, "peer_lost", 3); err != nil {
		return err
	}
	ended := alice.all(named("ended"))[0]
	b.report.between("one side killed: given up after", ended.Time.Sub(begin).Seconds(), 28, 32, "s")

	// The dead phone is still in the directory; calling it ends with a reason, too.
	again, err := b.headless("alice", s, "call", "bob")
	if err != nil {
		return err
	}
	defer again.stop()
	over, err := again.waitFor(ctx, 60*time.Second, "ended event", named("ended"))
	if err != nil {
		return err
	}
	known := over.Reason == "offline" || over.Reason == "no_path" || over.Reason == "no_answer"
	b.report.holds("calling the one who was killed: offline, no_path or no_answer", known, over.Reason)
	b.report.note("%s: %q", over.Reason, over.Sentence)
	return nil
}

// serviceLost kills the service in the middle of a call and brings it back.
func (b *bench) serviceLost(ctx context.Context) error {
	s, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer func() { s.stop() }()
	bob, err := b.answerer(ctx, "bob", s, "--accept", "anyone", "--mic", "tone")
	if err != nil {
		return err
	}
	defer bob.stop()
	alice, err := b.caller(ctx, "alice", "bob", s, "--mic", "tone", "--duration", "15s")
	if err != nil {
		return err
	}
	defer alice.stop()
	s.kill()
	if err := b.expectEnd(ctx, "a call whose service dies", alice, 30*time.Second, "hangup", 0); err != nil {
		return err
	}
	b.report.equals("a call whose service dies: reconnecting states", len(alice.all(inState("reconnecting"))), 0)

	noService, err := b.headless("alice", s, "call", "bob")
	if err != nil {
		return err
	}
	defer noService.stop()
	if err := b.expectEnd(ctx, "calling while the service is dead", noService, 3*soon, "service_unreachable", 1); err != nil {
		return err
	}

	if s, err = b.startServiceAt(ctx, s.rtmfp, s.http); err != nil {
		return err
	}
	back := time.Now()
	again := func(e event) bool { return e.Event == "registered" && e.Time.After(back) }
	e, err := bob.waitFor(ctx, 90*time.Second, "second registered event", again)
	if err != nil {
		return err
	}
	b.report.atMost("service came back: registered again after", e.Time.Sub(back).Seconds(), 60, "s")
	alice, err = b.caller(ctx, "alice", "bob", s, "--mic", "tone", "--duration", "2s")
	if err != nil {
		return err
	}
	defer alice.stop()
	return b.expectEnd(ctx, "a call after the service came back", alice, 3*soon, "hangup", 0)
}
