package mesh

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a packet network with phones on it, on a virtual clock.
type world struct {
	t   *testing.T
	net *vnet.Network

	mu      sync.Mutex
	hosts   byte
	dead    map[netip.Addr]bool    // packets from and to there vanish
	apart   map[[2]netip.Addr]bool // packets between these two vanish
	homes   bool                   // hosts have an uplink and a downlink of their own from now on
	uplinks map[int]float64        // of the phones of a meeting, if they differ, in bit/s
	airs    map[int]air            // of those, what differs from a cable
	liars   map[int]*lyingProfile  // of those, who reports other arrivals than there are
	all     []*host
	ends    []func() // in order of their making
}

// inWorld runs f on a network with 10 ms from host to host.
func inWorld(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, net: vnet.New(1), dead: map[netip.Addr]bool{}, apart: map[[2]netip.Addr]bool{}}
		w.net.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond})
		w.net.SetFilter(w.passes)
		defer func() {
			for i := len(w.ends) - 1; i >= 0; i-- {
				w.ends[i]()
			}
			w.net.Close()
		}()
		f(w)
	})
}

func (w *world) passes(p vnet.Packet) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	from, to := p.From.Addr(), p.To.Addr()
	return !w.dead[from] && !w.dead[to] && !w.apart[[2]netip.Addr{from, to}] && !w.apart[[2]netip.Addr{to, from}]
}

// setDead cuts a host off, or brings it back.
func (w *world) setDead(h *host, dead bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead[h.addr.Addr()] = dead
}

// setApart cuts two hosts off from each other alone.
func (w *world) setApart(a, b *host, apart bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.apart[[2]netip.Addr{a.addr.Addr(), b.addr.Addr()}] = apart
}

func (w *world) atEnd(f func()) { w.ends = append(w.ends, f) }

// host is a NetConnection on the network.
type host struct {
	w    *world
	addr netip.AddrPort
	id   flash.PeerID
	nc   *flash.NetConnection
	home *home // nil: the network's default links
}

func (w *world) newHost(opt ...flashcrypto.Options) *host {
	w.t.Helper()
	w.hosts++
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, w.hosts}), 1000)
	conn, err := w.net.Listen(addr)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.hostOn(conn, addr, opt...)
}

// hostOn is one on a packet conn, seen at an address.
func (w *world) hostOn(conn *vnet.Conn, addr netip.AddrPort, opt ...flashcrypto.Options) *host {
	w.t.Helper()
	profile, err := flashcrypto.NewProfile(append(opt, flashcrypto.Options{})[0])
	if err != nil {
		w.t.Fatal(err)
	}
	var crypto rtmfp.CryptoProfile = profile
	if liar := w.liars[len(w.all)]; liar != nil {
		liar.Profile, crypto = profile, liar
	}
	ep, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: crypto})
	if err != nil {
		w.t.Fatal(err)
	}
	h := &host{w: w, addr: addr, id: profile.Fingerprint()}
	h.nc = flash.NewNetConnection(flash.Config{Endpoint: ep, NearID: h.id})
	w.atEnd(func() { _ = h.nc.Close() })
	if w.homes {
		w.moveIn(h)
	}
	w.all = append(w.all, h)
	return h
}

// at resolves to another host: by its address, with no service.
func (h *host) at(other *host) Resolver {
	return func(context.Context) (Target, error) {
		return Target{Conn: h.nc, PeerID: other.id, Candidates: []netip.AddrPort{other.addr}}, nil
	}
}

// phone is an agent on a host.
type phone struct {
	*host
	name  string
	agent *Agent
	media *fakeMedia
	key   ed25519.PrivateKey
}

func (w *world) newPhone(name string, change ...func(*Config)) *phone {
	w.t.Helper()
	return w.newPhoneOn(w.newHost(), name, change...)
}

func (w *world) newPhoneOn(h *host, name string, change ...func(*Config)) *phone {
	w.t.Helper()
	p := &phone{host: h, name: name, media: &fakeMedia{t: w.t}, key: w.newKey()}
	cfg := Config{Name: func() string { return name }, Identity: p.key, Compare: true, Media: p.media, Log: slog.New(slog.NewTextHandler(testWriter{w.t, name}, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, f := range change {
		f(&cfg)
	}
	p.agent = NewAgent(cfg)
	p.agent.Attach(p.nc, nil)
	w.atEnd(func() { _ = p.agent.Close() })
	return p
}

// newKey makes an identity key.
func (w *world) newKey() ed25519.PrivateKey {
	w.t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return key
}

// identityOf is whose key it is.
func identityOf(key ed25519.PrivateKey) trust.Identity {
	i, _ := trust.IdentityOf(key)
	return i
}

// noIdentity makes a phone that proves nothing and asks for nothing.
func noIdentity(c *Config) { c.Identity = nil }

func autoAccept(c *Config) { c.AutoAccept = true }

type testWriter struct {
	t    *testing.T
	name string
}

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s: %s", w.name, b)
	return len(b), nil
}

// follower reads a call's events and notes when each came.
type follower struct {
	*Call
	t     *testing.T
	began time.Time
	mu    sync.Mutex
	seen  []seen
	more  chan struct{} // closed and replaced at each event
	over  bool
}

type seen struct {
	at time.Duration // since following began
	ev Event
}

func (w *world) follow(c *Call) *follower {
	f := &follower{Call: c, t: w.t, began: time.Now(), more: make(chan struct{})}
	go func() {
		for {
			ev, err := c.Next(context.Background())
			f.mu.Lock()
			if err != nil {
				f.over = true
				if !errors.Is(err, io.EOF) {
					f.t.Errorf("Next: %v", err)
				}
			} else {
				f.seen = append(f.seen, seen{time.Since(f.began), ev})
			}
			close(f.more)
			f.more = make(chan struct{})
			f.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return f
}

// await waits until an event matches and returns it; it looks at past events too.
func (f *follower) await(what string, limit time.Duration, match func(Event) bool) seen {
	f.t.Helper()
	timeout := time.After(limit)
	for i := 0; ; {
		f.mu.Lock()
		for ; i < len(f.seen); i++ {
			if match(f.seen[i].ev) {
				s := f.seen[i]
				f.mu.Unlock()
				return s
			}
		}
		more, over, all := f.more, f.over, f.seen
		f.mu.Unlock()
		if over {
			f.t.Fatalf("%s: the call ended without; it had %v", what, all)
		}
		select {
		case <-more:
		case <-timeout:
			f.t.Fatalf("%s: not within %v; the call had %v", what, limit, all)
		}
	}
}

// events are the events so far.
func (f *follower) events() []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Event
	for _, s := range f.seen {
		all = append(all, s.ev)
	}
	return all
}

// state waits for a state and returns when it came.
func (f *follower) state(s State, limit time.Duration) time.Duration {
	f.t.Helper()
	return f.await(string(s), limit, func(ev Event) bool {
		c, ok := ev.(StateChanged)
		return ok && c.Status.State == s
	}).at
}

// again waits until the state is s now.
func (f *follower) again(s State, limit time.Duration) {
	f.t.Helper()
	for end := time.Now().Add(limit); f.Status().State != s; time.Sleep(tick) {
		if time.Now().After(end) {
			f.t.Fatalf("not %s again within %v but %s", s, limit, f.Status().State)
		}
	}
}

// ended waits for the end and checks its reason.
func (f *follower) ended(r Reason, limit time.Duration) time.Duration {
	f.t.Helper()
	s := f.await("the end", limit, func(ev Event) bool {
		c, ok := ev.(StateChanged)
		return ok && c.Status.State == Ended
	})
	if got := s.ev.(StateChanged).Status.Reason; got != r {
		f.t.Errorf("ended as %q, want %q", got, r)
	}
	return s.at
}

// states are the states so far, repetitions left out.
func (f *follower) states() []State {
	var all []State
	for _, ev := range f.events() {
		if c, ok := ev.(StateChanged); ok && (len(all) == 0 || all[len(all)-1] != c.Status.State) {
			all = append(all, c.Status.State)
		}
	}
	return all
}

// dial calls from one phone to another.
func (p *phone) dial(other *host, name string) *follower {
	p.w.t.Helper()
	return p.dialBy(name, p.at(other))
}

func (p *phone) dialBy(name string, r Resolver) *follower {
	p.w.t.Helper()
	c, err := p.agent.Dial(name, r)
	if err != nil {
		p.w.t.Fatalf("dial: %v", err)
	}
	return p.w.follow(c)
}

// rings waits for a call that comes in, and passes over those that have ended meanwhile.
func (p *phone) rings(limit time.Duration) *follower {
	p.w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		c, err := p.agent.NextIncoming(ctx)
		if err != nil {
			p.w.t.Fatalf("%s does not ring within %v", p.name, limit)
		}
		if c.Status().State != Ended {
			return p.w.follow(c)
		}
	}
}

// quiet checks that the phone does not ring for a while.
func (p *phone) quiet(d time.Duration) {
	p.w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	if c, err := p.agent.NextIncoming(ctx); err == nil {
		p.w.t.Errorf("%s rings for %s", p.name, c.Name())
	}
}

// talk sets a call up between two phones.
func talk(a, b *phone) (from, to *follower) {
	a.w.t.Helper()
	from = a.dial(b.host, b.name)
	to = b.rings(5 * time.Second)
	if err := to.Accept(); err != nil {
		a.w.t.Fatal(err)
	}
	from.state(InCall, 5*time.Second)
	to.state(InCall, 5*time.Second)
	return from, to
}
