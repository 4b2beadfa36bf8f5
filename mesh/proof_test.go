package mesh

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
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
			eve.key, eve.media, eve.signals = nil, 0, nil
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
			f.ended(TooOld, farProofWait+time.Second)
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

func TestWhomWeHaveCalledIsJudgedBeforeAnythingCounts(t *testing.T) {
	for _, reason := range []Reason{IdentityChanged, Blocked} {
		t.Run(string(reason), func(t *testing.T) {
			inWorld(t, func(w *world) {
				var asked []FarEnd
				ada := w.newPhone("ada", with(judged(func(f FarEnd) Reason {
					asked = append(asked, f)
					return reason
				})))
				bob := w.newPhone("bob", autoAccept)
				f := ada.dial(bob.host, "bob")
				f.ended(reason, time.Second)
				want := FarEnd{Name: "bob", PeerID: bob.id, Proved: true, Identity: identityOf(bob.key), Called: true}
				if len(asked) != 1 || asked[0] != want {
					t.Errorf("asked about %+v", asked)
				}
				if m := f.Members()[0]; m.Identity != identityOf(bob.key) {
					t.Error("the user cannot see who it was")
				}
				if s := f.Status(); (s.Trouble == TheirKeyChanged) != (reason == IdentityChanged) {
					t.Errorf("status %+v", s)
				}
				if ada.media.session() != nil || len(f.proofsOf()) > 0 {
					t.Error("the call has come about")
				}
				bob.rings(time.Second).ended(Cancelled, time.Second)
				if s := bob.media.session(); s != nil && s.tally().audio > 0 {
					t.Error("bob got sound")
				}
			})
		})
	}
}

func TestACallerWithAnotherKeyIsToldSo(t *testing.T) {
	inWorld(t, func(w *world) {
		ada := w.newPhone("ada")
		bob := w.newPhone("bob", with(judged(func(f FarEnd) Reason {
			if f.Name == "ada" && f.Identity != (trust.Identity{}) {
				return IdentityChanged
			}
			return ""
		})))
		f := ada.dial(bob.host, "bob")
		f.ended(IdentityChanged, time.Second)
		s := f.Status()
		if s.Trouble != OurKeyChanged || s.Sentence("bob", "") == IdentityChanged.Sentence("bob", "") {
			t.Errorf("status %+v", s)
		}
		bob.quiet(3 * time.Second)
	})
}

func TestTwoPhonesWithOneIdentityRefuseEachOther(t *testing.T) {
	for _, both := range []bool{false, true} {
		inWorld(t, func(w *world) {
			ada := w.newPhone("ada")
			twin := w.newPhone("twin", func(c *Config) { c.Identity = ada.key })
			calls := []*follower{ada.dial(twin.host, "twin")}
			if both {
				calls = append(calls, twin.dial(ada.host, "ada"))
			}
			for _, f := range calls {
				f.ended(IdentityChanged, 2*time.Second)
				if s := f.Status(); s.Trouble != SameKey || s.Detail != errSameKey.Error() {
					t.Errorf("status %+v", s)
				}
			}
			twin.quiet(5 * time.Second)
			ada.quiet(time.Second)
		})
	}
}

func TestCallsThatCrossAreJudgedAsCalls(t *testing.T) {
	for _, apart := range []time.Duration{0, 3 * time.Millisecond, 25 * time.Millisecond} {
		for _, callers := range []Reason{"", Declined} { // what the policy says of callers does not count
			t.Run(apart.String()+string(callers), func(t *testing.T) {
				inWorld(t, func(w *world) {
					changed := judged(func(f FarEnd) Reason {
						if !f.Called {
							return callers
						}
						return IdentityChanged
					})
					ada, bob := w.newPhone("ada", with(changed)), w.newPhone("bob")
					one := ada.dial(bob.host, "bob")
					time.Sleep(apart)
					two := bob.dial(ada.host, "ada")
					one.ended(IdentityChanged, 2*time.Second)
					two.await("the end", 5*time.Second, func(e Event) bool {
						c, ok := e.(StateChanged)
						return ok && c.Status.State == Ended
					})
					if ada.media.session() != nil {
						t.Error("media was opened")
					}
					if s := bob.media.session(); s != nil && s.tally().audio > 0 {
						t.Error("bob got sound")
					}
				})
			})
		}
	}
}

func TestASecondCallInTheSameSessionNeedsNoSecondProof(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		f := eve.established(bob)
		f.HangUp()
		f.ended(Hangup, time.Second)
		eve.mu.Lock()
		eve.signals = nil
		eve.mu.Unlock()
		eve.say(signal{kind: sigInvite, call: newCallID(), name: "eve"})
		g := bob.rings(time.Second)
		time.Sleep(time.Millisecond) // it reads its events
		if g.Members()[0].Identity != identityOf(eve.key) || len(g.proofsOf()) != 1 {
			t.Error("the second call does not know who it is")
		}
		eve.heard(sigRinging, time.Second)
		if eve.hears(sigProof) {
			t.Error("we have proved ourselves twice in a session")
		}
	})
}

func TestEveryOtherEndpointOfOursIsKnown(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, other := w.newPhone("ada"), w.newHost()
		ada.agent.Attach(other.nc, nil)
		f := ada.dial(other, "myself")
		s := f.await("the end", 20*time.Second, func(e Event) bool {
			c, ok := e.(StateChanged)
			return ok && c.Status.State == Ended
		})
		if got := s.ev.(StateChanged).Status; got.Reason != IdentityChanged || !strings.Contains(got.Detail, trust.ErrOwnSession.Error()) {
			t.Errorf("ended as %+v", got)
		}
		ada.quiet(time.Second)
	})
}

func TestTheWayToThePeerIsNoPartOfTheProof(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		ada.agent.Attach(w.newHost().nc, nil)
		bob.agent.Attach(w.newHost().nc, nil)
		from, _ := talk(ada, bob)
		if from.Members()[0].PeerID != bob.id {
			t.Error("not bob")
		}
		var none flash.PeerID
		if s := from.Members()[0].Session; s.Near == none {
			t.Error("no fingerprint")
		}
	})
}
