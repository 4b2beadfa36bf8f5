package directory

import (
	"context"
	"fmt"
	nethttp "net/http"
	"slices"
	"strings"
	"testing"

	"sundog.dev/sundog/idmanager/http/v1"
)

// Whoever hoards names, with a key for each, comes to an end; those who own one go on.
func TestAFullDirectoryRefusesNewNamesOnly(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.Names = 3 })
	ann := newPerson(t, "Ann")
	token := w.register(ann, idAnn)
	for i := range 2 {
		w.register(newPerson(t, fmt.Sprint("hoarded ", i)), idBob)
	}
	bob := newPerson(t, "Bob")
	if e := w.refused("one more", w.post("/v1/register", bob.sign(t, idBob, w.now())), nethttp.StatusServiceUnavailable, v1.CodeFull); e.RetryAfterSeconds < 60 {
		t.Errorf("it is to be tried again in %d s", e.RetryAfterSeconds)
	}
	if got := w.name("Bob"); got.State != v1.Unknown {
		t.Errorf("refused, and yet there: %+v", got)
	}
	if answer := w.post("/v1/refresh", v1.Refresh{Name: "Ann", Token: token}); answer.Code != nethttp.StatusOK {
		t.Errorf("refreshing: %d %s", answer.Code, answer.Body)
	}
	w.register(ann, idBob)
	w.here(ann, idBob)

	for i := range 3 {
		w.old(fmt.Sprintf("username=old%d&identity=%s", i, idBob))
	}
	if body := w.old("username=old3&identity=" + idBob); !strings.Contains(body, "<update>false</update>") {
		t.Errorf("a fourth one by reg.cgi: %s", body)
	}
	if body := w.old("username=old1&identity=" + idAnn); !strings.Contains(body, "<update>true</update>") {
		t.Errorf("one that was there, by reg.cgi: %s", body)
	}
}

// Nobody proves that a peer ID is theirs. Whoever registers somebody else's, under however many names, does not keep them from being gone.
func TestAPeerIsGoneUnderEveryName(t *testing.T) {
	w := newWorld(t)
	ann := newPerson(t, "Ann")
	w.register(ann, idAnn)
	known := func() []string {
		t.Helper()
		names, _, _, err := read[[]string](context.Background(), w.peers.Get, idAnn)
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	hostile := newPerson(t, "")
	for i := range maxPeerNames + 3 {
		hostile.name = fmt.Sprint("hostile ", i)
		w.register(hostile, idAnn)
	}
	if names := known(); len(names) != maxPeerNames || names[0] != "ann" {
		t.Errorf("of the peer these names are known: %q", names)
	}
	w.PeerGone(idAnn)
	eventually(t, "the peer has gone, and is still there", func() bool { return w.name("Ann").State == v1.Away })
	hostile.name = "hostile 0"
	eventually(t, "nor is whoever came with its peer ID", func() bool { return w.name(hostile.name).State == v1.Away })

	// Names that have gone make room.
	w.register(ann, idAnn)
	bob := newPerson(t, "Bob")
	w.register(bob, idAnn)
	if names := known(); !slices.Equal(names, []string{"ann", "bob"}) {
		t.Errorf("after all had gone but these two, these are known: %q", names)
	}
}
