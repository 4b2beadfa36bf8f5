package middle

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

const (
	// keepalive and sessionTimeout are a phone's.
	keepalive      = 2 * time.Second
	sessionTimeout = 40 * time.Second
	// rejectFlow is the code with which he rejects flows that he has no use for.
	rejectFlow = 1
	// maxWaiting bounds the signals that wait for a session or its flow.
	maxWaiting = 64
)

// leg is his session with one of the two phones, and who he is there. It is the call's goroutine's own.
type leg struct {
	call   *Call
	face   *face        // whom the phone sees
	name   string       // the phone's
	far    flash.PeerID // the phone's
	caller bool         // the phone is the one who calls
	key    crypto.Signer

	peer     *flash.Peer
	answered *rtmfp.RecvFlow // the phone's flow of signals
	flow     *rtmfp.SendFlow // his
	deaf     bool            // rejects the phone's flow of signals, as an old client does
	waiting  []func(*flash.Peer) (Signal, error)
	streams  *streams

	proving  bool           // his proof waits
	provedIn *flash.Peer    // the session in which he has proved himself
	proved   trust.Identity // the phone's, once it has proved it
	exchange *trust.Exchange
	compared string // the call that exchange is of
}

func newLeg(f *face, name string, far flash.PeerID) *leg {
	return &leg{face: f, name: name, far: far, key: newKey()}
}

// newKey makes an identity of his own; he has as many as he likes.
func newKey() crypto.Signer {
	_, key, _ := ed25519.GenerateKey(rand.Reader) // the system's randomness never fails
	return key
}

// identity is who he says that he is, to the phone.
func (l *leg) identity() trust.Identity {
	id, _ := trust.IdentityOf(l.key) // an Ed25519 key always has one
	return id
}

// other is the other phone's leg.
func (l *leg) other() *leg {
	if l.call.legs[0] == l {
		return l.call.legs[1]
	}
	return l.call.legs[0]
}

// attach takes a session with the phone, whoever opened it.
func (l *leg) attach(p *flash.Peer) {
	if l.peer == p {
		return
	}
	if old := l.peer; old != nil {
		l.detach(old)
	}
	c := l.call
	c.note(l, "session")
	p.Session().SetKeepalive(keepalive)
	p.Session().SetTimeout(sessionTimeout)
	l.peer, l.flow, l.answered = p, nil, nil
	c.wg.Go(func() {
		for {
			f, err := p.AcceptFlow(c.ctx)
			if err != nil {
				c.post(func() { l.lost(p) })
				return
			}
			if !c.post(func() { l.takeFlow(p, f) }) {
				return
			}
		}
	})
	l.streams = c.carry(l, p)
	l.flush()
	c.openOther(l)
}

// takeFlow takes the phone's flow of signals.
func (l *leg) takeFlow(p *flash.Peer, f *rtmfp.RecvFlow) {
	if p != l.peer || l.deaf || l.answered != nil || !bytes.Equal(f.Metadata(), []byte(controlMetadata)) {
		f.Reject(rejectFlow)
		return
	}
	l.answered = f
	c := l.call
	c.wg.Go(func() {
		for {
			b, err := f.Read(c.ctx)
			if err != nil || !c.post(func() { c.heard(l, parseSignal(b)) }) {
				return
			}
		}
	})
	l.flush()
}

// detach lets go of a session.
func (l *leg) detach(p *flash.Peer) {
	if l.peer != p {
		return
	}
	l.peer, l.flow, l.answered = nil, nil, nil
	if l.streams != nil {
		l.streams.close()
		l.streams = nil
	}
	_ = p.Close()
}

// lost takes that a session has ended. The other phone's ends soon after, unless this one comes back.
func (l *leg) lost(p *flash.Peer) {
	if l.peer != p {
		return
	}
	l.call.note(l, "session ended")
	l.detach(p)
	l.call.later(grace, func() {
		if o := l.other(); l.peer == nil && o.peer != nil {
			o.detach(o.peer)
		}
	})
}

// send sends the phone a signal, once there is a flow for it.
func (l *leg) send(s Signal) {
	l.sendMade(func(*flash.Peer) (Signal, error) { return s, nil })
}

// sendMade sends a signal that is made when the session is there.
func (l *leg) sendMade(makeSignal func(*flash.Peer) (Signal, error)) {
	if len(l.waiting) < maxWaiting {
		l.waiting = append(l.waiting, makeSignal)
	}
	l.flush()
}

// flush writes what waits, if there is a flow for it: who has opened the session opens the first one.
func (l *leg) flush() {
	if l.peer == nil || l.deaf || len(l.waiting) == 0 {
		return
	}
	if l.flow == nil {
		if !l.peer.Session().Initiator() && l.answered == nil {
			return
		}
		opt := rtmfp.FlowOptions{Priority: rtmfp.PriorityControl}
		if !l.peer.Session().Initiator() {
			opt.ReturnOf = l.answered
		}
		flow, err := l.peer.Session().OpenFlow([]byte(controlMetadata), opt)
		if err != nil {
			return
		}
		l.flow = flow
	}
	waiting := l.waiting
	l.waiting = nil
	for _, makeSignal := range waiting {
		s, err := makeSignal(l.peer)
		if err == nil {
			_, err = l.flow.Write(endedContext, s.raw, rtmfp.MessageOptions{})
		}
		if err != nil {
			l.call.m.log.Info("signal not sent", "to", l.name, "signal", s.kindOf(), "error", err)
			continue
		}
		l.call.note(l, "← "+s.kindOf())
	}
}

// endedContext makes a flow's Write fail instead of blocking.
var endedContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// prove sends the phone a proof for his session with it, of his own identity.
func (l *leg) prove() {
	l.sendMade(func(p *flash.Peer) (Signal, error) {
		l.proving, l.provedIn = false, p
		proof, err := trust.Prove(l.session(p), l.key)
		return newSignal(kindProof, "", proof), err
	})
}

// session is what proofs in his session with the phone bind to.
func (l *leg) session(p *flash.Peer) trust.Session {
	s := p.Session()
	return trust.Session{
		Initiator: s.Initiator(), NearNonce: s.NearNonce(), FarNonce: s.FarNonce(),
		Near: l.face.cert, Far: s.FarCertificate(),
	}
}

// takeProof notes whom the phone has proved to be.
func (l *leg) takeProof(s Signal) bool {
	if l.peer == nil {
		return false
	}
	id, err := trust.Verify(l.session(l.peer), l.identity(), s.Data)
	if err != nil {
		l.call.note(l, "proof is wrong: "+err.Error())
		return false
	}
	l.proved = id
	return true
}
