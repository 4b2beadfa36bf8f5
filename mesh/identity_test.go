package mesh

import (
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

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
					// His invite may come when her own call is over already: then it rings, and nobody answers.
					two.await("the end", giveUpAfter, func(e Event) bool {
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
