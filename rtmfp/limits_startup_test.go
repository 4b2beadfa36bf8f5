package rtmfp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// redirector names as many addresses as it can for everybody.
type redirector struct{}

func (redirector) Introduce([]byte, netip.AddrPort) (Introduction, bool) {
	var list []Address
	for i := range 100 {
		list = append(list, Address{netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), uint16(i+1)), OriginObserved})
	}
	return Introduction{Redirect: list}, true
}

// Whatever an unproven address sends, it gets back no more than three times as many bytes, but for a few answers a second
// to IHellos too short for that.
func TestAmplificationOnTheWire(t *testing.T) {
	tag := []byte("0123456789abcdef")
	cookieElsewhere := func(b *node, from netip.AddrPort) []byte {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.cookies.bake(nil, from, time.Now())
	}
	ii := func(cookie []byte) []byte {
		return appendIIKeying(nil, iikeying{sessionID: 7, cookie: cookie}, func([]byte) []byte { return nil })
	}
	piece := func(index uint64, more bool, data []byte) []byte {
		return appendPacketFragment(nil, packetFragment{packet: 9, index: index, more: more, data: data})
	}
	for _, c := range []struct {
		name    string
		chunk   func(b *node) []byte
		size    int  // the datagram is padded to that
		answers bool // some
		short   bool // the answer is too long for the question
	}{
		{"IHello", func(b *node) []byte { return appendIHello(nil, ihello{b.profile.epd(), tag}) }, ihelloSize, true, false},
		{"short IHello", func(b *node) []byte { return appendIHello(nil, ihello{b.profile.epd(), tag}) }, 0, true, true},
		{"IHello with a long tag", func(b *node) []byte { return appendIHello(nil, ihello{b.profile.epd(), make([]byte, maxTag)}) }, ihelloSize, true, true},
		{"IHello for others", func(*node) []byte { return appendIHello(nil, ihello{[]byte("Xb"), tag}) }, ihelloSize, true, true},
		{"short IHello for others", func(*node) []byte { return appendIHello(nil, ihello{[]byte("X"), tag}) }, 0, true, true},
		{"fragment", func(*node) []byte { return piece(0, true, make([]byte, 100)) }, 0, false, false},
		{"IHello in the last fragment", func(b *node) []byte {
			return piece(0, false, appendIHello([]byte{modeStartup}, ihello{b.profile.epd(), tag}))
		}, 0, true, true},
		{"IIKeying with a cookie of our own making", func(*node) []byte { return ii(make([]byte, cookieSize)) }, 0, false, false},
		{"IIKeying with another address's cookie", func(b *node) []byte { return ii(cookieElsewhere(b, addrA)) }, 0, true, false},
		{"RHello", func(*node) []byte { return appendRHello(nil, rhello{tag, tag, tag}) }, 0, false, false},
		{"Redirect", func(*node) []byte { return appendRedirect(nil, redirect{tag: tag}) }, 0, false, false},
		{"RIKeying", func(*node) []byte {
			return appendRIKeying(nil, rikeying{sessionID: 3}, nil, func([]byte) []byte { return nil })
		}, 0, false, false},
		{"Ping", func(*node) []byte { return appendChunk(nil, chunkPing, tag) }, 0, false, false},
		{"nothing", func(*node) []byte { return nil }, 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: time.Millisecond})
				b := w.node(strings.Repeat("b", 200), addrB, func(cfg *Config) { cfg.Introducer = redirector{} })
				conn, _ := w.net.Listen(addrC)
				defer func() { _ = conn.Close() }()
				in, out, longest := 0, 0, 0
				w.net.SetFilter(func(p vnet.Packet) bool {
					if p.To == addrC {
						out, longest = out+len(p.Data), max(longest, len(p.Data))
					} else {
						in += len(p.Data)
					}
					return true
				})
				const seconds = 3
				for range seconds * 400 {
					plain := append([]byte{modeStartup}, c.chunk(b)...)
					for len(plain)+sessionIDSize+28 < c.size {
						plain = append(plain, 0xff)
					}
					_, _ = conn.WriteToUDPAddrPort(sealDatagram(nil, 0, b.profile.DefaultCipher(), plain), addrB)
					time.Sleep(time.Second / 400)
				}
				w.net.SetFilter(nil)
				time.Sleep(time.Second)
				limit := amplification * in
				if c.short {
					limit = max(limit, (shortHelloBurst+seconds*shortHelloRate)*longest)
				}
				if out > limit || (out > 0) != c.answers {
					t.Errorf("%d bytes for %d, the limit is %d", out, in, limit)
				}
			})
		})
	}
}

// Startup packets of one network that come too fast are not even looked at; others are.
func TestStartupPacketsOfOneSource(t *testing.T) {
	var l sourceLimiter
	l.init()
	now := time.Now()
	allowed := 0
	for range 3 * sourceBurst {
		if l.allow(addrC.Addr(), now) {
			allowed++
		}
	}
	if allowed != sourceBurst {
		t.Errorf("%d at once", allowed)
	}
	for i := range 1000 {
		if l.allow(addrC.Addr(), now.Add(time.Duration(i)*time.Millisecond)) {
			allowed++
		}
	}
	if allowed > sourceBurst+sourceRate {
		t.Errorf("%d in a second more", allowed)
	}
	if !l.allow(netip.MustParseAddr("203.0.113.9"), now) {
		t.Error("another network is shut out")
	}
}

// Fields of startup chunks that are longer than anybody needs make the chunk be ignored.
func TestOversizedStartupFields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		a := w.node("a", addrA)
		b := w.node("b", addrB, func(cfg *Config) { cfg.Introducer = redirector{} })
		answers := 0
		w.net.SetFilter(func(p vnet.Packet) bool { answers++; return false })
		for _, c := range []ihello{{[]byte("Ab"), make([]byte, maxTag+1)}, {make([]byte, maxEPD+1), []byte("tag")}} {
			b.mu.Lock()
			b.receiveIHello(c, addrC, basePacket, time.Now())
			b.mu.Unlock()
			b.wake()
			synctest.Wait()
		}
		w.net.SetFilter(nil)
		if answers > 0 {
			t.Errorf("%d answers", answers)
		}
		if _, err := a.Dial(context.Background(), make([]byte, maxEPD+1), addrB); !errors.Is(err, ErrTooLarge) {
			t.Error(err)
		}

		go func() { _, _ = a.Dial(w.ctx(time.Second), b.profile.epd(), addrC) }()
		synctest.Wait()
		a.mu.Lock()
		o := a.openingsByEPD[string(b.profile.epd())]
		for _, size := range []int{maxCookie + 1, maxCookie} {
			a.receiveRHello(rhello{o.tag[:], make([]byte, size), b.profile.certificate}, addrC, time.Now())
			if o.working != (size <= maxCookie) {
				t.Errorf("a cookie of %d bytes: taken %v", size, o.working)
			}
		}
		a.mu.Unlock()
		time.Sleep(2 * time.Second)
	})
}

// A packet whose fragments stop coming is forgotten after a second, and one that is fed slowly after a minute.
func TestPiecesAreForgotten(t *testing.T) {
	now := time.Now()
	var p packetPieces
	for i := range uint64(100) {
		p.add(packetFragment{packet: 1, index: i, more: true, data: []byte("x")}, addrA, now.Add(time.Duration(i)*900*time.Millisecond))
		if q := p.list[0]; now.Add(time.Duration(i)*900*time.Millisecond).Sub(q.began) > pieceLifetime {
			t.Fatalf("fragment %d joined a packet that began at %v", i, q.began)
		}
	}
	p.add(packetFragment{packet: 2, more: true, data: []byte("x")}, addrA, now.Add(time.Hour))
	if len(p.list) != 1 {
		t.Errorf("%d packets", len(p.list))
	}
}

// A session whose opener never shows the keys is pinged for a while, and ends.
func TestUnconfirmedSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		b := w.node("b", addrB)
		k := keyings{to: b, profile: newTestProfile("a")}
		sent := 0
		w.net.SetFilter(func(p vnet.Packet) bool {
			if p.To == addrC {
				sent++
			}
			return true
		})
		b.mu.Lock()
		k.from(addrC)
		b.mu.Unlock()
		time.Sleep(confirmTimeout / 2)
		if live(b) != 1 {
			t.Error("it ended too soon")
		}
		time.Sleep(confirmTimeout)
		w.net.SetFilter(nil)
		if b.mu.Lock(); len(b.sessions)+len(b.unconfirmed)+len(b.answered)+len(b.bySource) > 0 {
			t.Errorf("left: %v %v", b.sessions, b.unconfirmed)
		}
		b.mu.Unlock()
		if most := int(confirmTimeout/maxConfirmPing) + 4; sent < most/2 || sent > most {
			t.Errorf("%d packets to one who does not answer", sent)
		}
	})
}

// Sessions that nobody accepts are closed beyond a number.
func TestSessionsThatNobodyAccepts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		b := w.node("b", addrB)
		for i := range acceptBacklog + 1 {
			a := w.node(fmt.Sprint("a", i), netip.AddrPortFrom(addrA.Addr(), uint16(1000+i)))
			if _, err := a.Dial(w.ctx(time.Second), b.profile.epd(), addrB); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		if n := live(b); n != acceptBacklog || len(b.accepted) != acceptBacklog {
			t.Errorf("%d sessions, %d of them to be accepted", n, len(b.accepted))
		}
	})
}

func TestOpeningsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		a := w.node("a", addrA)
		for i := range maxOpenings {
			go func() { _, _ = a.Dial(w.ctx(time.Second), []byte(fmt.Sprint("A", i)), addrB) }()
		}
		synctest.Wait()
		if _, err := a.Dial(w.ctx(time.Second), []byte("Ab"), addrB); !errors.Is(err, ErrTooMany) {
			t.Error(err)
		}
		time.Sleep(2 * time.Second)
	})
}

// However many IIKeyings come, few key agreements wait, and fewer are under way.
func TestKeyAgreementsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		b := w.node("b", addrB)
		k := keyings{to: b, profile: newTestProfile("a")}
		b.mu.Lock() // the workers get no further than to want it
		for i := range 4 * maxHandshakeJobs {
			k.from(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 1}), 1))
		}
		if n := len(b.answering); n < maxHandshakeJobs || n > maxHandshakeJobs+maxHandshakeWorkers {
			t.Errorf("%d key agreements", n)
		}
		b.mu.Unlock()
	})
}

// Packets that come before the keys are kept, a few of them.
func TestEarlyPacketsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		a := w.node("a", addrA)
		o := &opening{e: a.Endpoint}
		a.mu.Lock()
		defer a.mu.Unlock()
		for range 10 * maxEarlyPackets {
			o.receive(make([]byte, 100), addrB, time.Now())
		}
		if len(o.early) != maxEarlyPackets {
			t.Errorf("%d are kept", len(o.early))
		}
	})
}

func TestSessionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		a, b := w.node("a", addrA), w.node("b", addrB)
		b.mu.Lock()
		for id := uint32(1); len(b.sessions) < maxSessions; id++ {
			b.sessions[id] = nil
		}
		if id := b.newID(); id != 0 {
			t.Errorf("session %x", id)
		}
		b.mu.Unlock()
		if _, err := a.Dial(w.ctx(5*time.Second), b.profile.epd(), addrB); !errors.Is(err, context.DeadlineExceeded) {
			t.Error("one session more:", err)
		}
	})
}

// An introducer can make us answer only so many FIHellos: the addresses in them may be a victim's.
func TestIntroductionsOfOneSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, far := w.connect(a, b)
		far.SetAcceptForwarded(true)
		sent := 0
		w.net.SetFilter(func(p vnet.Packet) bool {
			if p.To == addrC {
				sent++
			}
			return true
		})
		const seconds = 4
		for range seconds * 100 {
			a.mu.Lock()
			near.queueControl(appendFIHello(nil, fihello{b.profile.epd(), addrC, []byte("tag")}))
			a.mu.Unlock()
			a.wake()
			time.Sleep(10 * time.Millisecond)
		}
		w.net.SetFilter(nil)
		synctest.Wait()
		if want := forwardBurst + seconds*forwardRate; sent < want-1 || sent > want+1 {
			t.Errorf("%d packets to the victim", sent)
		}
	})
}

// brokenConn fails to read, and at once.
type brokenConn struct {
	deadConn
	reads *int
}

func (c brokenConn) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	*c.reads++
	return 0, netip.AddrPort{}, errors.New("broken")
}

// A conn that does nothing but fail ends the endpoint, and does not keep it spinning.
func TestBrokenConnEndsTheEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		start := time.Now()
		e, err := NewEndpoint(brokenConn{deadConn{make(chan struct{})}, &reads}, Config{Crypto: newTestProfile("a")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Accept(context.Background()); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		_ = e.Close()
		if d := time.Since(start); reads != maxReadErrors || d != (maxReadErrors-1)*readErrorPause {
			t.Errorf("%d reads in %v", reads, d)
		}
	})
}
