package turn

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/pion/stun/v3"
)

// lifetime is the attribute LIFETIME (RFC 8656 §18.2).
type lifetime time.Duration

// AddTo implements stun.Setter.
func (l lifetime) AddTo(m *stun.Message) error {
	m.Add(stun.AttrLifetime, binary.BigEndian.AppendUint32(nil, uint32(time.Duration(l)/time.Second)))
	return nil
}

// lifetimeOf reads it; 0 if there is none.
func lifetimeOf(m *stun.Message) time.Duration {
	b, err := m.Get(stun.AttrLifetime)
	if err != nil || len(b) != 4 {
		return 0
	}
	return time.Duration(binary.BigEndian.Uint32(b)) * time.Second
}

// requestedUDP is the attribute REQUESTED-TRANSPORT (RFC 8656 §18.7).
var requestedUDP = stun.RawAttribute{Type: stun.AttrRequestedTransport, Value: []byte{17, 0, 0, 0}}

// peerAddress is the attribute XOR-PEER-ADDRESS (RFC 8656 §18.3).
type peerAddress netip.AddrPort

// AddTo implements stun.Setter.
func (p peerAddress) AddTo(m *stun.Message) error {
	a := netip.AddrPort(p)
	return stun.XORMappedAddress{IP: a.Addr().AsSlice(), Port: int(a.Port())}.AddToAs(m, stun.AttrXORPeerAddress)
}

// channelNumber is the attribute CHANNEL-NUMBER (RFC 8656 §18.1).
type channelNumber uint16

// AddTo implements stun.Setter.
func (n channelNumber) AddTo(m *stun.Message) error {
	m.Add(stun.AttrChannelNumber, append(binary.BigEndian.AppendUint16(nil, uint16(n)), 0, 0))
	return nil
}

// sendIndication is a packet to a peer that has no channel (RFC 8656 §11.1).
func sendIndication(b []byte, to netip.AddrPort) []byte {
	m := stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodSend, stun.ClassIndication), peerAddress(to),
		stun.RawAttribute{Type: stun.AttrData, Value: b})
	return m.Raw
}

// allocate asks for the relayed address (RFC 8656 §7).
func (c *Conn) allocate(ctx context.Context) error {
	m, err := c.request(ctx, stun.MethodAllocate, requestedUDP, lifetime(allocationLifetime))
	if err != nil {
		return err
	}
	var relayed stun.XORMappedAddress
	if err := relayed.GetFromAs(m, stun.AttrXORRelayedAddress); err != nil {
		return fmt.Errorf("%w: %s does not tell the relayed address", ErrRefused, c.url.Host)
	}
	addr, ok := netip.AddrFromSlice(relayed.IP)
	if !ok || relayed.Port == 0 {
		return fmt.Errorf("%w: %s tells no usable relayed address", ErrRefused, c.url.Host)
	}
	c.relayed = netip.AddrPortFrom(addr.Unmap(), uint16(relayed.Port))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renewed(lifetimeOf(m), time.Now())
	return nil
}

// renewed notes that the allocation lasts. The caller holds c.mu.
func (c *Conn) renewed(lasts time.Duration, now time.Time) {
	if lasts <= 0 {
		lasts = allocationLifetime
	}
	c.expires = now.Add(lasts)
	c.renewAt = now.Add(max(lasts/2, lasts-2*margin))
}

// request sends a request and waits for its success. Over UDP it is sent again and again. The relay names its realm and nonce when
// it refuses for the lack of them, or since they are old; then the request is made anew.
func (c *Conn) request(ctx context.Context, method stun.Method, attributes ...stun.Setter) (*stun.Message, error) {
	for round := 0; ; round++ {
		m, signed, err := c.roundTrip(ctx, method, attributes)
		if err != nil {
			return nil, err
		}
		if m.Type.Class == stun.ClassSuccessResponse {
			return m, nil
		}
		var code stun.ErrorCodeAttribute
		err = refusal(c.url.Host, m)
		if code.GetFrom(m) != nil || round == maxRounds {
			return nil, err
		}
		if code.Code != stun.CodeStaleNonce && (code.Code != stun.CodeUnauthorized || signed) {
			return nil, err
		}
		if c.url.User == "" || !c.challenged(m) {
			return nil, err
		}
	}
}

// maxRounds bounds how often a request is made anew: once for the realm, and once more for a nonce that ages at that moment.
const maxRounds = 2

// challenged notes the relay's realm and nonce.
func (c *Conn) challenged(m *stun.Message) bool {
	var realm stun.Realm
	var nonce stun.Nonce
	if nonce.GetFrom(m) != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if realm.GetFrom(m) == nil {
		c.realm = realm
	}
	c.nonce = nonce
	return len(c.realm) > 0
}

// roundTrip sends one request and waits for an answer of either kind.
func (c *Conn) roundTrip(ctx context.Context, method stun.Method, attributes []stun.Setter) (answer *stun.Message, signed bool, err error) {
	c.mu.Lock()
	realm, nonce := c.realm, c.nonce
	c.mu.Unlock()
	setters := append([]stun.Setter{stun.TransactionID, stun.NewType(method, stun.ClassRequest)}, attributes...)
	var integrity stun.MessageIntegrity
	if signed = len(realm) > 0; signed {
		integrity = stun.NewLongTermIntegrity(c.url.User, realm.String(), c.url.Password)
		setters = append(setters, stun.NewUsername(c.url.User), realm, nonce, integrity)
	}
	m, err := stun.Build(append(setters, stun.Fingerprint)...)
	if err != nil {
		return nil, false, fmt.Errorf("turn: the user name or the realm is too long: %w", err)
	}
	answers := make(chan *stun.Message, 1)
	c.mu.Lock()
	c.transactions[m.TransactionID] = answers
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.transactions, m.TransactionID)
		c.mu.Unlock()
	}()
	timeout, tries := firstTimeout, maxTries
	if c.url.TCP {
		timeout, tries = streamTimeout, 1
	}
	for range tries {
		if _, err := c.link.Write(m.Raw); errors.Is(err, net.ErrClosed) {
			return nil, signed, c.ended()
		}
		wait := time.NewTimer(timeout)
		select {
		case answer := <-answers:
			wait.Stop()
			if signed && answer.Type.Class == stun.ClassSuccessResponse && integrity.Check(answer) != nil {
				return nil, signed, fmt.Errorf("%w: an answer of %s is not its own", ErrRefused, c.url.Host)
			}
			return answer, signed, nil
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return nil, signed, fmt.Errorf("turn: waiting for the relay %s: %w", c.url.Host, ctx.Err())
		case <-c.ctx.Done():
			wait.Stop()
			return nil, signed, c.ended()
		}
		timeout *= 2
	}
	return nil, signed, noAnswer(c.url)
}
