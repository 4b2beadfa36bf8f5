package middle

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// pair are two phones with him between them.
type pair struct {
	ada, bob         *agent
	adaList, bobList *list
}

func testKey(b byte) ed25519.PrivateKey {
	seed := [ed25519.SeedSize]byte{b}
	return ed25519.NewKeyFromSeed(seed[:])
}

func testIdentity(b byte) trust.Identity {
	return trust.Identity(testKey(b).Public().(ed25519.PublicKey))
}

// newPair starts two phones, which have met before, or not.
func (w *world) newPair(known bool) *pair {
	p := &pair{adaList: &list{known: map[string]trust.Identity{}}, bobList: &list{known: map[string]trust.Identity{}}}
	if known {
		p.adaList.known["bob"], p.bobList.known["ada"] = testIdentity(2), testIdentity(1)
	}
	p.ada = w.newAgent("ada", proving(testKey(1), p.adaList))
	p.bob = w.newAgent("bob", proving(testKey(2), p.bobList))
	return p
}

func (p *pair) close() {
	p.ada.close()
	p.bob.close()
}

// over is when a call that has come to nothing is over: a caller gives up after a minute.
const over = 100 * time.Second

// forgotten is how long after a call the phones' sessions have ended and he is done with it.
const forgotten = 15 * time.Second

// outcome is what became of a call at its two ends.
type outcome struct {
	caller, callee string
	strings        [2]string // "" where there is none
	inCall         [2]bool   // at any time
}

// call has ada call bob, and tells what their phones say when nothing more can come.
func (p *pair) call() outcome {
	from := p.ada.dial("bob")
	ctx, cancel := context.WithTimeout(context.Background(), over)
	defer cancel()
	to, _ := p.bob.NextIncoming(ctx) // bob may not ring at all
	<-ctx.Done()
	var o outcome
	o.caller, o.callee = told(from), told(to)
	for i, c := range []*mesh.Call{from, to} {
		if c == nil {
			continue
		}
		if s := c.Comparison(); s.State == trust.Compared {
			o.strings[i] = s.String.String()
		}
		o.inCall[i] = !c.Status().Established.IsZero()
	}
	from.HangUp()
	<-from.Done()
	if to != nil {
		to.HangUp()
		<-to.Done()
	}
	return o
}

// told is what a phone says of a call.
func told(c *mesh.Call) string {
	if c == nil {
		return "does not ring"
	}
	s := c.Status()
	if s.State == mesh.Ended {
		return "ended: " + string(s.Reason)
	}
	x := c.Comparison()
	switch x.State {
	case trust.Compared:
		return "in call, a string"
	case trust.Stopped:
		return fmt.Sprintf("in call, no string: %s", x.Failure.Reason)
	}
	return fmt.Sprintf("%s, comparison %s", s.State, x.State)
}

// What phones say, as told has it.
const (
	noRing   = "does not ring"
	aString  = "in call, a string"
	noString = "in call, no string: "
	ended    = "ended: "
)

// sayings are what the phones of people who have never met say to each strategy.
var sayings = []struct {
	strategy       Strategy
	caller, callee string
}{
	{PassesOn, ended + "identity_changed", noRing},
	{OwnKeys, aString, aString},
	{TheirComparison, noString + "no_commitment", noString + "no_commitment"},
	{DropsProofs, ended + "too_old", noRing},
	{DelaysProofs, ended + "too_old", noRing},
	{OldClient, ended + "too_old or " + ended + "declined", noRing}, // whichever phone gives up first; the relay knows no reasons
	{OldVersion, ended + "too_old", noRing},
	{ReflectsProofs, ended + "identity_changed", noRing},
	{ReflectsComparison, noString + "no_commitment", noString + "no_commitment"},
	{ReplaysProofs, ended + "identity_changed", noRing},
	{ReplaysComparison, noString + "no_commitment", noString + "no_commitment"},
	{CopiesCommitments, noString + "wrong_reveal", noString + "wrong_reveal"},
	{GuessesAgain, noString + "no_reveal", noString + "no_reveal"},
	{GuessesInNewSessions, noString + "no_reveal", noString + "no_reveal"},
	{NoHello, ended + "too_old or " + ended + "declined", noRing}, // likewise
	{NoInvite, ended + "too_old", noRing},
	{NoRinging, aString, aString},
	{NoAccept, ended + "hangup", ended + "no_path"},
	{NoOK, ended + "hangup", ended + "no_path"},
	{NoCommitment, noString + "no_commitment", noString + "no_commitment"},
	{NoReveal, noString + "no_reveal", noString + "no_reveal"},
	{RevealsFirst, aString, aString},
	{WaitsForReveals, noString + "no_commitment", noString + "no_commitment"},
	{Repeats, aString, aString},
	{TwoCommitments, noString + "equivocated", noString + "equivocated"},
	{AnotherReveal, noString + "wrong_reveal", noString + "wrong_reveal"},
	{OneKey, aString, aString},
}

func TestWhatBothPhonesSayToEachStrategy(t *testing.T) {
	for i, s := range Strategies() {
		row := sayings[i]
		if row.strategy.Name != s.Name {
			t.Fatalf("the table has %q in the place of %q", row.strategy.Name, s.Name)
		}
		t.Run(row.strategy.Name, func(t *testing.T) {
			inWorld(t, OwnKeys, func(w *world) {
				p := w.newPair(false)
				defer p.close()
				if s.Name == ReplaysProofs.Name || s.Name == ReplaysComparison.Name {
					p.call()
					time.Sleep(forgotten)
				}
				w.middle.SetStrategy(s)
				o := p.call()
				if !slices.Contains(strings.Split(row.caller, " or "), o.caller) || o.callee != row.callee {
					t.Errorf("the caller's phone: %s; the callee's: %s", o.caller, o.callee)
				}
				if o.strings[0] != "" && o.strings[0] == o.strings[1] {
					t.Errorf("both show %q", o.strings[0])
				}
				guesses := w.newest().Seen().Guesses
				if guesser := s.Name == GuessesAgain.Name || s.Name == GuessesInNewSessions.Name; guesses > maxGuesses || guesser && guesses < trust.AutomaticAttempts {
					t.Errorf("he could guess %d times", guesses)
				}
				t.Logf("%d guesses", guesses)
			})
		})
	}
}

// maxGuesses is how often he may hold two strings against each other in a call: three attempts with each side, of which the first two
// make one guess and each further one another.
const maxGuesses = 2*trust.AutomaticAttempts - 1

// Who knows the other's identity is in no call with him, whatever he does, and sends him no sound and no picture.
func TestPeopleWhoKnowEachOtherRefuseHim(t *testing.T) {
	for _, s := range Strategies() {
		t.Run(s.Name, func(t *testing.T) {
			inWorld(t, s, func(w *world) {
				p := w.newPair(true)
				defer p.close()
				o := p.call()
				if o.inCall[0] || o.inCall[1] || o.strings[0] != "" || o.strings[1] != "" {
					t.Errorf("the caller's phone: %s; the callee's: %s", o.caller, o.callee)
				}
				if s.Name != OwnKeys.Name {
					return
				}
				if o.caller != ended+"identity_changed" || o.callee != noRing || p.adaList.changes() == 0 || p.bobList.changes() == 0 {
					t.Errorf("the caller's phone: %s; the callee's: %s", o.caller, o.callee)
				}
			})
		})
	}
}
