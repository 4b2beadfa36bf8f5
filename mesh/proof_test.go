package mesh

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// judged is a policy that a function makes.
type judged func(FarEnd) Reason

func (f judged) Admit(e FarEnd) Reason { return f(e) }

func with(p Policy) func(*Config) { return func(c *Config) { c.Policy = p } }

// proofsOf are the proofs that somebody has told so far.
func (f *follower) proofsOf() []Member {
	var all []Member
	for _, ev := range f.events() {
		if p, ok := ev.(MemberProved); ok {
			all = append(all, p.Member)
		}
	}
	return all
}

// silent makes a puppet that proves itself only when told.
func (w *world) silent() (*puppet, ed25519.PrivateKey) {
	p := w.newPuppet()
	key := p.key
	p.key = nil
	return p, key
}

// proveWith says a proof, made with a key.
func (p *puppet) proveWith(key ed25519.PrivateKey) {
	p.w.t.Helper()
	b, err := trust.Prove(p.session(), key)
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.say(signal{kind: sigProof, message: b})
}

// order is the kinds of signals that came, in order.
func (p *puppet) order() []signalKind {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []signalKind
	for _, s := range p.signals {
		all = append(all, s.kind)
	}
	return all
}

// hears reports whether a signal of a kind has come.
func (p *puppet) hears(k signalKind) bool {
	for _, got := range p.order() {
		if got == k {
			return true
		}
	}
	return false
}

// sentAway waits for the end of the puppet's session.
func (p *puppet) sentAway(limit time.Duration) {
	p.w.t.Helper()
	select {
	case <-p.peer.Session().Done():
	case <-time.After(limit):
		p.w.t.Error("the session stays open")
	}
}

func TestBothEndsOfACallKnowEachOthersIdentity(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from := ada.dial(bob.host, "bob")
		to := bob.rings(time.Second)
		if m := to.Members(); len(m) != 1 || m[0].Identity != identityOf(ada.key) || !m[0].Proved || m[0].OldClient || m[0].Name != "ada" || m[0].PeerID != ada.id {
			t.Errorf("it rings for %+v", m)
		}
		time.Sleep(time.Second)
		if m := from.Members(); len(m) != 1 || m[0].Identity != identityOf(bob.key) {
			t.Errorf("before the answer the caller knows of %+v", m)
		}
		near, far := from.Members()[0].Session, to.Members()[0].Session
		if !near.Initiator || far.Initiator || near.NearNonce != far.FarNonce || near.FarNonce != far.NearNonce || near.NearNonce == near.FarNonce ||
			near.Near != ada.id || near.Far != bob.id || far.Near != bob.id || far.Far != ada.id {
			t.Errorf("the session is %+v and %+v", near, far)
		}
		if err := to.Accept(); err != nil {
			t.Fatal(err)
		}
		from.state(InCall, time.Second)
		for _, f := range []*follower{from, to} {
			if n := len(f.proofsOf()); n != 1 {
				t.Errorf("%d times proved", n)
			}
		}
	})
}

func TestTheCallerProvesItselfFirst(t *testing.T) {
	t.Run("when we call", func(t *testing.T) {
		inWorld(t, func(w *world) {
			ada := w.newPhone("ada")
			eve, _ := w.silent()
			ada.dial(eve.host, "eve")
			eve.accept()
			eve.heard(sigInvite, time.Second)
			if got := eve.order(); len(got) != 3 || got[0] != sigHello || got[1] != sigProof || got[2] != sigInvite {
				t.Errorf("says %v", got)
			}
			if who, err := trust.Verify(eve.session(), trust.Identity{}, eve.heard(sigProof, 0).message); err != nil || who != identityOf(ada.key) {
				t.Errorf("proves %v, %v", who, err)
			}
		})
	})
	t.Run("when we are called", func(t *testing.T) {
		inWorld(t, func(w *world) {
			bob := w.newPhone("bob")
			eve, key := w.silent()
			eve.open(bob.host)
			time.Sleep(time.Second)
			eve.proveWith(key)
			time.Sleep(time.Second)
			if eve.hears(sigProof) {
				t.Error("we prove ourselves to somebody who has not called")
			}
			eve.say(signal{kind: sigInvite, call: testCall, name: "eve"})
			bob.rings(time.Second)
			eve.heard(sigRinging, time.Second)
			if got := eve.order(); len(got) != 3 || got[1] != sigProof || got[2] != sigRinging {
				t.Errorf("says %v", got)
			}
		})
	})
	t.Run("in a session that the callee has opened", func(t *testing.T) {
		inWorld(t, func(w *world) {
			ada := w.newPhone("ada")
			eve, key := w.silent()
			eve.open(ada.host)
			time.Sleep(time.Second)
			f := ada.dial(eve.host, "eve")
			call := eve.heard(sigInvite, time.Second).call
			if got := eve.order(); got[1] != sigProof || got[2] != sigInvite {
				t.Errorf("says %v", got)
			}
			eve.proveWith(key)
			eve.say(signal{kind: sigAccept, call: call})
			f.state(Connecting, time.Second)
		})
	})
}

func TestWhomThePolicyRefusesLearnsNotWhoWeAre(t *testing.T) {
	inWorld(t, func(w *world) {
		eve, key := w.silent()
		bob := w.newPhone("bob", with(judged(func(f FarEnd) Reason {
			if f.Identity == identityOf(key) {
				return Blocked
			}
			return ""
		})))
		eve.open(bob.host)
		eve.proveWith(key)
		eve.say(signal{kind: sigInvite, call: testCall, name: "eve"})
		if r := eve.heard(sigReject, time.Second).reason; r != Blocked {
			t.Errorf("refused as %q", r)
		}
		eve.say(signal{kind: sigResume, call: testCall})
		time.Sleep(5 * time.Second)
		if eve.hears(sigProof) || eve.hears(sigBye) {
			t.Errorf("told %v", eve.order())
		}
		bob.quiet(time.Second)
	})
}

func TestARefusalCountsFromSomebodyWhoProvesNothing(t *testing.T) {
	for _, tc := range []struct {
		said    Reason
		want    Reason
		trouble Trouble
	}{
		{Blocked, Blocked, ""},
		{Busy, Busy, ""},
		{IdentityChanged, IdentityChanged, OurKeyChanged},
		{wireSameKey, IdentityChanged, SameKey},
		{wireProofRefused, IdentityChanged, ProofRefused},
	} {
		t.Run(string(tc.said), func(t *testing.T) {
			inWorld(t, func(w *world) {
				ada := w.newPhone("ada")
				eve, _ := w.silent()
				f := ada.dial(eve.host, "eve")
				eve.accept()
				eve.say(signal{kind: sigReject, call: eve.heard(sigInvite, time.Second).call, reason: tc.said})
				f.ended(tc.want, time.Second)
				if s := f.Status(); s.Trouble != tc.trouble || tc.trouble != "" && s.Detail == "" {
					t.Errorf("status %+v", s)
				}
			})
		})
	}
}

func TestNothingElseCountsFromSomebodyWhoProvesNothing(t *testing.T) {
	t.Run("when we call", func(t *testing.T) {
		inWorld(t, func(w *world) {
			ada := w.newPhone("ada")
			eve, _ := w.silent()
			f := ada.dial(eve.host, "eve")
			eve.accept()
			call := eve.heard(sigInvite, time.Second).call
			eve.blasts(calleeStream)
			eve.plays(callerStream)
			for _, s := range everySignal(call, sigReject) {
				eve.say(s)
				time.Sleep(300 * time.Millisecond)
				noMedia(t, ada, eve, string(s.kind))
				if s := f.Status(); s.State != Calling || s.Detail != "" {
					t.Fatalf("made it %+v", s)
				}
			}
			if d := f.ended(TooOld, farProofWait+time.Second); d < farProofWait {
				t.Errorf("after %v", d)
			}
			if !strings.Contains(f.Status().Detail, "prove") {
				t.Errorf("detail %q", f.Status().Detail)
			}
			noMedia(t, ada, eve, "at the end")
		})
	})
	t.Run("when we are called", func(t *testing.T) {
		inWorld(t, func(w *world) {
			bob := w.newPhone("bob")
			eve, _ := w.silent()
			eve.open(bob.host)
			eve.say(signal{kind: sigInvite, call: testCall, name: "eve"})
			if r := eve.heard(sigReject, time.Second).reason; r != TooOld {
				t.Errorf("refused as %q", r)
			}
			bob.quiet(5 * time.Second)
			if eve.hears(sigProof) {
				t.Error("we have proved who we are")
			}
		})
	})
	t.Run("in the new session of a call", func(t *testing.T) {
		inWorld(t, func(w *world) {
			bob := w.newPhone("bob")
			eve := w.newPuppet()
			f := eve.established(bob)
			eve.blasts(callerStream)
			eve.plays(calleeStream)
			time.Sleep(2 * time.Second)
			_ = eve.peer.Close()
			f.state(Reconnecting, 3*time.Second)
			eve.key = nil
			eve.mu.Lock()
			eve.media, eve.signals = 0, nil
			eve.mu.Unlock()
			before := bob.media.session().tally()
			eve.open(bob.host)
			eve.plays(calleeStream)
			for _, s := range everySignal(testCall) {
				eve.say(s)
				time.Sleep(300 * time.Millisecond)
				if s := f.Status(); s.State != Reconnecting {
					t.Fatalf("made it %+v", s)
				}
			}
			f.ended(IdentityChanged, farProofWait+time.Second)
			if s := f.Status(); s.Trouble != ProofMissing {
				t.Errorf("status %+v", s)
			}
			if r := eve.heard(sigBye, time.Second).reason; r != TooOld {
				t.Errorf("told %q", r)
			}
			if n := eve.mediaSoFar(); n > 0 {
				t.Errorf("%d messages of sound and picture have left", n)
			}
			if after := bob.media.session().tally(); after.audio > before.audio+10 || after.video > before.video+10 { // what was on its way
				t.Errorf("sound and picture have arrived: %+v, then %+v", before, after)
			}
		})
	})
}

// established has a puppet call a phone, up to InCall.
func (p *puppet) established(with *phone) *follower {
	p.w.t.Helper()
	p.open(with.host)
	p.say(signal{kind: sigInvite, call: testCall, name: "puppet"})
	f := with.rings(time.Second)
	if err := f.Accept(); err != nil {
		p.w.t.Fatal(err)
	}
	p.heard(sigAccept, time.Second)
	p.say(signal{kind: sigOK, call: testCall})
	f.state(InCall, time.Second)
	return f
}

func TestAProofMayComeLate(t *testing.T) {
	inWorld(t, func(w *world) {
		ada := w.newPhone("ada")
		eve, key := w.silent()
		f := ada.dial(eve.host, "eve")
		eve.accept()
		call := eve.heard(sigInvite, time.Second).call
		time.Sleep(farProofWait - time.Second)
		eve.say(signal{kind: sigAccept, call: call})
		eve.proveWith(key)
		time.Sleep(time.Second)
		if s := f.Status().State; s != Calling {
			t.Fatalf("an accept that came before the proof made it %s", s)
		}
		eve.say(signal{kind: sigAccept, call: call})
		f.state(Connecting, time.Second)
	})
}
