package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"

	"sundog.dev/sundog/internal/middle"
)

// between is the man in the middle, in this process, with his service and directory on loopback.
type between struct {
	*middle.Middle
	service *service // as the phones see him
	web     *http.Server
}

func startBetween(s middle.Strategy) (*between, error) {
	m, err := middle.New(middle.Config{Listen: middle.OnLoopback, Strategy: s})
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		_ = m.Close()
		return nil, err
	}
	x := &between{
		Middle: m, web: &http.Server{Handler: m, ReadHeaderTimeout: soon},
		service: &service{rtmfp: m.Address(), http: l.Addr().String()},
	}
	go func() { _ = x.web.Serve(l) }() // until stop closes it
	return x, nil
}

func (x *between) stop() {
	_ = x.web.Close()
	_ = x.Close()
}

// knew reports what is wrong with his picture of the newest call: the strings that both phones show are those of the comparisons
// that he has had with them.
func (x *between) knew(ctx context.Context, s shown) error {
	c, err := x.Next(ctx)
	if err != nil {
		return err
	}
	x.Forget()
	if seen := c.Seen(); seen.Strings != [2]string{s.caller, s.callee} {
		return fmt.Errorf("the phones show %v, and he has made them show %q", s, seen.Strings)
	}
	return nil
}

// shown is what caller and callee show at one meeting.
type shown struct{ caller, callee string }

// meet has a phone call one that answers, waits until both show a short string, and hangs up.
func (b *bench) meet(ctx context.Context, s *service, answerer *program, callee, caller string) (shown, error) {
	p, err := b.headless(caller, s, "call", callee)
	if err != nil {
		return shown{}, err
	}
	defer p.stop()
	if _, err := p.waitFor(ctx, 3*soon, "in_call", inState("in_call")); err != nil {
		return shown{}, err
	}
	from, err := p.waitFor(ctx, soon, "short string", shortStringWith(callee))
	if err != nil {
		return shown{}, err
	}
	to, err := answerer.waitFor(ctx, soon, "short string with "+caller, shortStringWith(caller))
	if err != nil {
		return shown{}, err
	}
	p.signal(syscall.SIGTERM)
	status, err := p.wait(ctx, soon)
	if err == nil && status != 0 {
		err = fmt.Errorf("%s ended with %d: %s", caller, status, p.tail())
	}
	if err == nil {
		_, err = answerer.waitFor(ctx, soon, "end of the call with "+caller, func(e event) bool { return e.Event == "ended" && e.Peer == caller })
	}
	return shown{from.SAS, to.SAS}, err
}

// shortStringWith is the event that shows the short string of a call with somebody.
func shortStringWith(name string) func(event) bool {
	return func(e event) bool { return e.Event == "verified" && e.Peer == name && e.SAS != "" }
}

// forget deletes a phone's profile: whoever comes under that name again is somebody else.
func (b *bench) forget(name string) { _ = os.RemoveAll(filepath.Join(b.dir, "profile-"+name)) }
