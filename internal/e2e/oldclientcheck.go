package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// signalTime is how long a signal may take over loopback on a busy machine.
const signalTime = 10 * time.Second

// hangUp is when the old client says bye, once it takes the call for established. Sundog's side waits up to 2 s for a sign that the other
// is one of its own kind, before it believes what the relay says.
const hangUp = "5s"

// oldClient is a program that speaks as the Video Phone did: it registers and looks up by query strings, and sends signals over the
// service's relay.
type oldClient struct {
	b       *bench
	service *service
	path    string // of the program for the relay
}

// checkOldClient has such a program and a phone call each other, and end the calls in each way.
func checkOldClient(ctx context.Context, b *bench) error {
	o := &oldClient{b: b}
	var err error
	if o.path, err = b.build(ctx, "./internal/interop"); err != nil {
		return err
	}
	if o.service, err = b.startService(ctx); err != nil {
		return err
	}
	defer o.service.stop()
	for _, step := range []func(context.Context) error{o.callsAndHangsUp, o.cancels, o.isCalledAndHangsUp, o.isCalledAndRejects, o.isRefused} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return o.unregisters(ctx)
}

// regCGI sends one request of the old protocol, its parameters in the given order.
func (o *oldClient) regCGI(ctx context.Context, params ...string) (string, error) {
	var query []string
	for i := 0; i < len(params); i += 2 {
		query = append(query, params[i]+"="+url.QueryEscape(params[i+1]))
	}
	return fetch(ctx, o.service.directory()+"/reg.cgi?"+strings.Join(query, "&"))
}

// register enters a name as the old program does.
func (o *oldClient) register(ctx context.Context, name, id string) error {
	reply, err := o.regCGI(ctx, "username", name, "identity", id)
	if err == nil && !strings.Contains(reply, "<update>true</update>") {
		err = fmt.Errorf("reg.cgi answers %q", reply)
	}
	return err
}

// lookUp waits until the directory knows a name, and returns the ID.
func (o *oldClient) lookUp(ctx context.Context, name string) (string, error) {
	reply := ""
	for end := time.Now().Add(signalTime); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		var err error
		if reply, err = o.regCGI(ctx, "friends", name, "time", fmt.Sprint(time.Now().UnixMilli())); err != nil {
			return "", err
		}
		if _, rest, ok := strings.Cut(reply, "<identity>"); ok {
			if id, _, ok := strings.Cut(rest, "</identity>"); ok && len(id) == 64 {
				return id, nil
			}
		}
	}
	return "", fmt.Errorf("reg.cgi does not know %s: %q", name, reply)
}

// start runs the program on the relay, and returns its ID.
func (o *oldClient) start(ctx context.Context, name string, args ...string) (*program, string, error) {
	all := append([]string{"oldphone", "-listen", "127.0.0.1:0", "-user", name}, args...)
	p, err := start(name, nil, o.path, append(all, o.service.server())...)
	if err != nil {
		return nil, "", err
	}
	ready, err := p.waitFor(ctx, signalTime, "ready event", named("ready"))
	if err != nil {
		p.stop()
		return nil, "", err
	}
	return p, ready.PeerID, nil
}

func heard(action string) func(event) bool {
	return func(e event) bool { return e.Event == "heard" && e.Text == action }
}

// answering starts a phone that takes one call, and returns its ID in the directory.
func (o *oldClient) answering(ctx context.Context, name string) (*program, string, error) {
	p, err := o.b.headless(name, o.service, "--old-clients", "allow", "--accept", "anyone", "--once", "answer")
	if err != nil {
		return nil, "", err
	}
	id, err := o.lookUp(ctx, name)
	if err != nil {
		p.stop()
		return nil, "", err
	}
	return p, id, nil
}

// callsAndHangsUp: invite, accept, bye, ok.
func (o *oldClient) callsAndHangsUp(ctx context.Context) error {
	r := o.b.report
	phone, id, err := o.answering(ctx, "ada")
	if err != nil {
		return err
	}
	defer phone.stop()
	old, oldID, err := o.start(ctx, "flash", "-call", id, "-hang-up", hangUp)
	if err != nil {
		return err
	}
	defer old.stop()
	invited := time.Now()
	incoming, err := phone.waitFor(ctx, signalTime, "incoming event", named("incoming"))
	if err != nil {
		return err
	}
	r.atMost("it calls: the phone rings, after", incoming.Time.Sub(invited).Seconds(), 4, "s")
	r.holds("it calls: the phone tells the caller's name and ID", incoming.Peer == "flash" && incoming.PeerID == oldID, incoming.Peer+" "+incoming.PeerID)
	if _, err := old.waitFor(ctx, signalTime, "accept from the phone", heard("accept")); err != nil {
		return err
	}
	if _, err := phone.waitFor(ctx, signalTime, "in_call", inState("in_call")); err != nil {
		return err
	}
	if _, err := old.waitFor(ctx, signalTime, "ok from the phone", heard("ok")); err != nil {
		return err
	}
	ended, err := phone.waitFor(ctx, signalTime, "ended event", named("ended"))
	if err != nil {
		return err
	}
	r.equals("it calls and hangs up: the phone's reason", ended.Reason, "hangup")
	return nil
}

// cancels: invite, cancel, ok. A headless phone accepts at once, so the cancel must come before the session that tells of whom the
// invite is.
func (o *oldClient) cancels(ctx context.Context) error {
	phone, id, err := o.answering(ctx, "bea")
	if err != nil {
		return err
	}
	defer phone.stop()
	old, _, err := o.start(ctx, "flash", "-call", id, "-cancel", "10ms")
	if err != nil {
		return err
	}
	defer old.stop()
	if _, err := old.waitFor(ctx, signalTime, "ok from the phone", heard("ok")); err != nil {
		return err
	}
	o.b.report.equals("it calls and cancels at once: calls that the phone has shown", len(phone.all(named("incoming"))), 0)
	return nil
}

// isCalledAndHangsUp: the phone's invite, accept, bye, the phone's ok.
func (o *oldClient) isCalledAndHangsUp(ctx context.Context) error {
	r := o.b.report
	old, id, err := o.start(ctx, "flora", "-hang-up", hangUp)
	if err != nil {
		return err
	}
	defer old.stop()
	if err := o.register(ctx, "flora", id); err != nil {
		return err
	}
	phone, err := o.b.headless("cleo", o.service, "--old-clients", "allow", "call", "flora")
	if err != nil {
		return err
	}
	defer phone.stop()
	if _, err := old.waitFor(ctx, signalTime, "invite from the phone", heard("invite")); err != nil {
		return err
	}
	if _, err := phone.waitFor(ctx, signalTime, "in_call", inState("in_call")); err != nil {
		return err
	}
	if _, err := old.waitFor(ctx, signalTime, "ok from the phone", heard("ok")); err != nil {
		return err
	}
	ended, err := phone.waitFor(ctx, signalTime, "ended event", named("ended"))
	if err != nil {
		return err
	}
	r.equals("it is called, accepts and hangs up: the phone's reason", ended.Reason, "hangup")
	return nil
}

// isCalledAndRejects: the phone's invite, reject.
func (o *oldClient) isCalledAndRejects(ctx context.Context) error {
	old, id, err := o.start(ctx, "felix", "-answer", "reject")
	if err != nil {
		return err
	}
	defer old.stop()
	if err := o.register(ctx, "felix", id); err != nil {
		return err
	}
	phone, err := o.b.headless("dana", o.service, "--old-clients", "allow", "call", "felix")
	if err != nil {
		return err
	}
	defer phone.stop()
	ended, err := phone.waitFor(ctx, signalTime, "ended event", named("ended"))
	if err != nil {
		return err
	}
	o.b.report.equals("it is called and rejects: the phone's reason", ended.Reason, "declined")
	status, err := phone.wait(ctx, signalTime)
	if err != nil {
		return err
	}
	o.b.report.equals("it is called and rejects: the phone's exit status", status, 1)
	return nil
}

// isRefused: a phone talks to such programs only if its user wants it to. One that is called hears so over the relay; calling one ends.
func (o *oldClient) isRefused(ctx context.Context) error {
	r := o.b.report
	phone, err := o.b.headless("elsa", o.service, "--accept", "anyone", "--once", "answer")
	if err != nil {
		return err
	}
	defer phone.stop()
	id, err := o.lookUp(ctx, "elsa")
	if err != nil {
		return err
	}
	old, oldID, err := o.start(ctx, "fanny", "-call", id)
	if err != nil {
		return err
	}
	defer old.stop()
	if _, err := old.waitFor(ctx, 2*signalTime, "reject from the phone", heard("reject")); err != nil {
		return err
	}
	r.equals("it calls a phone that refuses old clients: calls that the phone has shown", len(phone.all(named("incoming"))), 0)
	if err := o.register(ctx, "fanny", oldID); err != nil {
		return err
	}
	caller, err := o.b.headless("greta", o.service, "call", "fanny")
	if err != nil {
		return err
	}
	defer caller.stop()
	// It may say nothing at all to the phone's flow, which then waits 10 s.
	ended, err := caller.waitFor(ctx, 2*signalTime, "ended event", named("ended"))
	if err != nil {
		return err
	}
	r.equals("it is called by one: the phone's reason", ended.Reason, "too_old")
	return nil
}

// unregisters: whoever has left is offline for phones.
func (o *oldClient) unregisters(ctx context.Context) error {
	if err := o.register(ctx, "felix", "0"); err != nil {
		return err
	}
	phone, err := o.b.headless("dana", o.service, "--old-clients", "allow", "call", "felix")
	if err != nil {
		return err
	}
	defer phone.stop()
	ended, err := phone.waitFor(ctx, signalTime, "ended event", named("ended"))
	if err != nil {
		return err
	}
	o.b.report.equals("it has left: the phone's reason", ended.Reason, "offline")
	// A name that a key owns is no old client's to take.
	ada, _, err := o.answering(ctx, "ada")
	if err != nil {
		return err
	}
	defer ada.stop()
	reply, err := o.regCGI(ctx, "username", "ada", "identity", strings.Repeat("ab", 32))
	if err != nil {
		return err
	}
	o.b.report.holds("it cannot take a name that belongs to a key", strings.Contains(reply, "<update>false</update>"), reply)
	return nil
}
