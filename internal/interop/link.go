package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// maxCallers bounds the addresses that use a link, and maxInFlight the datagrams on their way in one direction.
const (
	maxCallers  = 64
	maxInFlight = 1 << 16
)

func runLink(ctx context.Context, f *flag.FlagSet, args []string, out *reporter) error {
	var there, back wire
	listen := f.String("listen", "127.0.0.1:0", "the UDP `address` of the near side")
	via := f.String("via", "127.0.0.1", "the `addresses`, with commas between, that the far side sees one after the other")
	move := f.Duration("move", 0, "change to the next of them, with a new port, each `time`")
	delay := f.Duration("delay", 0, "`time` each way")
	rate := f.Int("rate", 0, "`bit/s` each way (0: unlimited)")
	queue := f.Int("queue", 0, "`bytes` that may wait each way (0: unlimited)")
	loss := f.Float64("loss", 0, "`probability` of loss towards the far side")
	lossBack := f.Float64("loss-back", 0, "`probability` of loss on the way back")
	seed := f.Uint64("seed", 1, "a `number` that makes other losses")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	for i, w := range []*wire{&there, &back} {
		w.delay, w.rate, w.queue = *delay, *rate, *queue
		w.random = rand.New(rand.NewPCG(*seed, uint64(i)))
	}
	there.loss, back.loss = *loss, *lossBack
	far, err := netip.ParseAddrPort(f.Arg(0))
	if err != nil {
		return err
	}
	near, err := netip.ParseAddrPort(*listen)
	if err != nil {
		return err
	}
	var sources []netip.Addr
	for text := range strings.SplitSeq(*via, ",") {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("via: %w", err)
		}
		sources = append(sources, a)
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(near))
	if err != nil {
		return err
	}
	widen(conn)
	l := &link{
		conn: conn, far: far, sources: sources, out: out, callers: make(map[netip.AddrPort]*caller),
		there: newTransit(there), back: newTransit(back),
	}
	out.tell("listening", figures{"address": conn.LocalAddr().String()})
	return l.run(ctx, *move)
}

// widen asks for large socket buffers: the link drops what it means to, the kernel should not.
func widen(conn *net.UDPConn) {
	_ = conn.SetReadBuffer(4 << 20)
	_ = conn.SetWriteBuffer(4 << 20)
}

// link is a NAT in the middle of a slow path: each address on the near side has a socket of its own towards the far
// one. Its goroutines, one for each socket and direction, end with run.
type link struct {
	conn        *net.UDPConn
	far         netip.AddrPort
	there, back *transit
	out         *reporter
	running     sync.WaitGroup

	mu      sync.Mutex
	sources []netip.Addr // the first is in use
	callers map[netip.AddrPort]*caller
}

// caller is an address on the near side with its socket on the far one, which is replaced when it moves.
type caller struct {
	near netip.AddrPort
	conn *net.UDPConn // guarded by the link's mu
}

func (l *link) run(ctx context.Context, move time.Duration) error {
	l.running.Go(func() { l.there.run(ctx) })
	l.running.Go(func() { l.back.run(ctx) })
	l.running.Go(l.readNear)
	var moves <-chan time.Time
	if move > 0 {
		ticker := time.NewTicker(move)
		defer ticker.Stop()
		moves = ticker.C
	}
	for ctx.Err() == nil {
		select {
		case <-moves:
			l.move()
		case <-ctx.Done():
		}
	}
	_ = l.conn.Close()
	l.mu.Lock()
	for _, c := range l.callers {
		_ = c.conn.Close()
	}
	l.mu.Unlock()
	l.running.Wait()
	l.out.tell("passed", figures{"there": l.there.figures(), "back": l.back.figures()})
	return nil
}

// readNear takes datagrams from the near side.
func (l *link) readNear() {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := l.conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		c := l.caller(from)
		if err != nil || c == nil {
			continue
		}
		l.there.take(buf[:n], func(b []byte) {
			l.mu.Lock()
			conn := c.conn
			l.mu.Unlock()
			_, _ = conn.WriteToUDPAddrPort(b, l.far) // nobody there is as good as lost
		})
	}
}

// caller finds or makes the far socket of an address; nil if that is impossible.
func (l *link) caller(near netip.AddrPort) *caller {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.callers[near]
	if c == nil && len(l.callers) < maxCallers {
		c = &caller{near: near}
		if l.rebind(c) == nil {
			l.callers[near] = c
		} else {
			c = nil
		}
	}
	return c
}

// rebind gives a caller a new far socket. l.mu is held.
func (l *link) rebind(c *caller) error {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(l.sources[0], 0)))
	if err != nil {
		return err
	}
	widen(conn)
	if c.conn != nil {
		_ = c.conn.Close()
	}
	c.conn = conn
	l.running.Go(func() { l.readFar(conn, c.near) })
	return nil
}

// readFar takes datagrams that come back to one caller.
func (l *link) readFar(conn *net.UDPConn, near netip.AddrPort) {
	buf := make([]byte, 1<<16)
	for {
		n, _, err := conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			l.back.take(buf[:n], func(b []byte) { _, _ = l.conn.WriteToUDPAddrPort(b, near) })
		}
	}
}

// move changes the address of every caller.
func (l *link) move() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sources = append(l.sources[1:], l.sources[0])
	for _, c := range l.callers {
		if err := l.rebind(c); err == nil {
			l.out.tell("moved", figures{"near": c.near.String(), "seen_as": c.conn.LocalAddr().String()})
		}
	}
}

// transit carries the datagrams of one direction to their ends in time.
type transit struct {
	mu     sync.Mutex
	wire   wire
	flight chan datagram
}

type datagram struct {
	bytes   []byte
	arrival time.Time
	deliver func([]byte)
}

func newTransit(w wire) *transit { return &transit{wire: w, flight: make(chan datagram, maxInFlight)} }

// take accepts a datagram, or loses it.
func (t *transit) take(b []byte, deliver func([]byte)) {
	t.mu.Lock()
	arrival, ok := t.wire.pass(time.Now(), len(b))
	t.mu.Unlock()
	if ok {
		select {
		case t.flight <- datagram{append([]byte(nil), b...), arrival, deliver}:
		default: // far more than any queue that makes sense
		}
	}
}

// run delivers: arrivals are in order, since the delay is constant.
func (t *transit) run(ctx context.Context) {
	for {
		select {
		case d := <-t.flight:
			time.Sleep(time.Until(d.arrival))
			d.deliver(d.bytes)
		case <-ctx.Done():
			return
		}
	}
}

func (t *transit) figures() figures {
	t.mu.Lock()
	defer t.mu.Unlock()
	return figures{"passed": t.wire.passed, "overflowed": t.wire.overflowed, "lost": t.wire.lost}
}
