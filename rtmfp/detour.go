package rtmfp

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// detourPrefix holds the addresses of detours: the discard-only block of RFC 6666, which no network carries. So they are addresses
// like any other to sessions and openings, and mean nothing to anybody else: neither does a packet to one go out by the packet conn,
// nor does one from there come in by it, nor may somebody name one to us.
var detourPrefix = netip.MustParsePrefix("100::/64")

// IsDetour reports whether an address is that of a detour.
func IsDetour(a netip.AddrPort) bool { return a.Addr().Is6() && detourPrefix.Contains(a.Addr()) }

// Detour is a way to one far endpoint other than by the packet conn: by a third that passes on whole packets, which it cannot read, be it
// a relay or another peer. It has an address. A session is opened over it by a Dial with that as a candidate, and one that is open is
// taken there by Session.Move, or by the far end's moving: as far as RFC 7016 goes the far end has another address. Somebody who
// pretends to pass packets on, and makes some up, is no better off than any other sender of datagrams.
//
//	way, err := endpoint.OpenDetour(500_000, func(packet []byte) { … }) // to whoever passes it on
//	…
//	way.Receive(packet) // that he has passed on to us
//	…
//	session.Move(way.Addr())
//	session.Probe(direct) // now and then: it moves back when that is answered
type Detour struct {
	e    *Endpoint
	addr netip.AddrPort
	rate float64 // guarded by e.mu
	send func(packet []byte)
}

// OpenDetour opens a detour. rate is the most that sessions send over it, in bit/s of datagrams without any headers below them; 0: as much
// as they find to get through. send is called for each datagram, by one goroutine at a time, and must neither block nor keep it; most have
// at most DetourDatagram bytes. ErrTooMany beyond 64, ErrClosed after Close.
func (e *Endpoint) OpenDetour(rate float64, send func(packet []byte)) (*Detour, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	d := &Detour{e: e, rate: rate, send: send}
	if !e.detours.add(d) {
		e.events.limit("maxDetours", Event{}, time.Now())
		return nil, ErrTooMany
	}
	return d, nil
}

// Addr is the address of the detour's far end, here.
func (d *Detour) Addr() netip.AddrPort { return d.addr }

// SetRate changes the most that sessions send over the detour.
func (d *Detour) SetRate(rate float64) {
	d.e.mu.Lock()
	defer d.e.mu.Unlock()
	d.rate = rate
}

// Receive takes a datagram that has come by the detour. It does not keep it.
func (d *Detour) Receive(packet []byte) {
	if len(packet) > maxDatagram || d.e.detours.at(d.addr) != d {
		return
	}
	d.e.take([]datagram{{data: packet, addr: d.addr}}, time.Now())
	d.e.hurry()
}

// Close closes the detour. What sessions send there later is lost, so that they have to move, or end.
func (d *Detour) Close() { d.e.detours.remove(d) }

// detours is a packet conn with the detours of its endpoint beside it.
type detours struct {
	batchConn
	open atomic.Int32 // how many there are

	mu     sync.Mutex
	byAddr map[netip.AddrPort]*Detour
	last   uint64 // no address is used twice
}

func newDetours(conn batchConn) *detours {
	return &detours{batchConn: conn, byAddr: make(map[netip.AddrPort]*Detour)}
}

func (ds *detours) add(d *Detour) bool {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if len(ds.byAddr) >= maxDetours {
		return false
	}
	ds.last++
	ip := detourPrefix.Addr().As16()
	binary.BigEndian.PutUint64(ip[8:], ds.last)
	d.addr = netip.AddrPortFrom(netip.AddrFrom16(ip), 1)
	ds.byAddr[d.addr] = d
	ds.open.Add(1)
	return true
}

func (ds *detours) remove(d *Detour) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if ds.byAddr[d.addr] == d {
		delete(ds.byAddr, d.addr)
		ds.open.Add(-1)
	}
}

// at is the detour of an address; nil: there is none.
func (ds *detours) at(addr netip.AddrPort) *Detour {
	if ds.open.Load() == 0 {
		return nil
	}
	ds.mu.Lock()
	defer ds.mu.Unlock()
	return ds.byAddr[addr]
}

// readBatch implements batchConn.
func (ds *detours) readBatch(ps []datagram) (int, error) {
	n, err := ds.batchConn.readBatch(ps)
	for i := range ps[:n] {
		if IsDetour(ps[i].addr) {
			ps[i].data = nil // nobody can send from there
		}
	}
	return n, err
}

// writeBatch implements batchConn: what goes by a detour is handed to it, and the rest is sent as it was.
func (ds *detours) writeBatch(ps []datagram) {
	rest := 0
	for i := range ps {
		if !IsDetour(ps[i].addr) {
			continue
		}
		if i > rest {
			ds.batchConn.writeBatch(ps[rest:i])
		}
		rest = i + 1
		if d := ds.at(ps[i].addr); d != nil {
			d.send(ps[i].data)
		}
	}
	if rest < len(ps) {
		ds.batchConn.writeBatch(ps[rest:])
	}
}

// confine makes the session keep to what a detour takes, if it goes by one.
func (s *Session) confine(now time.Time) {
	s.detour = s.e.detours.at(s.farAddr)
	s.path.confine(s, IsDetour(s.farAddr), now)
}

// withinDetour is a rate, in bit/s, within what the session's detour takes.
func (s *Session) withinDetour(rate float64) float64 {
	if s.detour != nil && s.detour.rate > 0 {
		return min(rate, s.detour.rate)
	}
	return rate
}
