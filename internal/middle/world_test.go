package middle

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a packet network on a virtual clock, which he has: the phones on it know nobody but his service.
type world struct {
	t      *testing.T
	net    *vnet.Network
	middle *Middle

	mu    sync.Mutex
	hosts byte
}

func inWorld(t *testing.T, s Strategy, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, net: vnet.New(1)}
		w.net.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond})
		m, err := New(Config{Listen: w.listen, Strategy: s, Log: logTo(t, "middle")})
		if err != nil {
			t.Fatal(err)
		}
		w.middle = m
		defer w.net.Close()
		defer m.Close() //nolint:errcheck // the end of the test
		f(w)
	})
}

func (w *world) listen() (rtmfp.PacketConn, error) {
	w.mu.Lock()
	w.hosts++
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, w.hosts}), 1935)
	w.mu.Unlock()
	return w.net.Listen(addr)
}

// newest is the newest call that he has seen.
func (w *world) newest() *Call {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var last *Call
	for {
		c, err := w.middle.Next(ctx)
		if err != nil {
			return last
		}
		last = c
	}
}

// agent is a phone: an agent at his service, registered with him.
type agent struct {
	*mesh.Agent
	w    *world
	name string
	nc   *flash.NetConnection
}

func (w *world) newAgent(name string, change ...func(*mesh.Config)) *agent {
	w.t.Helper()
	conn, err := w.listen()
	if err != nil {
		w.t.Fatal(err)
	}
	profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	ep, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
	if err != nil {
		w.t.Fatal(err)
	}
	cfg := mesh.Config{
		Name: func() string { return name },
		Log:  logTo(w.t, name),
	}
	for _, f := range change {
		f(&cfg)
	}
	a := &agent{Agent: mesh.NewAgent(cfg), w: w, name: name, nc: flash.NewNetConnection(flash.Config{Endpoint: ep, NearID: profile.Fingerprint()})}
	a.Attach(a.nc, nil)
	if err := a.nc.Connect(context.Background(), w.middle.Server()); err != nil {
		w.t.Fatal(err)
	}
	w.middle.Register(name, a.nc.NearID())
	return a
}

func (a *agent) close() {
	_ = a.Agent.Close()
	_ = a.nc.Close()
}

// dial calls by a name that he looks up.
func (a *agent) dial(name string) *mesh.Call {
	a.w.t.Helper()
	c, err := a.Dial(name, func(context.Context) (mesh.Target, error) {
		id, err := a.w.middle.Show(name)
		return mesh.Target{Conn: a.nc, PeerID: id}, err
	})
	if err != nil {
		a.w.t.Fatal(err)
	}
	return c
}

// logTo is a log that is worth its time only when somebody reads it.
func logTo(t *testing.T, name string) *slog.Logger {
	if !testing.Verbose() {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(testWriter{t, name}, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

type testWriter struct {
	t    *testing.T
	name string
}

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s: %s", w.name, b)
	return len(b), nil
}

// proving makes an agent one that proves an identity and compares, with a policy.
func proving(key ed25519.PrivateKey, p mesh.Policy) func(*mesh.Config) {
	return func(c *mesh.Config) {
		c.Identity, c.Compare, c.Policy, c.AutoAccept = key, true, p, true
	}
}

// list is a phone's list of people: identities by name.
type list struct {
	mu      sync.Mutex
	known   map[string]trust.Identity
	changed int // how often somebody showed another one
}

// Admit implements mesh.Policy: anybody who is not somebody else, and no old clients.
func (l *list) Admit(who mesh.FarEnd) mesh.Reason {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.known[who.Name]
	switch {
	case who.OldClient:
		return mesh.TooOld
	case who.Identity == trust.Identity{}:
		return mesh.NeedsProof
	case ok && known != who.Identity:
		l.changed++
		return mesh.IdentityChanged
	}
	return ""
}

func (l *list) changes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}
