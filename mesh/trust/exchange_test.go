package trust

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"
)

var testCall = CallID{1, 2, 3}

// start is when tests begin.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// constant is randomness for golden vectors: one byte again and again.
type constant byte

func (c constant) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(c)
	}
	return len(b), nil
}

// side is a member with constant randomness.
func side(t testing.TB, n byte) *Exchange {
	t.Helper()
	x, err := NewExchange(ExchangeConfig{Call: testCall, Key: testKey(n), Random: constant(n)})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func members(ns ...byte) []Member {
	var m []Member
	for _, n := range ns {
		m = append(m, Member{testIdentity(n), [32]byte{n}})
	}
	return m
}

// pair is alice (1) and bob (2) who have begun, and their commitments.
func pair(t testing.TB) (alice, bob *Exchange, commitA, commitB []byte) {
	t.Helper()
	alice, bob = side(t, 1), side(t, 2)
	return alice, bob, one(t, must(alice.SetRoster(start, members(1, 2)))), one(t, must(bob.SetRoster(start, members(2, 1))))
}

func must(s []Send, err error) []Send {
	if err != nil {
		panic(err)
	}
	return s
}

func one(t testing.TB, s []Send) []byte {
	t.Helper()
	if len(s) != 1 {
		t.Fatalf("%d messages, want one", len(s))
	}
	return s[0].Message
}

// made is a message as the holder of a key may make it.
func made(key ed25519.PrivateKey, typ byte, epoch Epoch, attempt uint32, value [32]byte) []byte {
	m, err := signed{typ: typ, epoch: epoch, attempt: attempt, author: Identity(key.Public().(ed25519.PublicKey)), value: value}.signWith(key)
	if err != nil {
		panic(err)
	}
	return m.append(nil)
}

func TestTwoHonestMembersSeeTheSameString(t *testing.T) {
	alice, bob, commitA, commitB := pair(t)
	revealA := one(t, must(alice.Handle(start, bob.self, commitB)))
	revealB := one(t, must(bob.Handle(start, alice.self, commitA)))
	if alice.State() != Revealing || !alice.Deadline().Equal(start.Add(revealWait)) {
		t.Errorf("%v until %v", alice.State(), alice.Deadline())
	}
	must(alice.Handle(start, bob.self, revealB))
	must(bob.Handle(start, alice.self, revealA))
	a, okA := alice.ShortString()
	b, okB := bob.ShortString()
	if !okA || !okB || a != b || !alice.Deadline().IsZero() || alice.Failure().Reason != "" {
		t.Errorf("%v %v, %v %v", a, okA, b, okB)
	}
	for name, c := range map[string][2]string{
		"commitment of 01": {hex.EncodeToString(commitA), goldenCommit},
		"reveal of 02":     {hex.EncodeToString(revealB), goldenReveal},
		"digest":           {hex.EncodeToString(a[:]), goldenDigest},
		"words":            {a.Words()[0] + " " + a.Words()[1] + " " + a.Words()[2], goldenWords},
		"printed":          {a.String(), goldenWords},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %s, want %s", name, c[0], c[1])
		}
	}
}

func TestNothingIsRevealedBeforeAllCommitmentsAreHeld(t *testing.T) {
	x := side(t, 1)
	must(x.SetRoster(start, members(1, 2, 3)))
	bob, carol := side(t, 2), side(t, 3)
	commitB, commitC := one(t, must(bob.SetRoster(start, members(1, 2, 3)))), one(t, must(carol.SetRoster(start, members(1, 2, 3))))
	reveal := made(testKey(3), typeReveal, x.epoch, 1, [32]byte(bytes.Repeat([]byte{3}, 32)))
	reveals := func(s []Send) bool {
		return slices.ContainsFunc(s, func(s Send) bool { return bytes.Contains(s.Message, x.r[:]) })
	}
	for name, m := range map[string][]byte{"one commitment of two": commitB, "a reveal in place of the other": reveal, "the first again": commitB} {
		if reveals(must(x.Handle(start, bob.self, m))) {
			t.Fatalf("revealed after %s", name)
		}
	}
	if !reveals(must(x.Handle(start, carol.self, commitC))) || x.State() != Revealing {
		t.Error("not revealed when all are held")
	}
}

func TestMessagesAreRefused(t *testing.T) {
	alice, bob, commitA, commitB := pair(t)
	flip := func(b []byte, at int) []byte {
		c := bytes.Clone(b)
		c[at] ^= 1
		return c
	}
	stranger := made(testKey(9), typeCommit, alice.epoch, 1, [32]byte{})
	for name, c := range map[string]struct {
		message []byte
		want    error
	}{
		"our own, sent back":               {commitA, ErrOwnIdentity},
		"somebody's who is not a member":   {stranger, ErrEpoch},
		"of another room":                  {made(testKey(2), typeCommit, Epoch{1}, 1, [32]byte{}), ErrEpoch},
		"another attempt's epoch":          {made(testKey(2), typeCommit, alice.epoch, 2, [32]byte{}), ErrEpoch},
		"a bit of the value turned":        {flip(commitB, 80), ErrSignature},
		"a bit of the signature turned":    {flip(commitB, 110), ErrSignature},
		"a commitment said to be a reveal": {append([]byte{typeReveal}, commitB[1:]...), ErrSignature},
		"attempt 0":                        {made(testKey(2), typeCommit, alice.epoch, 0, [32]byte{}), ErrAttempt},
		"an attempt beyond all":            {made(testKey(2), typeCommit, alice.epoch, maxAttempt+1, [32]byte{}), ErrAttempt},
		"too short":                        {commitB[:SignedSize-1], ErrMessage},
		"too long":                         {append(bytes.Clone(commitB), 0), ErrMessage},
		"another type":                     {append([]byte{9}, commitB[1:]...), ErrMessage},
		"another version":                  {append([]byte{typeCommit, 9}, commitB[2:]...), ErrVersion},
	} {
		sends, err := alice.Handle(start, bob.self, c.message)
		if !errors.Is(err, c.want) || len(sends) > 0 || alice.State() != Committing || alice.Attempt() != 1 {
			t.Errorf("%s: %v; %d sent, %s", name, err, len(sends), alice.State())
		}
	}
}

func TestDuplicatesAndWrongOrderDoNoHarm(t *testing.T) {
	alice, bob, commitA, commitB := pair(t)
	revealB := one(t, must(bob.Handle(start, alice.self, commitA)))
	for range 2 { // the reveal first, everything twice
		must(alice.Handle(start, bob.self, revealB))
	}
	if alice.State() != Committing {
		t.Fatalf("%v", alice.State())
	}
	one(t, must(alice.Handle(start, bob.self, commitB)))
	if sends := must(alice.Handle(start, bob.self, commitB)); len(sends) > 0 || alice.State() != Compared {
		t.Errorf("%v, %d sent", alice.State(), len(sends))
	}
}

func TestWhoBreaksTheRulesFailsTheAttempt(t *testing.T) {
	key := testKey(2)
	r := [32]byte{7}
	for name, c := range map[string]struct {
		messages func(e Epoch) [][]byte
		want     Reason
	}{
		"a reveal that was not committed to": {func(e Epoch) [][]byte {
			return [][]byte{made(key, typeCommit, e, 1, commitment(e, testIdentity(2), r)), made(key, typeReveal, e, 1, [32]byte{8})}
		}, WrongReveal},
		"the same in the other order": {func(e Epoch) [][]byte {
			return [][]byte{made(key, typeReveal, e, 1, [32]byte{8}), made(key, typeCommit, e, 1, commitment(e, testIdentity(2), r))}
		}, WrongReveal},
		"another member's commitment copied": {func(e Epoch) [][]byte {
			ones := [32]byte(bytes.Repeat([]byte{1}, 32))
			return [][]byte{made(key, typeCommit, e, 1, commitment(e, testIdentity(1), ones)), made(key, typeReveal, e, 1, ones)}
		}, WrongReveal},
		"two commitments": {func(e Epoch) [][]byte {
			return [][]byte{made(key, typeCommit, e, 1, [32]byte{1}), made(key, typeCommit, e, 1, [32]byte{2})}
		}, Equivocated},
		"two reveals before the commitment": {func(e Epoch) [][]byte {
			return [][]byte{made(key, typeReveal, e, 1, [32]byte{1}), made(key, typeReveal, e, 1, [32]byte{2})}
		}, Equivocated},
		"another commitment after the string": {func(e Epoch) [][]byte {
			return [][]byte{
				made(key, typeCommit, e, 1, commitment(e, testIdentity(2), r)), made(key, typeReveal, e, 1, r),
				made(key, typeCommit, e, 1, [32]byte{2}),
			}
		}, Equivocated},
	} {
		alice, _, _, _ := pair(t)
		var last error
		for _, m := range c.messages(alice.epoch) {
			_, last = alice.Handle(start, testIdentity(2), m)
		}
		f := alice.Failure()
		if !errors.Is(last, ErrAttemptOver) || f.Reason != c.want || f.Attempt != 1 || !slices.Equal(f.Members, []Identity{testIdentity(2)}) {
			t.Errorf("%s: %v, %+v", name, last, f)
		}
		if alice.State() != Committing || alice.Attempt() != 2 {
			t.Errorf("%s: no other attempt: %v %d", name, alice.State(), alice.Attempt())
		}
		if _, ok := alice.ShortString(); ok {
			t.Errorf("%s: there is a string", name)
		}
	}
}

func TestSilenceEndsAttemptsAndAfterThreeOnlyTheUserBeginsAnother(t *testing.T) {
	alice, bob, _, _ := pair(t)
	now := start
	for attempt := 1; attempt <= AutomaticAttempts; attempt++ {
		if alice.State() != Committing || alice.Attempt() != attempt {
			t.Fatalf("%v %d", alice.State(), alice.Attempt())
		}
		if s := alice.Tick(alice.Deadline().Add(-1)); len(s) > 0 {
			t.Fatal("before its time")
		}
		now = alice.Deadline()
		alice.Tick(now)
		if f := alice.Failure(); f.Reason != NoCommitment || f.Attempt != attempt || !slices.Equal(f.Members, []Identity{bob.self}) {
			t.Fatalf("%+v", f)
		}
	}
	if alice.State() != Stopped || !alice.Deadline().IsZero() || len(alice.Tick(now.Add(time.Hour))) > 0 {
		t.Fatalf("%v until %v", alice.State(), alice.Deadline())
	}
	// Bob can be reached again: alice begins a fourth, which he joins, though he has made three himself. None has revealed anything.
	bob.Tick(bob.Deadline())
	bob.Tick(bob.Deadline())
	bob.Tick(bob.Deadline())
	if bob.State() != Stopped {
		t.Fatalf("bob's is %v", bob.State())
	}
	if s := alice.Linked(now, testIdentity(3)); len(s) > 0 || alice.State() != Stopped {
		t.Errorf("somebody who was not missing: %d sent, %v", len(s), alice.State())
	}
	sends := alice.Linked(now, bob.self)
	if alice.Attempt() != 4 || len(sends) != 1 {
		t.Fatalf("%d sent, attempt %d, %v", len(sends), alice.Attempt(), alice.State())
	}
	for from, to := alice, bob; len(sends) > 0; from, to = to, from {
		var answers []Send
		for _, s := range sends {
			answers = append(answers, must(to.Handle(now, from.self, s.Message))...)
		}
		sends = answers
	}
	a, okA := alice.ShortString()
	if b, okB := bob.ShortString(); !okA || !okB || a != b {
		t.Errorf("%v, %v", a, b)
	}
}

// toReveal lets bob commit himself to something in the present attempt, so that x reveals.
func toReveal(t *testing.T, x *Exchange) {
	t.Helper()
	commit := made(testKey(2), typeCommit, x.epoch, x.attempt, [32]byte{1})
	must(x.Handle(start, testIdentity(2), commit))
	if x.State() != Revealing {
		t.Fatalf("attempt %d is %v", x.Attempt(), x.State())
	}
}

func TestAfterThreeRevealsOnlyTheUserBeginsAnother(t *testing.T) {
	alice, bob, _, _ := pair(t)
	for range AutomaticAttempts {
		toReveal(t, alice)
		alice.Tick(alice.Deadline())
	}
	if alice.State() != Stopped || alice.Failure().Reason != NoReveal {
		t.Fatalf("%v, %+v", alice.State(), alice.Failure())
	}
	if s := alice.Linked(start, bob.self); len(s) > 0 || alice.State() != Stopped {
		t.Errorf("he is back: %d sent, %v", len(s), alice.State())
	}
	must(alice.SetRoster(start, members(1, 3)))
	alice.Tick(alice.Deadline())
	if s := must(alice.SetRoster(start, members(1, 2))); len(s) > 0 || alice.State() != Stopped {
		t.Errorf("he was gone for a moment: %d sent, %v", len(s), alice.State())
	}
	// Bob's user begins a fourth: alice's phone says so, and waits for her.
	fourth := made(testKey(2), typeCommit, alice.roster.epoch(testCall, 4), 4, [32]byte{1})
	if sends, err := alice.Handle(start, bob.self, fourth); err != nil || len(sends) > 0 || !alice.Asked() || alice.State() != Stopped {
		t.Fatalf("%v, %d sent, %v", err, len(sends), alice.State())
	}
	// Her commitment, and since his is here, her reveal.
	if sends := must(alice.Start(start)); len(sends) != 2 || alice.Attempt() != 4 || alice.Asked() || alice.State() != Revealing {
		t.Fatalf("%d sent, attempt %d, %v", len(sends), alice.Attempt(), alice.State())
	}
}

func TestAMemberWhoDoesNotRevealFailsTheAttempt(t *testing.T) {
	alice, bob, _, commitB := pair(t)
	must(alice.Handle(start, bob.self, commitB))
	alice.Tick(alice.Deadline())
	if f := alice.Failure(); f.Reason != NoReveal || !slices.Equal(f.Members, []Identity{bob.self}) || alice.Attempt() != 2 {
		t.Errorf("%+v", f)
	}
}

func TestTheRosterCannotBeUsedForGuessing(t *testing.T) {
	x := side(t, 1)
	for n := range maxAutomatic {
		if must(x.SetRoster(start, []Member{{testIdentity(1), [32]byte{1}}, {testIdentity(2), [32]byte{byte(n)}}})); x.State() != Committing {
			t.Fatalf("%d: %v", n, x.State())
		}
		toReveal(t, x)
	}
	if s := must(x.SetRoster(start, members(1, 2, 3))); len(s) > 0 || x.State() != Stopped || x.Failure().Reason != Exhausted {
		t.Errorf("%d sent, %v, %+v", len(s), x.State(), x.Failure())
	}
	if s := must(x.Start(start)); len(s) != 1 || x.State() != Committing {
		t.Errorf("the user's: %d sent, %v", len(s), x.State())
	}
}

func TestRostersThatAreNoRoomAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		members []Member
		want    error
	}{
		"without us":     {members(2, 3), ErrRoster},
		"one twice":      {append(members(1, 2), Member{testIdentity(2), [32]byte{9}}), ErrRoster},
		"too many":       {members(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17), ErrRoster},
		"with weak keys": {append(members(1), Member{}), ErrWeakKey},
	} {
		alice, bob, _, commitB := pair(t)
		must(alice.Handle(start, bob.self, commitB))
		if s, err := alice.SetRoster(start, c.members); !errors.Is(err, c.want) || len(s) > 0 || alice.State() != Idle {
			t.Errorf("%s: %v, %v", name, err, alice.State())
		}
	}
	x := side(t, 1)
	if s := must(x.SetRoster(start, members(1))); len(s) > 0 || x.State() != Idle {
		t.Errorf("alone: %v", x.State())
	}
	if _, err := x.Start(start); !errors.Is(err, ErrRoster) {
		t.Errorf("begun alone: %v", err)
	}
}

func TestAttemptsComeToAnEnd(t *testing.T) {
	alice, bob, _, _ := pair(t)
	last := made(testKey(2), typeCommit, alice.roster.epoch(testCall, maxAttempt), maxAttempt, [32]byte{})
	must(alice.Handle(start, bob.self, last))
	must(alice.Start(start))
	if _, err := alice.Start(start); !errors.Is(err, ErrAttempt) || alice.Attempt() != maxAttempt {
		t.Errorf("%v at %d", err, alice.Attempt())
	}
}

func TestAKeyThatCannotSignStopsTheExchange(t *testing.T) {
	x, err := NewExchange(ExchangeConfig{Call: testCall, Key: brokenKey{testKey(1)}})
	if err != nil {
		t.Fatal(err)
	}
	if s := must(x.SetRoster(start, members(1, 2))); len(s) > 0 || x.State() != Stopped || x.Failure().Reason != NoKey {
		t.Errorf("%v %+v", x.State(), x.Failure())
	}
	if _, err := NewExchange(ExchangeConfig{}); !errors.Is(err, ErrIdentityKey) {
		t.Errorf("without a key: %v", err)
	}
}

func TestEveryReasonHasASentence(t *testing.T) {
	for _, r := range []Reason{NoCommitment, NoReveal, WrongReveal, Equivocated, Superseded, Exhausted, NoKey} {
		if (Failure{Reason: r}).Sentence() == "" {
			t.Error(r)
		}
	}
}

func TestWhatIsKeptForLaterIsBounded(t *testing.T) {
	x := side(t, 1)
	for sender := range byte(40) {
		for n := range byte(40) {
			_, _ = x.Handle(start, Identity{sender}, made(testKey(5), typeCommit, Epoch{n}, 1, [32]byte{sender}))
		}
	}
	if len(x.early) != maxEarlySenders {
		t.Errorf("of %d senders", len(x.early))
	}
	for _, queue := range x.early {
		if len(queue) != maxEarly {
			t.Errorf("%d of one", len(queue))
		}
	}
}

func FuzzHandle(f *testing.F) {
	alice, bob, _, commitB := pair(f)
	f.Add(commitB, commitB)
	f.Add(commitB, made(testKey(2), typeReveal, alice.epoch, 1, [32]byte(bytes.Repeat([]byte{2}, 32))))
	f.Add(made(testKey(2), typeCommit, alice.roster.epoch(testCall, 2), 2, [32]byte{}), []byte{typeReveal, version})
	f.Add([]byte{}, []byte{typeCommit, 2})
	f.Fuzz(func(t *testing.T, one, two []byte) {
		x, _, _, _ := pair(t)
		for _, m := range [][]byte{one, two} {
			p, err := parseSigned(m)
			if err == nil && !bytes.Equal(p.append(nil), m) {
				t.Fatalf("%x is said again as %x", m, p.append(nil))
			}
			_, _ = x.Handle(start, bob.self, m)
			if len(x.commits) > 2 || len(x.reveals) > 2 || x.attempt > AutomaticAttempts {
				t.Fatalf("beyond its bounds: %+v", x)
			}
		}
		if _, ok := x.ShortString(); ok && !x.opens(bob.self) {
			t.Fatal("a string from what was not committed to")
		}
	})
}
