package turn

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/stun/v3"
)

// Conn is a relayed address at a TURN server, with the methods that an rtmfp.Endpoint needs. It owns two goroutines, one
// that reads and one that keeps up what would run out, and one for each peer that is asked for; Close ends them all and waits.
type Conn struct {
	url     URL
	link    net.Conn // to the relay; each Read and Write is one message
	relayed netip.AddrPort
	ctx     context.Context // ends with the Conn; its cause says why
	cancel  context.CancelCauseFunc
	running sync.WaitGroup

	received chan packet
	dropped  atomic.Uint64

	mu           sync.Mutex
	realm        stun.Realm
	nonce        stun.Nonce
	transactions map[[stun.TransactionIDSize]byte]chan *stun.Message
	peers        map[netip.AddrPort]*peer
	permissions  map[netip.Addr]*permission
	channels     map[uint16]*peer
	renewAt      time.Time // of the allocation
	expires      time.Time // of the allocation
	closing      bool
	out          []byte // where channel data is put together
}

// packet is one that a peer has sent.
type packet struct {
	data []byte
	from netip.AddrPort
}

// Dial allocates a relayed address at a relay (ParseURL). ErrNoAnswer, ErrUnauthorized, ErrQuota, ErrCapacity, ErrRefused.
// The address and its permissions are kept up until the Conn is closed.
func Dial(ctx context.Context, relay string) (*Conn, error) {
	u, err := ParseURL(relay)
	if err != nil {
		return nil, err
	}
	network := "udp"
	if u.TCP {
		network = "tcp"
	}
	var dialer net.Dialer
	dialing, cancel := context.WithTimeout(ctx, streamTimeout)
	defer cancel()
	link, err := dialer.DialContext(dialing, network, u.Host)
	if err != nil {
		if ctx.Err() == nil && dialing.Err() != nil {
			return nil, noAnswer(u)
		}
		return nil, fmt.Errorf("%w: %s cannot be reached: %w", ErrNoAnswer, u.Host, err)
	}
	if u.TCP {
		link = newFramed(link)
	}
	return dial(ctx, u, link)
}

// dial allocates by a link to the relay, which it owns from then on.
func dial(ctx context.Context, u URL, link net.Conn) (*Conn, error) {
	c := &Conn{
		url: u, link: link,
		received:     make(chan packet, receiveQueue),
		transactions: make(map[[stun.TransactionIDSize]byte]chan *stun.Message),
		peers:        make(map[netip.AddrPort]*peer),
		permissions:  make(map[netip.Addr]*permission),
		channels:     make(map[uint16]*peer),
	}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	c.running.Go(c.receive)
	if err := c.allocate(ctx); err != nil {
		c.end(err)
		c.running.Wait()
		return nil, err
	}
	c.running.Go(c.upkeep)
	return c, nil
}

// end ends the Conn for a reason.
func (c *Conn) end(why error) {
	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()
	c.cancel(why)
	_ = c.link.Close()
}

// Close frees the relayed address and waits for every goroutine, a second at most.
func (c *Conn) Close() error {
	c.mu.Lock()
	first := !c.closing
	c.closing = true
	c.mu.Unlock()
	if first {
		ctx, cancel := context.WithTimeout(c.ctx, freeTimeout)
		_, _ = c.request(ctx, stun.MethodRefresh, lifetime(0)) // otherwise it expires
		cancel()
	}
	c.end(errClosed)
	c.running.Wait()
	return nil
}

// LocalAddr is the relayed address: where packets for this Conn are to be sent.
func (c *Conn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.relayed) }

// Dropped counts packets that came while the reader was busy.
func (c *Conn) Dropped() uint64 { return c.dropped.Load() }

// ended is what reads and writes return once the Conn has ended.
func (c *Conn) ended() error {
	if why := context.Cause(c.ctx); why != nil && !errors.Is(why, net.ErrClosed) {
		return fmt.Errorf("%w: %w", errClosed, why)
	}
	return errClosed
}

// ReadFromUDPAddrPort waits for the next packet from a peer; what does not fit b is cut off.
func (c *Conn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case <-c.ctx.Done():
		return 0, netip.AddrPort{}, c.ended()
	default:
	}
	select {
	case p := <-c.received:
		return copy(b, p.data), p.from, nil
	case <-c.ctx.Done():
		return 0, netip.AddrPort{}, c.ended()
	}
}

// WriteToUDPAddrPort sends a packet to a peer by the relay. It does not wait: the first packets to a peer are kept until the relay
// has permitted it, a few of them. ErrForbidden if the relay has refused that lately.
func (c *Conn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	if !to.Addr().Is4() {
		return 0, errFamily
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return 0, c.ended()
	}
	now := time.Now()
	p, err := c.peer(to, now)
	if err != nil {
		return 0, err
	}
	p.used, p.permission.used = now, now
	switch {
	case p.bound(now):
		_, err = c.link.Write(c.channelData(p.channel, b))
	case p.permission.granted(now):
		_, err = c.link.Write(sendIndication(b, to))
	case now.Before(p.permission.refusedUntil):
		return 0, ErrForbidden
	default:
		p.wait(b)
		c.permit(p.permission)
		return len(b), nil
	}
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

// channelData puts together a message of a channel, padded as TCP needs it.
func (c *Conn) channelData(channel uint16, b []byte) []byte {
	m := binary.BigEndian.AppendUint16(c.out[:0], channel)
	m = binary.BigEndian.AppendUint16(m, uint16(len(b)))
	m = append(m, b...)
	for c.url.TCP && len(m)%4 != 0 {
		m = append(m, 0)
	}
	c.out = m
	return m
}

// receive reads what the relay sends, until the Conn ends. Over UDP an error may be temporary, as when the relay is restarted.
func (c *Conn) receive() {
	b := make([]byte, maxMessage)
	for failures := 0; ; {
		n, err := c.link.Read(b)
		switch {
		case err == nil:
			failures = 0
			c.handle(b[:n])
			continue
		case errors.Is(err, net.ErrClosed) || c.ctx.Err() != nil:
			return
		case c.url.TCP:
			c.end(fmt.Errorf("%w: the connection to %s broke: %w", ErrLost, c.url.Host, err))
			return
		}
		if failures++; failures > maxTries {
			select {
			case <-time.After(firstTimeout):
			case <-c.ctx.Done():
				return
			}
		}
	}
}

// handle takes a message from the relay: data of peers, or an answer. Anything else is passed over.
func (c *Conn) handle(b []byte) {
	if isChannelData(b) {
		length := int(binary.BigEndian.Uint16(b[2:]))
		if length > len(b)-channelHeader {
			return
		}
		c.mu.Lock()
		p := c.channels[binary.BigEndian.Uint16(b)]
		c.mu.Unlock()
		if p != nil {
			c.deliver(b[channelHeader:channelHeader+length], p.addr)
		}
		return
	}
	if !stun.IsMessage(b) {
		return
	}
	m := &stun.Message{Raw: append([]byte(nil), b...)}
	if m.Decode() != nil {
		return
	}
	switch m.Type.Class {
	case stun.ClassSuccessResponse, stun.ClassErrorResponse:
		c.mu.Lock()
		answer := c.transactions[m.TransactionID]
		delete(c.transactions, m.TransactionID)
		c.mu.Unlock()
		if answer != nil {
			answer <- m
		}
	case stun.ClassIndication:
		var from stun.XORMappedAddress
		data, err := m.Get(stun.AttrData)
		if m.Type.Method != stun.MethodData || err != nil || from.GetFromAs(m, stun.AttrXORPeerAddress) != nil {
			return
		}
		addr, ok := netip.AddrFromSlice(from.IP)
		if !ok {
			return
		}
		peer := netip.AddrPortFrom(addr.Unmap(), uint16(from.Port))
		c.deliver(data, peer)
		c.answered(peer)
	}
}

// deliver queues a packet for the reader.
func (c *Conn) deliver(b []byte, from netip.AddrPort) {
	select {
	case c.received <- packet{append([]byte(nil), b...), from}:
	default:
		c.dropped.Add(1)
	}
}
