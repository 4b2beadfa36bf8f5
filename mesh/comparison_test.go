package mesh

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

func compareOff(c *Config) { c.Compare = false }

// compares waits until the call's comparison is in a state, of an attempt (0: any).
func (f *follower) compares(s trust.State, attempt int, limit time.Duration) Comparison {
	f.t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		c := f.Comparison()
		if c.State == s && (attempt == 0 || c.Attempt == attempt) {
			return c
		}
		if time.Now().After(end) {
			f.t.Fatalf("not %s within %v but %+v", s, limit, c)
		}
	}
}

func TestBothEndsShowOneString(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		one, two := from.compares(trust.Compared, 1, time.Second), to.compares(trust.Compared, 1, time.Second)
		if one.String != two.String || one.String == (trust.ShortString{}) || len(one.Unproved) > 0 {
			t.Errorf("%v and %v", one, two)
		}
		from.await("the comparison", time.Second, func(e Event) bool {
			c, ok := e.(ComparisonChanged)
			return ok && c.Comparison.String == one.String
		})
		if err := to.CompareAgain(); err != nil {
			t.Fatal(err)
		}
		again, far := to.compares(trust.Compared, 2, time.Second), from.compares(trust.Compared, 2, time.Second)
		if again.String != far.String || again.String == one.String {
			t.Errorf("compared again: %v and %v, after %v", again, far, one)
		}
		from.HangUp()
		to.ended(Hangup, time.Second)
		if to.Comparison().String != again.String {
			t.Error("the string is forgotten with the call's end")
		}
		<-to.Done()
		if err := to.CompareAgain(); !errors.Is(err, ErrEnded) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestThereIsNothingToCompareBeforeTheCall(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from := ada.dial(bob.host, "bob")
		to := bob.rings(time.Second)
		for _, f := range []*follower{from, to} {
			if err := f.CompareAgain(); !errors.Is(err, ErrNotInCall) || f.Comparison().State != trust.Idle {
				t.Errorf("%v, %+v", err, f.Comparison())
			}
		}
	})
}

func TestCallsThatCrossShowOneString(t *testing.T) {
	for _, apart := range []time.Duration{0, 3 * time.Millisecond, 25 * time.Millisecond} {
		inWorld(t, func(w *world) {
			ada, bob := w.newPhone("ada"), w.newPhone("bob")
			one := ada.dial(bob.host, "bob")
			time.Sleep(apart)
			two := bob.dial(ada.host, "ada")
			one.state(InCall, 2*time.Second)
			two.state(InCall, 2*time.Second)
			if a, b := one.compares(trust.Compared, 1, time.Second), two.compares(trust.Compared, 1, time.Second); a.String != b.String {
				t.Errorf("%v and %v", a, b)
			}
			if one.Members()[0].Identity != identityOf(bob.key) || two.Members()[0].Identity != identityOf(ada.key) {
				t.Error("somebody else")
			}
		})
	}
}

func TestTheStringSurvivesTheSession(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		before := from.compares(trust.Compared, 1, time.Second)
		_ = linkOf(from).peer.Close()
		from.state(Reconnecting, 3*time.Second)
		from.again(InCall, 5*time.Second)
		to.again(InCall, 5*time.Second)
		if now := from.Comparison(); now.String != before.String || now.State != trust.Compared || to.Comparison().String != before.String {
			t.Errorf("%v, then %v", before, now)
		}
		if err := from.CompareAgain(); err != nil {
			t.Fatal(err)
		}
		if a, b := from.compares(trust.Compared, 2, time.Second), to.compares(trust.Compared, 2, time.Second); a.String != b.String {
			t.Errorf("%v and %v", a, b)
		}
	})
}

func TestAnAttemptGoesOnInTheNewSession(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		from.compares(trust.Compared, 1, time.Second)
		w.setApart(ada.host, bob.host, true)
		if err := from.CompareAgain(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		_ = linkOf(from).peer.Close()
		from.state(Reconnecting, 3*time.Second)
		w.setApart(ada.host, bob.host, false)
		from.again(InCall, 8*time.Second)
		a := from.compares(trust.Compared, 2, 15*time.Second)
		if b := to.compares(trust.Compared, a.Attempt, time.Second); a.String != b.String {
			t.Errorf("%v and %v", a, b)
		}
	})
}

func TestSilenceInTheComparisonHasAName(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob", compareOff)
		from, to := talk(ada, bob)
		failed := from.compares(trust.Stopped, trust.AutomaticAttempts, 40*time.Second)
		if f := failed.Failure; f.Reason != trust.NoCommitment || !slices.Equal(f.Members, []trust.Identity{identityOf(bob.key)}) || f.Sentence() == "" {
			t.Errorf("failed as %+v", f)
		}
		if c := to.Comparison(); c.State != trust.Idle {
			t.Errorf("bob takes part: %+v", c)
		}
		if from.Status().State != InCall {
			t.Error("that is no reason to end the call")
		}
		if err := to.CompareAgain(); err != nil { // his user wants to, after all
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if err := from.CompareAgain(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if to.Comparison().Asked {
			if err := to.CompareAgain(); err != nil {
				t.Fatal(err)
			}
		}
		a := from.compares(trust.Compared, 0, 15*time.Second)
		if b := to.compares(trust.Compared, a.Attempt, time.Second); a.String != b.String {
			t.Errorf("%v and %v", a, b)
		}
	})
}

func TestAUserMayAskWhereComparingIsOff(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada", compareOff), w.newPhone("bob", compareOff)
		from, to := talk(ada, bob)
		time.Sleep(5 * time.Second)
		if from.Comparison().State != trust.Idle || to.Comparison().State != trust.Idle {
			t.Error("compared without being asked")
		}
		for _, f := range []*follower{from, to} {
			if err := f.CompareAgain(); err != nil {
				t.Fatal(err)
			}
		}
		if a, b := from.compares(trust.Compared, 1, time.Second), to.compares(trust.Compared, 1, time.Second); a.String != b.String {
			t.Errorf("%v and %v", a, b)
		}
	})
}

// exchangeOf is the puppet's own part in the comparison of a call.
func (p *puppet) exchangeOf(call string, key ed25519.PrivateKey) *trust.Exchange {
	p.w.t.Helper()
	var id trust.CallID
	copy(id[:], unhex(p.w.t, call))
	x, err := trust.NewExchange(trust.ExchangeConfig{Call: id, Key: key})
	if err != nil {
		p.w.t.Fatal(err)
	}
	return x
}

func TestBrokenStepsOfTheComparisonBreakNothingElse(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		f := eve.established(bob)
		first := eve.heard(sigCompare, time.Second).message
		damaged := slices.Clone(first)
		damaged[120] ^= 1
		for _, m := range [][]byte{nil, {1}, {2, 1}, first, damaged, make([]byte, trust.SignedSize), make([]byte, maxTrustMessage), eve.proof()} {
			eve.say(signal{kind: sigCompare, call: testCall, message: m})
			eve.say(signal{kind: sigCompare, call: newCallID(), message: m})
		}
		time.Sleep(time.Second)
		if c := f.Comparison(); c.State != trust.Committing || c.Attempt != 1 || f.Status().State != InCall {
			t.Fatalf("%+v, %s", c, f.Status().State)
		}
		x := eve.exchangeOf(testCall, eve.key)
		sends, err := x.SetRoster(time.Now(), []trust.Member{{Identity: identityOf(bob.key), PeerID: bob.id}, {Identity: identityOf(eve.key), PeerID: eve.id}})
		for i := 0; err == nil && len(sends) > 0; i++ {
			for _, s := range sends {
				eve.say(signal{kind: sigCompare, call: testCall, message: s.Message})
			}
			time.Sleep(100 * time.Millisecond)
			sends = nil
			eve.mu.Lock()
			signals := slices.Clone(eve.signals)
			eve.mu.Unlock()
			for _, s := range signals {
				if s.kind == sigCompare {
					more, _ := x.Handle(time.Now(), identityOf(bob.key), s.message)
					sends = append(sends, more...)
				}
			}
		}
		want, ok := x.ShortString()
		if got := f.compares(trust.Compared, 1, time.Second); !ok || got.String != want {
			t.Errorf("%v and %v", got.String, want)
		}
	})
}
