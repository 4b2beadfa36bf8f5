package mesh

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// wrongProofs are proofs that prove nothing, each made by a puppet in its session.
var wrongProofs = []struct {
	name    string
	trouble Trouble
	make    func(p *puppet, key ed25519.PrivateKey, phone *phone) []byte
}{
	{"of another session", ProofRefused, func(p *puppet, key ed25519.PrivateKey, _ *phone) []byte {
		s := p.session()
		s.NearNonce = bytes.Repeat([]byte{7}, 32)
		b, _ := trust.Prove(s, key)
		return b
	}},
	{"in the other role", ProofRefused, func(p *puppet, key ed25519.PrivateKey, _ *phone) []byte {
		s := p.session()
		s.Initiator = !s.Initiator
		b, _ := trust.Prove(s, key)
		return b
	}},
	{"with a bit changed", ProofRefused, func(p *puppet, key ed25519.PrivateKey, _ *phone) []byte {
		b, _ := trust.Prove(p.session(), key)
		b[len(b)-9] ^= 4
		return b
	}},
	{"of a later version", ProofRefused, func(p *puppet, key ed25519.PrivateKey, _ *phone) []byte {
		b, _ := trust.Prove(p.session(), key)
		b[1]++
		return append(b, 1, 2, 3)
	}},
	{"that is empty", ProofRefused, func(*puppet, ed25519.PrivateKey, *phone) []byte { return nil }},
	{"with our own key", SameKey, func(p *puppet, _ ed25519.PrivateKey, phone *phone) []byte {
		b, _ := trust.Prove(p.session(), phone.key)
		return b
	}},
}

func TestAWrongProofEndsTheCall(t *testing.T) {
	for _, tc := range wrongProofs {
		t.Run("when we call, "+tc.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				ada := w.newPhone("ada")
				eve, key := w.silent()
				f := ada.dial(eve.host, "eve")
				eve.accept()
				eve.heard(sigInvite, time.Second)
				eve.say(signal{kind: sigProof, message: tc.make(eve, key, ada)})
				f.ended(IdentityChanged, time.Second)
				if s := f.Status(); s.Trouble != tc.trouble || s.Detail == "" {
					t.Errorf("status %+v", s)
				}
				eve.heard(sigCancel, time.Second)
				eve.sentAway(3 * time.Second)
				noMedia(t, ada, eve, "at the end")
			})
		})
		t.Run("when we are called, "+tc.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				bob := w.newPhone("bob")
				eve, key := w.silent()
				eve.open(bob.host)
				time.Sleep(100 * time.Millisecond)
				eve.say(signal{kind: sigProof, message: tc.make(eve, key, bob)})
				eve.say(signal{kind: sigInvite, call: testCall, name: "eve"})
				if r := eve.heard(sigReject, time.Second).reason; r != wireReason(IdentityChanged, tc.trouble) {
					t.Errorf("refused as %q", r)
				}
				eve.sentAway(3 * time.Second)
				bob.quiet(5 * time.Second)
			})
		})
	}
}

func TestOurOwnProofSentBackIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		ada := w.newPhone("ada")
		eve, _ := w.silent()
		f := ada.dial(eve.host, "eve")
		eve.accept()
		eve.say(signal{kind: sigProof, message: eve.heard(sigProof, time.Second).message})
		f.ended(IdentityChanged, time.Second)
	})
}

func TestOneProofCountsInASession(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		f := eve.established(bob)
		eve.say(signal{kind: sigProof, message: eve.proof()})
		time.Sleep(time.Second)
		if f.Status().State != InCall || len(f.proofsOf()) != 1 {
			t.Fatalf("the same once more made it %+v", f.Status())
		}
		eve.proveWith(w.newKey())
		f.ended(IdentityChanged, time.Second)
		eve.sentAway(3 * time.Second)
	})
}

func TestANewSessionOfACallProvesTheSameIdentity(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		f := eve.established(bob)
		_ = eve.peer.Close()
		f.state(Reconnecting, 3*time.Second)
		first := eve.key
		eve.signals, eve.key = nil, w.newKey()
		eve.open(bob.host)
		eve.say(signal{kind: sigResume, call: testCall})
		f.ended(IdentityChanged, time.Second)
		if s := f.Status(); s.Trouble != TheirKeyChanged || s.Detail == "" {
			t.Errorf("status %+v", s)
		}
		if m := f.Members()[0]; m.Identity != identityOf(first) {
			t.Error("the call now is with somebody else")
		}
		if r := eve.heard(sigBye, time.Second).reason; r != IdentityChanged {
			t.Errorf("told %q", r)
		}
	})
}

func TestARecoveredCallProvesIdentitiesAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		before := from.Members()[0].Session
		_ = linkOf(to).peer.Close()
		from.state(Reconnecting, 3*time.Second)
		from.again(InCall, 5*time.Second)
		to.again(InCall, 5*time.Second)
		for _, f := range []*follower{from, to} {
			if n := len(f.proofsOf()); n != 2 {
				t.Errorf("%d times proved", n)
			}
		}
		if now := from.Members()[0].Session; now == before || now.Far != bob.id {
			t.Error("proved by the former session")
		}
	})
}
