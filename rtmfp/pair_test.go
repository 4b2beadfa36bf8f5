package rtmfp

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/internal/vnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	_ PacketConn = (*vnet.Conn)(nil)

	addrA = netip.MustParseAddrPort("192.0.2.1:1000")
	addrB = netip.MustParseAddrPort("192.0.2.2:2000")
	addrC = netip.MustParseAddrPort("192.0.2.3:3000")
)

// world is a network with endpoints in a synctest bubble.
type world struct {
	t   *testing.T
	net *vnet.Network
}

func newWorld(t *testing.T, link vnet.Link) *world { return newSeededWorld(t, 1, link) }

func newSeededWorld(t *testing.T, seed uint64, link vnet.Link) *world {
	n := vnet.New(seed)
	n.SetDefaultLink(link)
	t.Cleanup(n.Close)
	return &world{t, n}
}

// node is an endpoint with its identity.
type node struct {
	*Endpoint
	profile *testProfile
	conn    *vnet.Conn
}

func (w *world) node(name string, addr netip.AddrPort, opts ...func(*Config)) *node {
	conn, err := w.net.Listen(addr)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.nodeOn(name, conn, opts...)
}

func (w *world) nodeOn(name string, conn PacketConn, opts ...func(*Config)) *node {
	p := newTestProfile(name)
	cfg := Config{Crypto: p}
	for _, o := range opts {
		o(&cfg)
	}
	e, err := NewEndpoint(conn, cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = e.Close() })
	return &node{e, p, underlying(conn)}
}

// underlying is the test network's conn.
func underlying(conn PacketConn) *vnet.Conn {
	if c, ok := conn.(unfragmented); ok {
		return c.Conn
	}
	c, _ := conn.(*vnet.Conn)
	return c
}

func (w *world) ctx(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	w.t.Cleanup(cancel)
	return ctx
}

// connect opens a session from a to b and returns both ends.
func (w *world) connect(a, b *node) (*Session, *Session) {
	w.t.Helper()
	near, err := a.Dial(w.ctx(100*time.Second), b.profile.epd(), b.LocalAddr())
	if err != nil {
		w.t.Fatal("dial:", err)
	}
	far, err := b.Accept(w.ctx(10 * time.Second))
	if err != nil {
		w.t.Fatal("accept:", err)
	}
	return near, far
}

// flow opens a flow and returns both ends. The first message is "hello".
func (w *world) flow(from, to *Session, opt FlowOptions) (*SendFlow, *RecvFlow) {
	w.t.Helper()
	f, err := from.OpenFlow([]byte("test"), opt)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := f.Write(w.ctx(time.Second), []byte("hello"), MessageOptions{}); err != nil {
		w.t.Fatal(err)
	}
	r, err := to.AcceptFlow(w.ctx(30 * time.Second))
	if err != nil {
		w.t.Fatal("accept flow:", err)
	}
	w.read(r, "hello")
	return f, r
}

func (w *world) write(f *SendFlow, msg string) *Receipt {
	w.t.Helper()
	r, err := f.Write(w.ctx(30*time.Second), []byte(msg), MessageOptions{})
	if err != nil {
		w.t.Fatal("write:", err)
	}
	return r
}

func (w *world) read(f *RecvFlow, want string) {
	w.t.Helper()
	got, err := f.Read(w.ctx(60 * time.Second))
	if err != nil {
		w.t.Fatalf("read, waiting for %.20q: %v", want, err)
	}
	if string(got) != want {
		w.t.Fatalf("read %.20q, want %.20q", got, want)
	}
}
