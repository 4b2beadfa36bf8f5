package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// oldPhone acts as the Video Phone of 2010: six signals over the service's relay, with exactly (target's ID, action, own name)
// there and (sender's ID, action, name) here, and a stream each way between the peers. Of anything newer it knows nothing: other
// flows between peers it rejects. What it sends is silence.
type oldPhone struct {
	nc   *flash.NetConnection
	name string
	out  *reporter
}

// The streams of a call, by who publishes them.
const (
	callerStream = "media-caller"
	calleeStream = "media-callee"
)

// errNotCirrus says that a relayed signal has not the form that the old program insists on.
var errNotCirrus = errors.New("onRelay has other arguments than three strings")

// runOldPhone calls somebody, or answers, and goes on until it is told to stop.
func runOldPhone(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	var id identity
	id.flags(f, "0.0.0.0:0")
	p := &oldPhone{out: out}
	f.StringVar(&p.name, "user", "old", "the user's `name`")
	to := f.String("call", "", "invite the client with this `ID`")
	answer := f.String("answer", "accept", "`accept` or reject what comes")
	hangUp := f.Duration("hang-up", 0, "say bye this `time` after the call is established (0: leave it to the other)")
	cancel := f.Duration("cancel", 0, "take the invitation back after this `time` (0: never)")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	var err error
	if p.nc, err = id.connected(ctx, f.Arg(0), out); err != nil {
		return err
	}
	defer func() { _ = p.nc.Close() }()
	p.tell("ready", p.nc.NearID().String(), "")
	go p.takePeers(ctx)
	if *to != "" {
		if err := p.openStreams(ctx, *to, callerStream, calleeStream); err != nil {
			return err
		}
		if err := p.say(*to, "invite"); err != nil {
			return err
		}
	}
	var bye, taken <-chan time.Time // when it hangs up, when it cancels
	if *to != "" && *cancel > 0 {
		taken = time.After(*cancel)
	}
	established := func(peer string) {
		*to, taken = peer, nil
		p.tell("established", peer, "")
		if *hangUp > 0 {
			bye = time.After(*hangUp)
		}
	}
	events := make(chan flash.Event)
	go func() {
		defer close(events)
		for {
			e, err := p.nc.Next(ctx)
			if err != nil {
				return
			}
			select {
			case events <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-bye:
			if err := p.say(*to, "bye"); err != nil {
				return err
			}
		case <-taken:
			if err := p.say(*to, "cancel"); err != nil {
				return err
			}
		case e, ok := <-events:
			if !ok {
				return errors.New("the service is gone")
			}
			inv, ok := e.(flash.Invocation)
			if !ok || inv.Command != "onRelay" {
				continue
			}
			peer, action, err := p.heard(inv)
			if err != nil {
				return err
			}
			switch action {
			case "invite":
				if *answer == "accept" {
					if err := p.openStreams(ctx, peer, calleeStream, callerStream); err != nil {
						return err
					}
				}
				if err := p.say(peer, *answer); err != nil {
					return err
				}
				if *answer == "accept" {
					established(peer)
				}
			case "accept":
				established(peer)
			case "bye", "cancel":
				if err := p.say(peer, "ok"); err != nil {
					return err
				}
			}
		}
	}
}

// tell reports something as the phones' programs do, under "event", too.
func (p *oldPhone) tell(event, peerID, action string) {
	p.out.tell(event, figures{"event": event, "peer_id": peerID, "text": action})
}

// say sends one of the six signals.
func (p *oldPhone) say(to, action string) error {
	p.tell("said", to, action)
	return p.nc.Invoke("relay", to, action, p.name)
}

// takePeers rejects whatever flows a peer opens that are no NetStream's.
func (p *oldPhone) takePeers(ctx context.Context) {
	for {
		peer, err := p.nc.AcceptPeer(ctx)
		if err != nil {
			return
		}
		go p.rejectFlows(ctx, peer)
	}
}

func (p *oldPhone) rejectFlows(ctx context.Context, peer *flash.Peer) {
	for {
		f, err := peer.AcceptFlow(ctx)
		if err != nil {
			return
		}
		f.Reject(0)
	}
}

// openStreams publishes one stream and plays the peer's other one, as soon as there is a session.
func (p *oldPhone) openStreams(ctx context.Context, id, publish, play string) error {
	far, err := flashcrypto.ParseFingerprint(id)
	if err != nil {
		return err
	}
	s, err := p.nc.Publish(publish, nil)
	if err != nil {
		return err
	}
	go sendSilence(ctx, s)
	go func() {
		peer, err := p.nc.OpenPeer(ctx, far)
		if err != nil {
			p.tell("no session", id, err.Error())
			return
		}
		go p.rejectFlows(ctx, peer)
		in, err := peer.Play(play)
		if err != nil {
			p.tell("no stream", id, err.Error())
			return
		}
		for told := false; ; {
			m, err := in.Read(ctx)
			if err != nil {
				return
			}
			if m.Type == flash.MessageAudio && !told {
				told = true
				p.tell("hearing", id, play)
			}
		}
	}()
	return nil
}

// sendSilence sends Speex as Flash did: 16 kHz, mono, 20 ms each.
func sendSilence(ctx context.Context, s *flash.PublishStream) {
	const (
		period = 20 * time.Millisecond
		size   = 43
	)
	tick := time.NewTicker(period)
	defer tick.Stop()
	payload := make([]byte, size)
	payload[0] = 0xb2
	for began := time.Now(); ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		m := flash.Message{Type: flash.MessageAudio, Timestamp: uint32(time.Since(began).Milliseconds()), Payload: payload}
		if s.Write(m, time.Second) != nil {
			return
		}
	}
}

// heard reads a signal as strictly as the old program does.
func (p *oldPhone) heard(inv flash.Invocation) (from, action string, err error) {
	if len(inv.Args) != 3 {
		return "", "", fmt.Errorf("%w: %v", errNotCirrus, inv.Args)
	}
	var text [3]string
	for i, a := range inv.Args {
		s, ok := a.(string)
		if !ok {
			return "", "", fmt.Errorf("%w: %v", errNotCirrus, inv.Args)
		}
		text[i] = s
	}
	p.tell("heard", text[0], text[1])
	return text[0], text[1], nil
}
