package mesh

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// together is a conference in which everybody hears everybody.
func (w *world) together(names ...string) *group {
	w.t.Helper()
	g := w.gather(names...)
	g.whole(5 * time.Second)
	for _, c := range g.calls {
		c.SetUplinkCap(0, false) // in which files would take their time
	}
	return g
}

// hears waits for a line of chat.
func (f *follower) hears(from, text string, limit time.Duration) ChatLine {
	f.t.Helper()
	return f.await("the line "+text, limit, func(e Event) bool {
		l, ok := e.(ChatLine)
		return ok && l.From == from && l.Text == text
	}).ev.(ChatLine)
}

// lines are the lines of chat so far, by their texts.
func (f *follower) lines() (all []string) {
	for _, ev := range f.events() {
		if l, ok := ev.(ChatLine); ok {
			all = append(all, l.Text)
		}
	}
	return all
}

// sees waits until a member says that of himself.
func (f *follower) sees(who flash.PeerID, limit time.Duration, match func(MemberState) bool) MemberState {
	f.t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		for _, s := range f.MemberStates() {
			if s.PeerID == who && match(s) {
				return s
			}
		}
		if time.Now().After(end) {
			f.t.Fatalf("not seen within %v: %+v", limit, f.MemberStates())
		}
	}
}

func TestAllSeeWhatSomebodySaysOfHimselfAndSoDoesWhoComesLater(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		began := time.Now()
		g.calls[0].SetState(OwnState{Sound: true, Picture: true, Speaking: true})
		for _, c := range g.calls[1:] {
			c.sees(g.phones[0].id, time.Second, func(s MemberState) bool { return s.Sound && s.Picture && s.Speaking && !s.Hand && s.HandAt.IsZero() })
		}
		time.Sleep(time.Second)
		g.calls[0].SetState(OwnState{Sound: true, Muted: true, Screen: true, Hand: true})
		for _, c := range g.calls[1:] {
			s := c.sees(g.phones[0].id, time.Second, func(s MemberState) bool { return s.Hand })
			if !s.Muted || !s.Screen || s.Picture || s.Speaking || s.HandAt.Before(began) || s.HandAt.After(time.Now()) {
				t.Errorf("seen: %+v", s)
			}
		}
		up := g.calls[1].MemberStates()[0].HandAt
		time.Sleep(time.Second)
		g.calls[0].SetState(OwnState{Sound: true, Hand: true})
		late := g.add(1, w.newPhone("dan"))
		s := late.sees(g.phones[0].id, 3*time.Second, func(s MemberState) bool { return s.Hand })
		if !s.HandAt.Equal(up) || s.Muted {
			t.Errorf("the hand is up since %v, and who comes later sees %+v", up, s)
		}
		late.await("the event", time.Second, func(e Event) bool { return e == MemberStateChanged{s} })
	})
}

func TestAFlutteringFlagIsToldSeldom(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		for i := range 1000 {
			from.SetState(OwnState{Sound: true, Speaking: i%2 == 0})
			time.Sleep(time.Millisecond)
		}
		to.sees(ada.id, time.Second, func(s MemberState) bool { return s.Sound && !s.Speaking })
		n := 0
		for _, ev := range to.events() {
			if _, ok := ev.(MemberStateChanged); ok {
				n++
			}
		}
		if n > 12 {
			t.Errorf("told %d times in a second", n)
		}
	})
}

func TestLinesReachAllOrOneOnceAndInOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		say := func(text string, to ...flash.PeerID) {
			t.Helper()
			if err := g.calls[0].SendChat(text, to...); err != nil {
				t.Fatal(err)
			}
		}
		say("to all")
		say("to bob", g.phones[1].id)
		say("to both", g.phones[1].id, g.phones[2].id)
		time.Sleep(time.Second)
		if got := g.calls[1].lines(); !slices.Equal(got, []string{"to all", "to bob", "to both"}) {
			t.Errorf("bob has %q", got)
		}
		if got := g.calls[2].lines(); !slices.Equal(got, []string{"to all", "to both"}) {
			t.Errorf("eve has %q", got)
		}
		if l := g.calls[1].hears("ada", "to bob", 0); !l.Private || l.PeerID != g.phones[0].id || l.At.IsZero() || l.At.After(time.Now()) {
			t.Errorf("%+v", l)
		}
		if l := g.calls[1].hears("ada", "to all", 0); l.Private {
			t.Error("private to all")
		}
		if err := g.calls[0].SendChat("who?", flash.PeerID{1}); !errors.Is(err, ErrNobody) {
			t.Errorf("to nobody: %v", err)
		}
		if err := g.calls[0].SendChat(strings.Repeat("世", maxChat)); err != nil {
			t.Errorf("a long line: %v", err)
		}
	})
}

func TestWhatIsSaidWhileALinkIsBrokenComesOnceWhenItIsBack(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		ada, bob := g.phones[0], g.phones[1]
		g.calls[0].SetState(OwnState{Sound: true})
		if err := g.calls[0].SendChat("one"); err != nil {
			t.Fatal(err)
		}
		g.calls[1].hears("ada", "one", time.Second)
		w.setDead(bob.host, true) // from all, or somebody would carry it
		time.Sleep(time.Second)
		for _, text := range []string{"two", "three"} {
			if err := g.calls[0].SendChat(text); err != nil {
				t.Fatal(err)
			}
		}
		g.calls[0].SetState(OwnState{Sound: true, Hand: true})
		g.calls[2].hears("ada", "three", time.Second)
		time.Sleep(45 * time.Second) // the session and the leg are given up
		if got := g.calls[1].lines(); !slices.Equal(got, []string{"one"}) {
			t.Errorf("bob has %q", got)
		}
		w.setDead(bob.host, false)
		g.calls[1].hears("ada", "three", 30*time.Second)
		g.calls[1].sees(ada.id, time.Second, func(s MemberState) bool { return s.Hand })
		if got := g.calls[1].lines(); !slices.Equal(got, []string{"one", "two", "three"}) {
			t.Errorf("bob has %q", got)
		}
		if err := g.calls[0].SendChat("four"); err != nil {
			t.Fatal(err)
		}
		g.calls[1].hears("ada", "four", time.Second)
	})
}

func TestReactionsAreShownAndAFloodOfThemIsNot(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.together("ada", "bob", "eve")
		if err := g.calls[0].React("👍🏽"); err != nil {
			t.Fatal(err)
		}
		for _, c := range g.calls[1:] {
			c.await("the reaction", time.Second, func(e Event) bool { return e == Reacted{g.phones[0].id, "👍🏽"} })
		}
		for _, bad := range []string{"", "\n", strings.Repeat("x", 65)} {
			if err := g.calls[0].React(bad); !errors.Is(err, ErrReaction) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		for range 100 {
			_ = g.calls[0].React("🎉")
		}
		time.Sleep(3 * time.Second)
		n := 0
		for _, ev := range g.calls[1].events() {
			if _, ok := ev.(Reacted); ok {
				n++
			}
		}
		if n < 2 || n > reactionsBurst+4*reactionsPerSecond {
			t.Errorf("%d reactions", n)
		}
	})
}

func TestAFloodOfLinesIsTakenAtItsTime(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		for range 500 {
			if err := from.SendChat("flood"); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second)
		if n := len(to.lines()); n < linesBurst/2 || n > linesBurst+6*chatPerSecond {
			t.Errorf("%d lines arrived", n)
		}
	})
}

// Two calls one after the other may use one session: what was said in the first, and comes late, is not said in the second.
func TestWhatBelongsToTheLastCallIsNotTakenForThisOne(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		first, l := from.callID(), linkOf(from)
		if err := from.SendChat("first"); err != nil {
			t.Fatal(err)
		}
		to.hears("ada", "first", time.Second)
		from.HangUp()
		to.ended(Hangup, time.Second)
		<-from.Done()
		from, to = talk(ada, bob)
		if linkOf(from) != l {
			t.Fatal("another session: this test sees nothing")
		}
		late := incall.Chat{Sequence: 1 << 60, Text: "late"}
		if err := l.sendRoom(first, late.Append(nil)); err != nil {
			t.Fatal(err)
		}
		if err := from.SendChat("second"); err != nil {
			t.Fatal(err)
		}
		to.hears("ada", "second", time.Second)
		if got := to.lines(); !slices.Equal(got, []string{"second"}) {
			t.Errorf("bob has %q", got)
		}
	})
}

func TestAProgramThatIsTooOldIsToldSo(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		from, to := talk(ada, bob)
		l := linkOf(from)
		l.mu.Lock()
		hello := incall.Hello{Version: incall.MinVersion - 1}
		_, err := l.roomFlow.Write(endedContext, hello.Append(nil), rtmfp.MessageOptions{})
		l.mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if to.Status().State != InCall {
			t.Error("of no call, and it has ended one")
		}
		l.mu.Lock()
		if _, err := hex.Decode(hello.Call[:], []byte(from.callID())); err != nil {
			t.Error(err)
		}
		_, err = l.roomFlow.Write(endedContext, hello.Append(nil), rtmfp.MessageOptions{})
		l.mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		to.ended(TooOld, time.Second)
	})
}
