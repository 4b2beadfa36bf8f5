package mesh

import (
	"context"
	"sync"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

// provedOnly lets only those ring, and be called, who prove an identity. It notes what it was asked.
type provedOnly struct {
	mu    sync.Mutex
	asked []FarEnd
}

func (p *provedOnly) Admit(f FarEnd) Reason {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, f)
	if f.Identity == (trust.Identity{}) {
		return NeedsProof
	}
	return ""
}

// old reports whether it was asked about an old client.
func (p *provedOnly) old() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.asked {
		if f.OldClient {
			return true
		}
	}
	return false
}

func TestAnAnnouncedCallerRingsUnprovedOnlyIfThePolicySaysSo(t *testing.T) {
	t.Run("it says so", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.serve()
			ada, bob := w.newPhone("ada"), w.newPhone("bob")
			register(ada.host, bob.host)
			w.setApart(ada.host, bob.host, true)
			ada.dialBy("bob", ada.introduced(bob.host))
			to := bob.rings(5 * time.Second)
			if m := to.Members()[0]; m.Identity != (trust.Identity{}) || m.OldClient || m.Proved {
				t.Errorf("rings for %+v", m)
			}
			w.setApart(ada.host, bob.host, false)
			to.await("the proof", 10*time.Second, func(e Event) bool { _, ok := e.(MemberProved); return ok })
			if to.Members()[0].Identity != identityOf(ada.key) {
				t.Error("proved to be somebody else")
			}
		})
	})
	for _, wait := range []time.Duration{6 * time.Second, 14 * time.Second} {
		t.Run("it wants a proof, which comes after "+wait.String(), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.serve()
				p := &provedOnly{}
				ada, bob := w.newPhone("ada"), w.newPhone("bob", with(p))
				register(ada.host, bob.host)
				w.setApart(ada.host, bob.host, true)
				from := ada.dialBy("bob", ada.introduced(bob.host))
				bob.quiet(wait)
				if s := from.Status().State; s != Calling {
					t.Fatalf("the caller was told something: %s", s)
				}
				w.setApart(ada.host, bob.host, false)
				to := bob.rings(4 * time.Second)
				if to.Members()[0].Identity != identityOf(ada.key) {
					t.Error("rings for somebody else")
				}
				if err := to.Accept(); err != nil {
					t.Fatal(err)
				}
				from.state(InCall, 2*time.Second)
			})
		})
	}
	t.Run("and whom it refuses once proved stops ringing", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.serve()
			ada := w.newPhone("ada")
			bob := w.newPhone("bob", with(judged(func(f FarEnd) Reason {
				if f.Identity == identityOf(ada.key) {
					return IdentityChanged
				}
				return ""
			})))
			register(ada.host, bob.host)
			w.setApart(ada.host, bob.host, true)
			from := ada.dialBy("bob", ada.introduced(bob.host))
			to := bob.rings(5 * time.Second)
			if err := to.Accept(); err != nil { // whoever that is
				t.Fatal(err)
			}
			w.setApart(ada.host, bob.host, false)
			to.ended(IdentityChanged, 10*time.Second)
			from.await("the end", 3*time.Second, func(e Event) bool {
				c, ok := e.(StateChanged)
				return ok && c.Status.State == Ended
			})
			if s := bob.media.session(); s != nil && s.tally().audio > 0 {
				t.Error("bob got sound")
			}
			if s := ada.media.session(); s != nil && s.tally().audio > 0 {
				t.Error("ada got sound")
			}
		})
	})
}

func TestWhomWeAnswerUnprovedLearnsWhoWeAreOnlyWhenAdmitted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		eve, key := w.silent()
		bob := w.newPhone("bob", with(judged(func(f FarEnd) Reason {
			if f.Called {
				t.Errorf("we have not called %+v", f)
			}
			return ""
		})))
		register(bob.host, eve.host)
		w.setApart(eve.host, bob.host, true)
		if err := relay(eve.nc, bob.id, sigInvite, "eve"); err != nil {
			t.Fatal(err)
		}
		f := bob.rings(5 * time.Second)
		if err := f.Accept(); err != nil {
			t.Fatal(err)
		}
		w.setApart(eve.host, bob.host, false)
		eve.open(bob.host)
		time.Sleep(time.Second)
		eve.proveWith(key)
		time.Sleep(time.Second)
		if got := eve.order(); len(got) != 1 {
			t.Errorf("told %v before the invite", got)
		}
		eve.say(signal{kind: sigInvite, call: testCall, name: "eve"})
		eve.heard(sigAccept, time.Second)
		eve.say(signal{kind: sigOK, call: testCall})
		f.state(InCall, time.Second)
		if got := eve.order(); got[1] != sigProof {
			t.Errorf("told %v", got)
		}
	})
}

func TestPatientWakesMakeRoom(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada, bob := w.newPhone("ada"), w.newPhone("bob", with(&provedOnly{}))
		register(ada.host, bob.host)
		at := bob.agent.attached[bob.nc]
		for i := range maxWakes {
			bob.agent.relayed(at, relayed{from: flash.PeerID{1, byte(i)}, action: sigInvite, name: "spam"})
		}
		time.Sleep(proofWait + time.Second)
		bob.agent.relayed(at, relayed{from: ada.id, action: sigInvite, name: "ada"})
		bob.agent.mu.Lock()
		n, has := len(at.wakes), at.wakes[ada.id] != nil
		bob.agent.mu.Unlock()
		if n != maxWakes || !has {
			t.Errorf("%d wakes, for a new caller %v", n, has)
		}
		time.Sleep(2 * staleInvite)
		bob.agent.mu.Lock()
		defer bob.agent.mu.Unlock()
		if n := len(at.wakes); n > 0 {
			t.Errorf("%d wait for ever", n)
		}
	})
}

func TestAnOldClientIsRefusedOrLabelled(t *testing.T) {
	t.Run("refused when we call, as it has rejected our flow", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.serve()
			p := &provedOnly{}
			ada := w.newPhone("ada", with(p))
			register(ada.host)
			old := w.newOldClient()
			f := ada.dialBy("old", ada.introduced(old.host))
			old.takePeer(2 * time.Second)
			old.blasts(calleeStream)
			old.plays(callerStream)
			old.relay(ada.host, sigAccept)
			if d := f.ended(TooOld, 5*time.Second); d > 3*time.Second {
				t.Errorf("after %v", d)
			}
			if f.Status().Detail != errOldClient.Error() || !p.old() {
				t.Errorf("status %+v", f.Status())
			}
			noMedia(t, ada, old.puppet, "at the end")
		})
	})
	t.Run("refused when we call, as it says nothing", func(t *testing.T) {
		inWorld(t, func(w *world) {
			ada, eve := w.newPhone("ada", with(&provedOnly{})), w.newPuppet()
			f := ada.dial(eve.host, "eve")
			if d := f.ended(TooOld, 15*time.Second); d < oldClientWait {
				t.Errorf("after %v", d)
			}
		})
	})
	t.Run("refused when it calls", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.serve()
			p := &provedOnly{}
			bob := w.newPhone("bob", with(p))
			register(bob.host)
			old := w.newOldClient()
			old.relay(bob.host, sigInvite)
			old.takePeer(2 * time.Second)
			old.told(sigReject, 5*time.Second)
			bob.quiet(5 * time.Second)
			if !p.old() {
				t.Error("the policy was not asked about an old client")
			}
		})
	})
	t.Run("labelled", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.serve()
			bob := w.newPhone("bob")
			register(bob.host)
			old := w.newOldClient()
			old.blasts(callerStream)
			old.relay(bob.host, sigInvite)
			old.takePeer(2 * time.Second)
			old.plays(calleeStream)
			f := bob.rings(5 * time.Second)
			if err := f.Accept(); err != nil {
				t.Fatal(err)
			}
			f.state(InCall, 3*time.Second)
			if m := f.Members()[0]; !m.OldClient || m.Identity != (trust.Identity{}) || m.Session != (SessionProof{}) {
				t.Errorf("the call is with %+v", m)
			}
			c := f.Comparison()
			if c.State != trust.Idle || len(c.Unproved) != 1 || !c.Unproved[0].OldClient {
				t.Errorf("compares %+v", c)
			}
			if err := f.CompareAgain(); err == nil {
				t.Error("compares with somebody who cannot")
			}
			time.Sleep(time.Second)
			if old.mediaSoFar() == 0 || bob.media.session().received(AudioFrame) == 0 {
				t.Error("nothing flows")
			}
		})
	})
}

func TestOneWhoHasProvedItselfIsNoOldClientLater(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		f := eve.established(bob)
		_ = eve.peer.Close()
		f.state(Reconnecting, 3*time.Second)
		eve.blasts(callerStream)
		eve.media = 0
		peer, err := eve.nc.OpenPeer(context.Background(), bob.id, bob.addr)
		if err != nil {
			t.Fatal(err)
		}
		eve.peer = peer
		go func() {
			for {
				fl, err := peer.AcceptFlow(context.Background())
				if err != nil {
					return
				}
				fl.Reject(0) // as an old client does
			}
		}()
		eve.plays(calleeStream)
		before := bob.media.session().tally()
		if d := f.ended(PeerLost, peerLostAfter+time.Second); d < peerLostAfter-time.Second {
			t.Errorf("given up after %v", d)
		}
		if n := eve.mediaSoFar(); n > 0 {
			t.Errorf("%d messages of sound and picture have left", n)
		}
		if after := bob.media.session().tally(); after.audio > before.audio {
			t.Error("sound has arrived")
		}
	})
}

func TestNoProofsWithTheCryptographyOfOldClients(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serveWith(rendezvous.Config{OldClients: true})
		p := &provedOnly{}
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		strict := w.newPhone("strict", with(p))
		for _, phone := range []*phone{ada, bob, strict} {
			h := w.newHost(flashcrypto.Options{OldClients: true})
			phone.host = h
			phone.agent.Attach(h.nc, nil)
			register(h)
		}
		from := ada.dialBy("bob", ada.introduced(bob.host))
		to := bob.rings(10 * time.Second)
		if err := to.Accept(); err != nil {
			t.Fatal(err)
		}
		from.state(InCall, 5*time.Second)
		to.state(InCall, 5*time.Second)
		for _, f := range []*follower{from, to} {
			if m := f.Members()[0]; !m.OldClient || m.Identity != (trust.Identity{}) || len(f.proofsOf()) > 0 {
				t.Errorf("the call is with %+v", m)
			}
		}
		from.HangUp()
		to.ended(Hangup, time.Second)
		time.Sleep(time.Second)
		ada.dialBy("strict", ada.introduced(strict.host)).ended(Declined, 10*time.Second)
		strict.dialBy("bob", strict.introduced(bob.host)).ended(TooOld, 10*time.Second)
	})
}

func TestAPhoneWithoutAnIdentityIsTooOld(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, none := w.newPhone("ada"), w.newPhone("none", noIdentity)
		none.dial(ada.host, "ada").ended(TooOld, time.Second)
		ada.quiet(time.Second)
		f := ada.dial(none.host, "none")
		to := none.rings(time.Second)
		f.ended(TooOld, farProofWait+time.Second)
		to.ended(Cancelled, time.Second)
	})
}

func TestPhonesWithoutIdentitiesCallEachOther(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada", noIdentity), w.newPhone("bob", noIdentity)
		from, to := talk(ada, bob)
		time.Sleep(time.Second)
		if from.Members()[0].Identity != (trust.Identity{}) || to.Comparison().State != trust.Idle {
			t.Error("an identity out of nothing")
		}
		if ada.media.session().received(AudioFrame) == 0 {
			t.Error("nothing flows")
		}
	})
}
