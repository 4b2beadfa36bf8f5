package mesh

import (
	"net/netip"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// Stats describes the path of a call.
type Stats struct {
	RTT      time.Duration
	Loss     float64 // share of data packets lost since the previous snapshot, 0..1
	SendKbps float64 // UDP payload since the previous snapshot
	RecvKbps float64
	Path     string         // PathDirect, PathRelay, PathCarried; "" without a session
	Carrier  trust.Identity // of a carried path: by way of whom
	FarAddr  netip.AddrPort // invalid while the path is carried
}

// The paths of Stats.
const (
	PathDirect  = "direct"
	PathRelay   = "relay"
	PathCarried = "carried" // by way of another member of the conference
)

// statsBefore is a session's counters at the previous snapshot.
type statsBefore struct {
	at                         time.Time
	sent, received, data, lost uint64
}

// loss is the share of packets lost since before; it moves before forward.
func (b *statsBefore) loss(st rtmfp.Stats) float64 {
	data, lost := st.PacketsSent-b.data, st.PacketsLost-b.lost
	b.data, b.lost = st.PacketsSent, st.PacketsLost
	if data == 0 {
		return 0
	}
	return min(1, float64(lost)/float64(data))
}

// Stats is a snapshot of the path to the person with whom the call began: rates and loss since the previous snapshot. Without a
// session it is empty.
func (c *Call) Stats() Stats {
	if g := c.beganWith(); g != nil {
		return g.stats()
	}
	return Stats{}
}

// StatsOf is a snapshot of the path to one member.
func (c *Call) StatsOf(id flash.PeerID) Stats {
	if g := c.legWith(id); g != nil {
		return g.stats()
	}
	return Stats{}
}

func (g *leg) stats() Stats {
	g.call.mu.Lock()
	defer g.call.mu.Unlock()
	if g.link == nil {
		return Stats{}
	}
	session, now := g.link.peer.Session(), time.Now()
	st := session.Stats()
	b := &g.before
	if b.at.IsZero() {
		b.at = g.link.opened
	}
	s := Stats{RTT: st.RTT, Loss: b.loss(st), Path: PathDirect, FarAddr: session.FarAddr()}
	if rtmfp.IsDetour(s.FarAddr) {
		s.Path, s.Carrier, s.FarAddr = PathCarried, g.call.carriage.carrierTo(g.peerID), netip.AddrPort{}
	}
	if d := now.Sub(b.at).Seconds(); d > 0 {
		s.SendKbps = float64(st.BytesSent-b.sent) * 8 / 1000 / d
		s.RecvKbps = float64(st.BytesReceived-b.received) * 8 / 1000 / d
	}
	b.at, b.sent, b.received = now, st.BytesSent, st.BytesReceived
	return s
}
