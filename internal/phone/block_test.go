package phone

import (
	"slices"
	"strings"
	"testing"
)

// news are the sentences about who has come and gone.
func (p *party) news(about string) string {
	p.mu.Lock()
	events := slices.Clone(p.events)
	p.mu.Unlock()
	var all []string
	for _, ev := range events {
		if text := p.News(ev); strings.Contains(text, about) {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n")
}

func TestBlockingSomebodyInMidCallCountsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	src := Sources{Mic: "tone:300", Speaker: "null"}
	ada, bob, carol := w.phone(t, "ada", src, AcceptNone), w.phone(t, "bob", src, AcceptAnyone), w.phone(t, "carol", src, AcceptAnyone)
	a, _ := confer(t, ada)
	for _, name := range []string{"bob", "carol"} {
		if err := a.Add(name); err != nil {
			t.Fatal(err)
		}
	}
	b, c := answer(t, bob), answer(t, carol)
	all := func() bool { return len(a.hereNow()) == 2 && len(b.hereNow()) == 2 && len(c.hereNow()) == 2 }
	eventually(t, "all are there", all)
	if err := b.Block(b.idOfPerson("carol")); err != nil { // a stranger to bob
		t.Fatal(err)
	}
	if b.idOfPerson("carol") != "" {
		t.Error("carol is still there for bob")
	}
	eventually(t, "bob is told", func() bool {
		return strings.Contains(b.news("carol"), "You have blocked carol") && b.left("carol") == Blocked
	})
	eventually(t, "carol is told", func() bool {
		return strings.Contains(c.news("bob"), "bob has blocked you") && c.left("bob") == Blocked
	})
	eventually(t, "ada has both", func() bool { return len(a.hereNow()) == 2 && len(b.hereNow()) == 1 && len(c.hereNow()) == 1 })
	if err := bob.Block("carol", false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all are there again", all)

	if err := ada.Block("bob", true); err != nil { // whom she has called
		t.Fatal(err)
	}
	if a.idOfPerson("bob") != "" {
		t.Error("bob is still there for ada")
	}
	eventually(t, "bob has carol alone", func() bool { return a.left("bob") == Blocked && slices.Equal(b.hereNow(), []string{"carol"}) })
	a.HangUp()
	eventually(t, "ada has left", func() bool { return slices.Equal(c.hereNow(), []string{"bob"}) })
}

func TestBlockingTheOtherOfTwoEndsTheCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptNone), w.phone(t, "bob", Sources{}, AcceptAnyone)
	out, in := connect(t, ada, bob, "bob")
	if err := in.Block(in.PeerID()); err != nil {
		t.Fatal(err)
	}
	for c, want := range map[*Call]string{in: "You have blocked ada", out: "bob has ended the call"} {
		st := until(t, c, Ended)
		if text := c.Sentence(st.Reason); st.Reason != Blocked || !strings.HasPrefix(text, want) {
			t.Errorf("ended as %s: %s", st.Reason, text)
		}
	}
	again, err := ada.Call("bob")
	if err != nil {
		t.Fatal(err)
	}
	if st := until(t, again, Ended); st.Reason != Blocked {
		t.Errorf("who is blocked calls again: %s", st.Reason)
	}
}
