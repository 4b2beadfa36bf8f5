package turn

import (
	"net/netip"
	"time"

	"github.com/pion/stun/v3"
)

// peer is an address that is written to. At first its packets wait for a permission; then they go as indications, and once
// the peer has answered they go by a channel, which costs 4 bytes instead of 36. Guarded by Conn.mu.
type peer struct {
	addr       netip.AddrPort
	permission *permission
	used       time.Time // when a packet was sent last
	waiting    [][]byte

	channel uint16    // 0: none
	expires time.Time // of the channel
	binding bool      // being asked for
}

// permission is the relay's for the packets of one IP address, whatever their port (RFC 8656 §9). Guarded by Conn.mu.
type permission struct {
	addr         netip.Addr
	used         time.Time
	expires      time.Time
	refusedUntil time.Time
	asking       bool
}

func (p *peer) bound(now time.Time) bool { return p.channel != 0 && now.Before(p.expires) }

func (p *permission) granted(now time.Time) bool { return now.Before(p.expires) }

// wait keeps a packet until there is a permission; the oldest gives way.
func (p *peer) wait(b []byte) {
	if len(p.waiting) == maxWaiting {
		p.waiting = p.waiting[1:]
	}
	p.waiting = append(p.waiting, append([]byte(nil), b...))
}

// peer finds or makes a peer. If there are too many, the one that was not written to for the longest time, and has no channel, is
// forgotten. The caller holds c.mu.
func (c *Conn) peer(addr netip.AddrPort, now time.Time) (*peer, error) {
	if p := c.peers[addr]; p != nil {
		return p, nil
	}
	if len(c.peers) >= maxPeers {
		var oldest *peer
		for _, p := range c.peers {
			if p.channel == 0 && !p.binding && (oldest == nil || p.used.Before(oldest.used)) {
				oldest = p
			}
		}
		if oldest == nil {
			return nil, errFull
		}
		c.forget(oldest)
	}
	permit := c.permissions[addr.Addr()]
	if permit == nil {
		permit = &permission{addr: addr.Addr(), used: now}
		c.permissions[addr.Addr()] = permit
	}
	p := &peer{addr: addr, permission: permit, used: now}
	c.peers[addr] = p
	return p, nil
}

// forget forgets a peer, and its permission with the last peer of that IP address. The caller holds c.mu.
func (c *Conn) forget(p *peer) {
	delete(c.peers, p.addr)
	if p.channel != 0 {
		delete(c.channels, p.channel)
	}
	for _, other := range c.peers {
		if other.permission == p.permission {
			return
		}
	}
	delete(c.permissions, p.addr.Addr())
}

// permit asks for a permission, once at a time. The caller holds c.mu.
func (c *Conn) permit(p *permission) {
	if p.asking || c.closing {
		return
	}
	p.asking = true
	c.running.Go(func() {
		asked := time.Now()
		_, err := c.request(c.ctx, stun.MethodCreatePermission, peerAddress(netip.AddrPortFrom(p.addr, 0)))
		c.mu.Lock()
		defer c.mu.Unlock()
		p.asking = false
		if err != nil {
			if !p.granted(time.Now()) {
				p.refusedUntil = time.Now().Add(refusedPause)
			}
		} else {
			p.expires, p.refusedUntil = asked.Add(permissionLifetime), time.Time{}
		}
		for _, peer := range c.peers {
			if peer.permission == p {
				c.flush(peer, err == nil)
			}
		}
	})
}

// flush sends what has waited, or drops it. The caller holds c.mu.
func (c *Conn) flush(p *peer, send bool) {
	for _, b := range p.waiting {
		if send && !c.closing {
			_, _ = c.link.Write(sendIndication(b, p.addr)) // as good as lost on the way
		}
	}
	p.waiting = nil
}

// answered begins to use a channel for a peer that we have written to and that has answered.
func (c *Conn) answered(addr netip.AddrPort) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.peers[addr]; p != nil && p.channel == 0 {
		c.bind(p)
	}
}

// bind asks for a channel, or for the same one again (RFC 8656 §12.2). The caller holds c.mu.
func (c *Conn) bind(p *peer) {
	if p.binding || c.closing {
		return
	}
	number := p.channel
	if number == 0 {
		if number = c.freeChannel(); number == 0 {
			return
		}
		c.channels[number] = p // data may come before the answer
	}
	p.binding = true
	c.running.Go(func() {
		asked := time.Now()
		_, err := c.request(c.ctx, stun.MethodChannelBind, channelNumber(number), peerAddress(p.addr))
		c.mu.Lock()
		defer c.mu.Unlock()
		p.binding = false
		switch {
		case err == nil:
			p.channel, p.expires = number, asked.Add(channelLifetime)
			p.permission.expires = asked.Add(permissionLifetime) // a channel brings one
		case p.channel == 0:
			// The relay may have bound it all the same: the number is not used again at once.
			p.channel, p.expires = number, asked
		}
	})
}

// freeChannel is a number that stands for nobody; 0 if there is none. The caller holds c.mu.
func (c *Conn) freeChannel() uint16 {
	for n := uint16(minChannel); n <= maxChannel; n++ {
		if c.channels[n] == nil {
			return n
		}
	}
	return 0
}
