package mesh

import (
	"bytes"
	"context"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/internal/source"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// carriage is where packets go, at a call. The call's goroutine decides (carrytend.go); links' and the endpoint's look.
type carriage struct {
	mu       sync.Mutex
	ways     map[flash.PeerID]*way        // ours, by the far end
	passages map[[2]flash.PeerID]*passage // others', from and to

	tampers func(to flash.PeerID, pass func()) // of a hostile carrier, in tests: has a packet go on, late or not at all
}

// way is our detour to a member.
type way struct {
	to      flash.PeerID
	carrier trust.Identity
	via     *link // to the carrier
	flow    *rtmfp.SendFlow
	opened  time.Time // flow
	detour  *rtmfp.Detour
	began   time.Time // he has carried since
	trial   wayTrial
	delay   wayDelay
	came    time.Time      // something, at last; under the carriage's mu, too:
	seenAt  netip.AddrPort // where the carrier sees the far end
	rate    float64        // what he allows
}

// passage is one direction of a pair for whom we carry.
type passage struct {
	from, to *link
	flow     *rtmfp.SendFlow
	opened   time.Time     // flow
	rate     float64       // bit/s that may pass
	bucket   source.Bucket // in bytes; under the carriage's mu
}

// direct reports whether a link goes by nobody else. What is carried goes over such links only, so nothing is carried twice.
func (l *link) direct() bool { return !l.isDone() && !rtmfp.IsDetour(l.peer.Session().FarAddr()) }

// openCarry opens a flow for packets.
func (l *link) openCarry(metadata []byte) (*rtmfp.SendFlow, error) {
	return l.peer.Session().OpenFlow(metadata, rtmfp.FlowOptions{Priority: rtmfp.PriorityVideo, Buffer: carryBuffer, Forwards: true})
}

// sendPacket sends a packet of ours, or of others, in such a flow: soon or not at all.
func (l *link) sendPacket(flow *rtmfp.SendFlow, packet []byte, ours bool, now time.Time) {
	if len(packet) > maxCarryPacket || !l.direct() {
		return
	}
	if _, err := flow.Write(endedContext, packet, rtmfp.MessageOptions{StartBy: now.Add(carryDeadline), NoRetransmit: true}); err == nil {
		l.carries.count(len(packet), ours)
	}
}

// readCarried takes the packets of a flow from the far end. Each is looked at by itself: what is not, or no longer, to be carried is
// dropped, and the flow stays for what comes.
func (l *link) readCarried(ctx context.Context, f *rtmfp.RecvFlow, h carryHeader) {
	c := l.agent.callByID(h.call)
	if c == nil || h.peer == l.id || h.peer == l.at.nc.NearID() {
		f.Reject(rejectUnknownFlow)
		return
	}
	f.SetOrder(rtmfp.NetworkOrder)
	limit := newLimiter(carryPerSecond, carryPerSecond)
	var packet []byte
	for {
		var err error
		if packet, err = f.ReadInto(ctx, packet); err != nil {
			return
		}
		if !limit.pause(ctx) {
			return
		}
		switch {
		case closed(c.finished):
			f.Reject(rejectUnknownFlow)
			return
		case h.from:
			c.carriage.arrived(l, h, packet)
		default:
			c.carriage.pass(l, h.peer, packet, time.Now())
		}
	}
}

// arrived takes a packet that l's far end has passed on to us.
func (t *carriage) arrived(l *link, h carryHeader, packet []byte) {
	t.mu.Lock()
	w := t.ways[h.peer]
	if w == nil || w.via != l {
		t.mu.Unlock()
		return
	}
	w.seenAt, w.came = h.at, time.Now()
	rate := min(max(h.rate, carrySound), carryRate)
	told := rate != w.rate
	w.rate = rate
	t.mu.Unlock()
	if told {
		w.detour.SetRate(rate)
	}
	w.detour.Receive(packet)
}

// pass passes on a packet of l's far end, if that is our business and within what a pair may have.
func (t *carriage) pass(l *link, to flash.PeerID, packet []byte, now time.Time) {
	t.mu.Lock()
	p := t.passages[[2]flash.PeerID{l.id, to}]
	if p == nil || p.from != l || p.bucket.Take(float64(max(len(packet), carryCounted)), p.rate*carrySlack/8, carryBurst, now) != 0 {
		t.mu.Unlock()
		return
	}
	flow, link := p.flow, p.to
	tampers := t.tampers
	t.mu.Unlock()
	switch {
	case !l.direct():
	case tampers != nil:
		packet = bytes.Clone(packet) // the caller uses it again
		tampers(to, func() { link.sendPacket(flow, packet, false, time.Now()) })
	default:
		link.sendPacket(flow, packet, false, now)
	}
}

// carrierTo is by way of whom a member is reached; zero: nobody.
func (t *carriage) carrierTo(id flash.PeerID) trust.Identity {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w := t.ways[id]; w != nil {
		return w.carrier
	}
	return trust.Identity{}
}
