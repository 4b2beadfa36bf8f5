package phone

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

func TestWrongService(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() //nolint:errcheck // it is only there to be silent
	p, err := New(Config{Name: "ada", Server: "rtmfp://" + silent.LocalAddr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close() //nolint:errcheck // nothing to lose
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	st, err := p.WaitService(ctx)
	if err != nil || st.State != ServiceFailed || !strings.HasPrefix(st.Sentence, "No service answers at 127.0.0.1.") {
		t.Errorf("service is %+v, %v", st, err)
	}
	if err := p.TryService(ctx, "rtmfp://does-not-exist.invalid", ""); err == nil || !strings.Contains(err.Error(), "does-not-exist.invalid") {
		t.Errorf("trying a host that does not exist: %v", err)
	}
	if _, err := p.Call("ada"); err == nil {
		t.Error("calling oneself succeeded")
	}
}

func TestTryService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close() //nolint:errcheck // nothing to lose
	if err := p.TryService(t.Context(), w.Server, w.Directory); err != nil {
		t.Error("a right address:", err)
	}
	w.DirectoryServer.Close()
	if err := p.TryService(t.Context(), w.Server, w.Directory); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Error("a directory that is gone:", err)
	}
	for _, bad := range []string{"", "example.org", "http://example.org", "rtmfp://", "rtmfp:"} {
		if err := p.TryService(t.Context(), bad, ""); err == nil {
			t.Errorf("%q was taken for an address", bad)
		}
	}
}

func TestServiceThatComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.phone(t, "ada", Sources{}, AcceptNone)
	addr := net.UDPAddrFromAddrPort(w.Rendezvous.LocalAddr())
	before := p.Service()
	if err := w.Rendezvous.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	st, err := p.NextService(ctx, before)
	if err != nil || st.State != ServiceFailed || !strings.Contains(st.Sentence, "lost") {
		t.Fatalf("service is %+v, %v", st, err)
	}
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	again, err := rendezvous.New(conn, rendezvous.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close() //nolint:errcheck // the end of the test
	for st.State != ServiceReachable {
		if st, err = p.NextService(ctx, st); err != nil {
			t.Fatalf("not reachable again: %+v, %v", st, err)
		}
	}
}

func TestRegisteredSpellingIsTheCallsName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptNone), w.phone(t, "Bob Miller", Sources{}, AcceptAnyone)
	out, err := ada.Call("bob miller")
	if err != nil {
		t.Fatal(err)
	}
	in := incoming(t, bob)
	if out.Name() != "Bob Miller" {
		t.Errorf("the call is with %q", out.Name())
	}
	in.HangUp()
	until(t, out, Ended)
	until(t, in, Ended)
	if p := ada.Profile().People(); len(p) != 1 || p[0].Name != "Bob Miller" {
		t.Errorf("the list is %+v", p)
	}
}

func TestAnotherNameLeavesTheCallAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.phone(t, "ada", Sources{}, AcceptAnyone), w.phone(t, "bob", Sources{}, AcceptAnyone)
	out, in := connect(t, ada, bob, "bob")
	id := bob.PeerID()
	if err := bob.SetService("Bobby", w.Server, w.Directory); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new name is registered", func() bool { return w.lookUp(t, "bobby") == nil })
	eventually(t, "the former name is withdrawn", func() bool { return w.lookUp(t, "bob") != nil })
	if out.Status().State != InCall || in.Status().State != InCall || bob.PeerID() != id {
		t.Errorf("the call is %s and %s", out.Status().State, in.Status().State)
	}
	if err := bob.SetService("", w.Server, w.Directory); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no name is left", func() bool { return w.lookUp(t, "bobby") != nil })
}

func TestLeavingLeavesTheNameToItsNextOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	first, second := w.phoneOf(t, dir, "ada"), w.phoneOf(t, dir, "Ada")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.lookUp(t, "ada"); err != nil {
		t.Error("the second of that name is gone with the first:", err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if w.lookUp(t, "ada") == nil {
		t.Error("the name is not withdrawn")
	}
}

func TestAnotherServiceOnTheSamePort(t *testing.T) {
	first, second := newWorld(t), newWorld(t)
	free, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	bind := free.LocalAddr().(*net.UDPAddr).AddrPort()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	p, err := New(Config{Name: "ada", Server: first.Server, Directory: first.Directory, Bind: bind})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close() //nolint:errcheck // nothing to lose
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	before, err := p.WaitService(ctx)
	if err != nil || before.State != ServiceReachable {
		t.Fatalf("service is %+v, %v", before, err)
	}
	if err := p.TryService(ctx, second.Server, second.Directory); err != nil {
		t.Error("trying another service meanwhile:", err)
	}
	former := p.setup.service
	// Whoever waits for news learns of the other service too.
	news := make(chan ServiceStatus)
	go func() {
		st, last := ServiceStatus{}, before
		for st.State != ServiceReachable {
			if st, err = p.NextService(ctx, last); err != nil {
				break
			}
			last = st
		}
		news <- st
	}()
	if err := p.SetService("ada", second.Server, second.Directory); err != nil {
		t.Fatal(err)
	}
	if st := <-news; st.State != ServiceReachable {
		t.Errorf("service is %+v", st)
	}
	former.setState(ServiceFailed, "a last word")
	if st := p.Service(); st.State != ServiceReachable {
		t.Errorf("the former service still has a say: %+v", st)
	}
	if p.Addr() != bind {
		t.Errorf("bound to %s, not %s", p.Addr(), bind)
	}
	if first.lookUp(t, "ada") == nil || second.lookUp(t, "ada") != nil {
		t.Error("the name is not where it should be")
	}
}

func TestACallHurriesTheNextTry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, err := New(Config{Name: "ada", Server: w.Server, Directory: w.Directory, firstRetry: 2 * patience}) // nobody waits that long
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close() //nolint:errcheck // nothing to lose
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	before, err := p.WaitService(ctx)
	if err != nil {
		t.Fatal(err)
	}
	addr := net.UDPAddrFromAddrPort(w.Rendezvous.LocalAddr())
	if err := w.Rendezvous.Close(); err != nil {
		t.Fatal(err)
	}
	if st, err := p.NextService(ctx, before); err != nil || st.State != ServiceFailed {
		t.Fatalf("service is %+v, %v", st, err)
	}
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	again, err := rendezvous.New(conn, rendezvous.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close() //nolint:errcheck // the end of the test
	began := time.Now()
	c, err := p.Call("nobody")
	if err != nil {
		t.Fatal(err)
	}
	if st := until(t, c, Ended); st.Reason != mesh.UnknownName {
		t.Errorf("ended as %s after %v", st.Reason, time.Since(began))
	}
}

func TestClosedPhoneDoesNothing(t *testing.T) {
	w := newWorld(t)
	p, err := New(Config{Name: "ada", Server: w.Server, Directory: w.Directory})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// What was started in spite of that, goleak would find.
	if err := p.SetService("ada", w.Server, w.Directory); err == nil {
		t.Error("a service was set")
	}
	if _, err := p.TestCall(); err == nil {
		t.Error("a test call was made")
	}
	if _, err := p.Call("bob"); err == nil {
		t.Error("a call was made")
	}
}

func TestServiceAddresses(t *testing.T) {
	for _, c := range []struct {
		server, directory string
		ok                bool
	}{
		{"rtmfp://example.org", "", true},
		{"rtmfp://[::1]:1935/key", "https://example.org/reg.cgi", true},
		{"rtmfp://example.org:0", "", false},
		{"rtmfp://example.org:99999", "", false},
		{"rtmfp://example.org", "http://example.org:99999", false},
	} {
		if _, err := CheckService(c.server, c.directory); (err == nil) != c.ok {
			t.Errorf("CheckService(%q, %q) is %v", c.server, c.directory, err)
		}
	}
}
