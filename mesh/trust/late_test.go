package trust

import (
	"errors"
	"slices"
	"testing"
)

func TestWhatComesAfterTheLastAttemptChangesNothing(t *testing.T) {
	alice, bob, _, _ := pair(t)
	now := start
	for range AutomaticAttempts {
		now = alice.Deadline()
		alice.Tick(now)
	}
	failed := alice.Failure()
	if alice.State() != Stopped || failed.Reason != NoCommitment {
		t.Fatalf("%v, %+v", alice.State(), failed)
	}
	last := alice.roster.epoch(testCall, AutomaticAttempts)
	for _, message := range [][]byte{
		made(testKey(2), typeCommit, last, AutomaticAttempts, [32]byte{1}),
		made(testKey(2), typeReveal, last, AutomaticAttempts, [32]byte{1}),
		made(testKey(2), typeCommit, last, AutomaticAttempts, [32]byte{2}),
	} {
		sends, err := alice.Handle(now, bob.self, message)
		if f := alice.Failure(); !errors.Is(err, ErrStale) || len(sends) > 0 || f.Reason != failed.Reason || !slices.Equal(f.Members, failed.Members) {
			t.Errorf("%v, %d sent, and now it is due to %+v", err, len(sends), f)
		}
	}
}

func TestWhatTheUserBeginsMayGoOnByItself(t *testing.T) {
	x := side(t, 1)
	with := func(peer byte) []Member {
		return []Member{{testIdentity(1), [32]byte{1}}, {testIdentity(2), [32]byte{peer}}}
	}
	for n := range maxAutomatic {
		must(x.SetRoster(start, with(byte(n))))
		toReveal(t, x)
	}
	must(x.SetRoster(start, with(98)))
	if x.State() != Stopped || x.Failure().Reason != Exhausted {
		t.Fatalf("%v, %+v", x.State(), x.Failure())
	}
	must(x.Start(start))
	toReveal(t, x)
	for n := range maxAutomatic - 1 {
		if must(x.SetRoster(start, with(byte(100+n)))); x.State() != Committing {
			t.Fatalf("%d after the user's: %v", n, x.State())
		}
		toReveal(t, x)
	}
	if must(x.SetRoster(start, with(99))); x.State() != Stopped {
		t.Errorf("and once more: %v", x.State())
	}
}

// Somebody seems to have gone for a moment, to alice alone. Bob, who has noticed nothing, does not take her for a liar.
func TestARosterThatComesBackGoesOnWithItsAttempts(t *testing.T) {
	alice, bob, commitA, commitB := pair(t)
	alice.cfg.Random = constant(9) // fresh randomness each time
	must(alice.SetRoster(start, members(1)))
	sends := must(alice.SetRoster(start, members(1, 2)))
	if alice.Attempt() != 2 {
		t.Fatalf("attempt %d", alice.Attempt())
	}
	must(bob.Handle(start, alice.self, commitA))
	if _, err := alice.Handle(start, bob.self, commitB); !errors.Is(err, ErrStale) {
		t.Fatal(err)
	}
	toBob := sends
	for range 4 {
		var toAlice []Send
		for _, s := range toBob {
			toAlice = append(toAlice, must(bob.Handle(start, alice.self, s.Message))...)
		}
		toBob = nil
		for _, s := range toAlice {
			toBob = append(toBob, must(alice.Handle(start, bob.self, s.Message))...)
		}
	}
	a, okA := alice.ShortString()
	if b, okB := bob.ShortString(); !okA || !okB || a != b {
		t.Errorf("%v %v %+v, %v %v %+v", a, okA, alice.Failure(), b, okB, bob.Failure())
	}
	// It may come back as often as there are attempts with a reveal without the user; those without one do not count.
	for attempt := 3; attempt < 2*AutomaticAttempts; attempt++ {
		must(alice.SetRoster(start, members(1)))
		if must(alice.SetRoster(start, members(1, 2))); alice.State() != Committing || alice.Attempt() != attempt {
			t.Fatalf("attempt %d is %d, %v", attempt, alice.Attempt(), alice.State())
		}
	}
	for range maxAutomatic - 1 {
		toReveal(t, alice)
		must(alice.SetRoster(start, members(1)))
		must(alice.SetRoster(start, members(1, 2)))
	}
	if alice.State() != Stopped || alice.Failure().Reason != Exhausted {
		t.Errorf("%v, %+v", alice.State(), alice.Failure())
	}
}

func TestWhatIsKeptIsACopy(t *testing.T) {
	alice, bob := side(t, 1), side(t, 2)
	commit := one(t, must(bob.SetRoster(start, members(1, 2))))
	_, _ = alice.Handle(start, bob.self, commit) // her roster is on its way
	clear(commit)
	must(alice.SetRoster(start, members(1, 2)))
	if alice.State() != Revealing {
		t.Errorf("%v: what came early is lost", alice.State())
	}
}
