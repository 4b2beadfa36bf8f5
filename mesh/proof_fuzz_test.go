package mesh

import (
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// improviser is a puppet that says what the bytes of a fuzzer tell it, in the sessions of one call.
type improviser struct {
	*puppet
	phone *phone
	key   ed25519.PrivateKey
	call  string

	first  bool // nothing that is a proof was said in this session
	proved bool // the right one was, as the first
	taken  int  // frames that the phone had taken when the session began
}

// frames are those of ours that the phone has taken.
func (p *improviser) frames() int {
	n := p.phone.media.session().tally()
	return n.audio + n.video
}

// begin makes the session that is there the one in which nothing is proved yet.
func (p *improviser) begin() {
	time.Sleep(100 * time.Millisecond) // what was on its way
	p.mu.Lock()
	p.media = 0
	p.mu.Unlock()
	p.first, p.proved, p.taken = true, false, p.frames()
}

// try says something, if there is a session.
func (p *improviser) try(s signal) {
	if s.kind == sigProof {
		p.first = false
	}
	if b, err := s.append(nil); err == nil {
		_, _ = p.flow.Write(endedContext, b, rtmfp.MessageOptions{})
	}
}

// act does what a byte says; next gives more of them.
func (p *improviser) act(op byte, next func() byte) {
	plain := []signalKind{sigRinging, sigAccept, sigOK, sigResume, sigKeyFrame, sigCancel, sigBye, sigReject, sigHello, sigCompare}
	switch op %= 18; op {
	case 10:
		if p.first {
			p.proved = true
		}
		p.try(signal{kind: sigProof, message: p.proofOf(p.key)})
	case 11:
		wrong := wrongProofs[int(next())%len(wrongProofs)]
		p.try(signal{kind: sigProof, message: wrong.make(p.puppet, p.key, p.phone)})
	case 12, 13:
		p.try(signal{kind: sigInvite, call: p.call, name: "improviser"})
	case 14:
		message := make([]byte, next())
		for i := range message {
			message[i] = next()
		}
		p.try(signal{kind: sigCompare, call: p.call, message: message})
	case 15:
		p.mu.Lock()
		said := p.signals
		p.mu.Unlock()
		for _, s := range said {
			if s.kind == sigCompare || s.kind == sigProof && next()%4 == 0 {
				p.try(s)
			}
		}
	case 16:
		time.Sleep(time.Duration(next()%8) * time.Second)
	case 17:
		_ = p.peer.Close()
		time.Sleep(time.Duration(next()%4) * time.Second)
		p.begin()
		p.open(p.phone.host)
		p.plays(p.far())
	default:
		p.try(signal{kind: plain[op], call: p.call, version: 1, epoch: time.Now(), reason: IdentityChanged})
	}
}

func (p *improviser) proofOf(key ed25519.PrivateKey) []byte {
	before := p.puppet.key
	p.puppet.key = key
	defer func() { p.puppet.key = before }()
	return p.proof()
}

// far is the stream of the phone: caller if it has called us.
func (p *improviser) far() string {
	if p.call == testCall {
		return calleeStream
	}
	return callerStream
}

// check is the property: no sound and picture go either way with one who has not proved who it is.
func (p *improviser) check(t *testing.T, when int) {
	t.Helper()
	if p.proved {
		return
	}
	if n := p.mediaSoFar(); n > 0 {
		t.Fatalf("after step %d, %d messages have left", when, n)
	}
	if n := p.frames() - p.taken; n > 0 {
		t.Fatalf("after step %d, %d frames have arrived", when, n)
	}
}

// FuzzCallOfSomebodyUnproved lets a far end of our kind say anything in any order, in calls both ways and over several sessions.
func FuzzCallOfSomebodyUnproved(f *testing.F) {
	f.Add(false, []byte{10, 12, 2, 16, 2})                                // a call as it should be
	f.Add(true, []byte{10, 0, 1, 2, 16, 2})                               // the other way
	f.Add(false, []byte{12, 10, 12, 2, 16, 9, 2})                         // the invite before the proof
	f.Add(true, []byte{0, 1, 2, 3, 16, 7, 16, 7})                         // no proof at all
	f.Add(true, []byte{1, 10, 1, 16, 3})                                  // accepts before the proof, and after
	f.Add(false, []byte{11, 0, 12, 2, 16, 2})                             // a wrong proof
	f.Add(true, []byte{11, 5, 1, 2, 16, 2})                               // our own key
	f.Add(false, []byte{10, 12, 2, 16, 2, 17, 1, 3, 2, 16, 7, 16, 7})     // a new session without proof
	f.Add(true, []byte{10, 1, 2, 16, 2, 17, 0, 10, 3, 16, 3, 7})          // a new session with one
	f.Add(true, []byte{10, 1, 2, 16, 1, 17, 2, 11, 4, 3, 16, 2})          // a new session with a wrong one
	f.Add(false, []byte{10, 12, 2, 14, 4, 1, 2, 3, 4, 15, 0, 1, 16, 1})   // broken steps of the comparison
	f.Add(false, []byte{10, 12, 2, 11, 1, 16, 1})                         // a second proof
	f.Add(true, []byte{10, 1, 2, 4, 5, 9, 12, 16, 7, 17, 3, 10, 12, 16})  // a new call in a new session
	f.Add(false, []byte{15, 12, 15, 0, 17, 0, 15, 0, 12, 1, 2, 16, 5, 7}) // reflections
	f.Fuzz(func(t *testing.T, dials bool, script []byte) {
		if len(script) > 40 {
			return
		}
		inWorld(t, func(w *world) {
			phone := w.newPhone("phone", autoAccept)
			eve, key := w.silent()
			p := &improviser{puppet: eve, phone: phone, key: key, call: testCall}
			if dials {
				c := phone.dial(eve.host, "eve")
				eve.accept()
				p.call = eve.heard(sigInvite, time.Second).call
				defer c.HangUp()
				eve.blasts(calleeStream)
			} else {
				eve.open(phone.host)
				eve.blasts(callerStream)
			}
			eve.plays(p.far())
			p.begin()
			rest := script
			next := func() byte {
				if len(rest) == 0 {
					return 0
				}
				b := rest[0]
				rest = rest[1:]
				return b
			}
			for i := 0; len(rest) > 0; i++ {
				p.act(next(), next)
				time.Sleep(50 * time.Millisecond)
				p.check(t, i)
			}
			phone.endsAll(t)
		})
	})
}

// endsAll hangs up all calls and checks that they end.
func (p *phone) endsAll(t *testing.T) {
	t.Helper()
	p.agent.mu.Lock()
	var all []*Call
	for c := range p.agent.calls {
		all = append(all, c)
	}
	p.agent.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, c := range all {
		c.HangUp()
		select {
		case <-c.Done():
		case <-ctx.Done():
			t.Fatal("a call hangs")
		}
	}
}
