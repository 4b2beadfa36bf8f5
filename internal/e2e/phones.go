package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// headless starts a headless phone of that name with a profile of its own, which it keeps between starts.
func (b *bench) headless(name string, s *service, args ...string) (*program, error) {
	return b.headlessEnv(name, nil, s, args...)
}

func (b *bench) headlessEnv(name string, env []string, s *service, args ...string) (*program, error) {
	all := []string{"--profile", filepath.Join(b.dir, "profile-"+name), "--name", name, "--json"}
	all = append(all, s.flags()...)
	return start(name, env, filepath.Join(b.programs, "sundog-headless"), append(all, args...)...)
}

// answerer starts a phone that answers, and waits until it can be reached.
func (b *bench) answerer(ctx context.Context, name string, s *service, args ...string) (*program, error) {
	return b.answererEnv(ctx, name, nil, s, args...)
}

func (b *bench) answererEnv(ctx context.Context, name string, env []string, s *service, args ...string) (*program, error) {
	p, err := b.headlessEnv(name, env, s, append(args, "answer")...)
	if err != nil {
		return nil, err
	}
	if _, err := p.waitFor(ctx, soon, "registered event", named("registered")); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// caller starts a call and waits until it is established.
func (b *bench) caller(ctx context.Context, name, callee string, s *service, args ...string) (*program, error) {
	p, err := b.headless(name, s, append(args, "call", callee)...)
	if err != nil {
		return nil, err
	}
	if _, err := p.waitFor(ctx, soon, "in_call", inState("in_call")); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// expectEnd waits for a caller's end and holds it against reason and status.
func (b *bench) expectEnd(ctx context.Context, what string, p *program, timeout time.Duration, reason string, status int) error {
	ended, err := p.waitFor(ctx, timeout, "ended event", named("ended"))
	if err != nil {
		return err
	}
	b.report.equals(what+": reason", ended.Reason, reason)
	b.report.holds(what+": a sentence for people", strings.HasSuffix(ended.Sentence, "."), fmt.Sprintf("it is %q", ended.Sentence))
	b.report.note("%q", ended.Sentence)
	got, err := p.wait(ctx, soon)
	if err != nil {
		return err
	}
	b.report.equals(what+": exit status", got, status)
	return nil
}

// demoSources are sources that need no device and make no noise in the room.
func demoSources(more ...string) []string {
	return append([]string{"--camera", "test", "--mic", "tone", "--speaker", "null"}, more...)
}

// app starts the desktop app with a profile of its own; service may be nil.
func (b *bench) app(name string, env []string, s *service, args ...string) (*program, error) {
	all := []string{"--profile", filepath.Join(b.dir, "profile-"+name)}
	if s != nil {
		all = append(append(all, "--name", name), s.flags()...)
	}
	return start(name, env, filepath.Join(b.programs, "sundog"), append(all, args...)...)
}
