package rtmfp

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Prober finds out whether somebody hears an Initiator Hello from a packet conn: it sends IHellos and reads the
// Responder Hellos that answer them, and opens no session. A service that checks its clients' connectivity has some.
//
// Hello and Next may be called at the same time; Close ends Next. A Prober has no goroutine.
type Prober struct {
	conn  PacketConn
	epoch time.Time

	mu   sync.Mutex // of seal
	seal PacketCipher
	open PacketCipher // Next's
}

// NewProber makes a prober that owns conn. crypto's identity is of no matter.
func NewProber(conn PacketConn, crypto CryptoProfile) *Prober {
	return &Prober{conn: conn, epoch: time.Now(), seal: crypto.DefaultCipher(), open: crypto.DefaultCipher()}
}

// LocalAddr is the address of the packet conn.
func (p *Prober) LocalAddr() netip.AddrPort { return localAddr(p.conn) }

// Hello sends one IHello (RFC 7016 §2.3.2) with an Endpoint Discriminator and a tag of 8 to 128 bytes, by which its
// answer is known; ErrTooLarge if they do not fit. The datagram is as long as an Endpoint's, so that an
// answer may be.
func (p *Prober) Hello(epd, tag []byte, to netip.AddrPort) error {
	if len(epd) > maxEPD || len(tag) > maxTag {
		return ErrTooLarge
	}
	h := header{flags: modeStartup | flagTimestamp, timestamp: ticks(time.Since(p.epoch))}
	b := padIHello(appendIHello(appendHeader(nil, h), ihello{epd, tag}), ihelloSize)
	p.mu.Lock()
	b = sealDatagram(nil, 0, p.seal, b)
	p.mu.Unlock()
	_, err := p.conn.WriteToUDPAddrPort(b, to)
	return err
}

// Next waits for the next RHello and tells its tag and where it came from. What is none is passed over. Its error is the
// conn's: net.ErrClosed after Close.
func (p *Prober) Next() (tag []byte, from netip.AddrPort, err error) {
	buf := make([]byte, maxDatagram)
	failures := 0
	for {
		n, from, err := p.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			if failures++; failures >= maxReadErrors || errors.Is(err, net.ErrClosed) {
				return nil, netip.AddrPort{}, err
			}
			time.Sleep(readErrorPause)
			continue
		}
		failures = 0
		if tag := p.rhelloTag(buf[:n]); tag != nil {
			return tag, unmap(from), nil
		}
	}
}

// rhelloTag is the tag of a datagram with an RHello, or nil.
func (p *Prober) rhelloTag(b []byte) []byte {
	if len(b) < minDatagram || sessionID(b) != 0 {
		return nil
	}
	plain, err := p.open.Open(nil, b[sessionIDSize:])
	if err != nil {
		return nil
	}
	h, chunks, err := parseHeader(plain)
	if err != nil || h.mode() != modeStartup {
		return nil
	}
	for range maxStartupChunks {
		typ, payload, rest, ok := nextChunk(chunks)
		if !ok {
			break
		}
		chunks = rest
		if typ != chunkRHello {
			continue
		}
		if c, err := parseRHello(payload); err == nil && len(c.tag) > 0 {
			return c.tag
		}
	}
	return nil
}

// Close closes the packet conn.
func (p *Prober) Close() error { return p.conn.Close() }

// ForwardIHello sends the far end a Forwarded Initiator Hello (RFC 7016 §2.3.3), as though replyTo had asked for epd with
// that tag. The far end answers replyTo if it lets this session introduce others to it. It does not wait, and
// says nothing if too much is waiting already.
func (s *Session) ForwardIHello(epd, tag []byte, replyTo netip.AddrPort) {
	if len(epd) > maxEPD || len(tag) > maxTag {
		return
	}
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	s.queueControl(appendFIHello(nil, fihello{epd, replyTo, tag}))
	s.e.events.forwarded(EventFIHelloSent, s, tag, replyTo, "", time.Now())
	s.e.wake()
}
