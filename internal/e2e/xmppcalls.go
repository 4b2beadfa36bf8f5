package main

import (
	"context"
	"path/filepath"
	"strings"
	"time"
)

// xmppCalls has two headless phones find and call each other by their accounts, which are each other's contacts.
func (b *bench) xmppCalls(ctx context.Context, x *xmppServer, authority string) error {
	s, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	phone := func(user, password string, args ...string) (*program, error) {
		all := []string{
			"--profile", filepath.Join(b.dir, x.name+"-"+user), "--name", user, "--json", "--server", s.server(),
			"--directory", "xmpp:" + user + "@" + xmppDomain + "?host=" + x.startTLS,
		}
		return start(user, []string{"SUNDOG_XMPP_PASSWORD=" + password, "SSL_CERT_FILE=" + authority}, filepath.Join(b.programs, "sundog-headless"), append(all, args...)...)
	}
	bob, err := phone("bob", xmppPassword, "--accept", "anyone", "--mic", "tone", "answer")
	if err != nil {
		return err
	}
	defer bob.stop()
	registered, err := bob.waitFor(ctx, 3*soon, "registered event", named("registered"))
	if err != nil {
		return err
	}
	b.report.atMost(x.name+": a phone is registered by its account after", registered.Time.Sub(bob.started).Seconds(), 5, "s")

	begin := time.Now()
	ann, err := phone("ann", xmppPassword, "--mic", "tone", "--duration", "2s", "call", "bob@"+xmppDomain)
	if err != nil {
		return err
	}
	defer ann.stop()
	established, err := ann.waitFor(ctx, 3*soon, "in_call", inState("in_call"))
	if err != nil {
		return err
	}
	b.report.atMost(x.name+": a contact is called and in the call after", established.Time.Sub(begin).Seconds(), 8, "s")
	if err := b.expectEnd(ctx, x.name+": a call by XMPP", ann, 3*soon, "hangup", 0); err != nil {
		return err
	}
	for callee, reason := range map[string]string{"carol": "offline", "nobody": "unknown_name"} {
		p, err := phone("ann", xmppPassword, "call", callee+"@"+xmppDomain)
		if err != nil {
			return err
		}
		defer p.stop()
		if err := b.expectEnd(ctx, x.name+": calling "+callee, p, 3*soon, reason, 1); err != nil {
			return err
		}
	}
	wrong, err := phone("dave", "wrong", "call", "bob@"+xmppDomain)
	if err != nil {
		return err
	}
	defer wrong.stop()
	if _, err := wrong.waitFor(ctx, 3*soon, "ended event", named("ended")); err != nil {
		return err
	}
	said := wrong.logText()
	b.report.holds(x.name+": a phone with a wrong password says so", strings.Contains(said, "password"), wrong.tail())
	return nil
}
