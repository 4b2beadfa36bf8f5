package middle

import (
	"context"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/internal/phone"
)

// patience is for phones on a busy machine.
const patience = 30 * time.Second

// Two whole phones find each other in his directory, over real sockets, and show different strings.
func TestWholePhonesShowDifferentStrings(t *testing.T) {
	m, err := New(Config{Listen: OnLoopback, Strategy: OwnKeys})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close() //nolint:errcheck // the end of the test
	directory := httptest.NewServer(m)
	defer directory.Close()
	newPhone := func(name string) *phone.Phone {
		p, err := phone.New(phone.Config{
			Name: name, Server: m.Server(), Directory: directory.URL, Accept: phone.AcceptAnyone,
			Bind: netip.MustParseAddrPort("127.0.0.1:0"), Sources: phone.Sources{Camera: "none", Mic: "none", Speaker: "null"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	ada, bob := newPhone("ada"), newPhone("bob")
	defer ada.Close() //nolint:errcheck // the end of the test
	defer bob.Close() //nolint:errcheck // the end of the test
	eventually(t, "bob is in the directory", func() bool { _, err := m.Show("bob"); return err == nil })
	from, err := ada.Call("bob")
	if err != nil {
		t.Fatal(err)
	}
	var to *phone.Call
	select {
	case to = <-bob.Incoming():
	case <-time.After(patience):
		t.Fatal("bob does not ring")
	}
	if err := to.Accept(); err != nil {
		t.Fatal(err)
	}
	words := func(c *phone.Call) []string { return c.Verification().Words }
	eventually(t, "both show a string", func() bool { return len(words(from)) > 0 && len(words(to)) > 0 })
	if slices.Equal(words(from), words(to)) {
		t.Errorf("both show %v", words(from))
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := m.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	seen := c.Seen()
	own := [2]string{from.Verification().Own.String(), to.Verification().Own.String()}
	if seen.Identities != own {
		t.Errorf("they have proved %v to him, and are %v", seen.Identities, own)
	}
	for i, c := range []*phone.Call{from, to} {
		if shown := c.Verification().Members[0].Identity.String(); shown == own[1-i] || shown == own[i] {
			t.Errorf("%s is shown %s", c.Name(), shown)
		}
	}
	from.HangUp()
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never comes about that %s", what)
		}
	}
}
