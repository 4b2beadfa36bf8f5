package phone

import (
	"strings"
	"testing"
)

func TestLinksThatDoNotLeadIntoAConference(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptNone), w.phone(t, "bob", Sources{}, AcceptNone)
	a, link := confer(t, ada)
	if again, err := a.RoomLink(); err != nil || again != link {
		t.Errorf("the link is another one each time: %v", err)
	}
	if to, own, err := bob.ReadLink(link); err != nil || own || to.Name != "ada" {
		t.Errorf("the link leads to %+v, %v, %v", to, own, err)
	}
	for _, c := range []struct {
		from       *Phone
		link, want string
	}{
		{bob, ada.Link(), "not into a conference"},
		{bob, "ada", "link"},
		{bob, strings.Replace(link, "room=", "room=AAAA", 1), "not whole"},
		{ada, link, "your own name"},
	} {
		if joined, err := c.from.JoinRoom(c.link); err == nil {
			joined.HangUp()
			t.Errorf("%s leads into a conference", c.link)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want an error about %q", err, c.want)
		}
	}
	a.HangUp()
	eventually(t, "the conference is over", func() bool { return a.Status().State == Ended })
	joined, err := bob.JoinRoom(link)
	if err != nil {
		t.Fatal(err)
	}
	b := attend(t, joined)
	eventually(t, "bob is told", func() bool { return b.Status().State == Ended })
	if text := b.Sentence(b.Status().Reason); !strings.Contains(text, "not let into the conference") {
		t.Errorf("bob is told %q (%+v)", text, b.Status())
	}
}
