package rtmfp

import (
	"math"
	"net/netip"
	"time"
)

// sessionLog is a session's part of the event log; nil where that is off. Guarded by the endpoint's mu.
type sessionLog struct {
	s *Session
	l *eventLog

	ended            bool
	losses, timeouts uint64
	congested        time.Time // when a congestion event was last written
	unsaid           uint64    // causes since then
	summary          alarm
	sent, received   uint64 // bytes, at the last summary

	// What was last said of the path.
	mtu             int
	rate            float64
	rated           time.Time
	ecnOff, ecnGood bool
}

// session is the log of a new session.
func (l *eventLog) session(s *Session) *sessionLog {
	if l == nil {
		return nil
	}
	x := &sessionLog{s: s, l: l}
	x.summary.fire = x.summarise
	return x
}

func (x *sessionLog) put(ev Event, now time.Time) {
	ev.Session = x.s.nearID
	x.l.put(ev, now)
}

// up: the session is open, and the far end has shown the keys.
func (x *sessionLog) up(now time.Time) {
	if x == nil {
		return
	}
	s := x.s
	x.put(Event{
		Kind: EventSessionUp, Addr: s.farAddr, Peer: peerName(s.far), Initiator: s.initiator, Protection: s.keys.Protection,
	}, now)
	x.mtu, x.rate, x.rated = s.path.limit, s.sendRate(), now
	s.e.alarms.set(&x.summary, now.Add(summaryInterval))
}

// observe says what has changed of the path. It is asked after each packet with acknowledgements.
func (x *sessionLog) observe(now time.Time) {
	if x == nil {
		return
	}
	s := x.s
	if s.path.limit != x.mtu {
		x.mtu = s.path.limit
		x.put(Event{Kind: EventPathMTU, Path: x.path()}, now)
	}
	if now.Sub(x.rated) >= eventInterval {
		if rate := s.sendRate(); rate >= 2*x.rate || rate <= x.rate/2 {
			x.rate, x.rated = rate, now
			x.put(Event{Kind: EventRate, Path: x.path()}, now)
		}
	}
	switch e := &s.ecnOut; {
	case e.off && !x.ecnOff:
		x.ecnOff = true
		x.put(Event{Kind: EventECN, Reason: "off: marks do not arrive, or the far end does not report them"}, now)
	case e.arrived > 0 && !e.off && !x.ecnGood:
		x.ecnGood = true
		x.put(Event{Kind: EventECN, Reason: "confirmed"}, now)
	}
}

// closed: the session is not open any more. Only the first reason counts.
func (x *sessionLog) closed(reason string, now time.Time) {
	if x == nil || x.ended {
		return
	}
	x.ended = true
	x.s.e.alarms.drop(&x.summary)
	x.put(Event{Kind: EventSessionClosed, Reason: reason, AgeMS: now.Sub(x.s.created).Milliseconds(), Path: x.path()}, now)
}

func (x *sessionLog) replaced(by *Session, reason string, now time.Time) {
	if x != nil {
		x.put(Event{Kind: EventSessionReplaced, Other: by.nearID, Reason: reason}, now)
	}
}

func (x *sessionLog) addressAsked(addr netip.AddrPort, now time.Time) {
	if x != nil {
		x.put(Event{Kind: EventAddressAsked, Addr: addr}, now)
	}
}

func (x *sessionLog) addressChanged(from, to netip.AddrPort, now time.Time) {
	if x != nil {
		x.put(Event{Kind: EventAddressChanged, Addr: to, From: from}, now)
	}
}

// loss: the congestion window was cut since packets were lost.
func (x *sessionLog) loss(now time.Time) {
	if x != nil {
		x.losses++
		x.congestion("loss", now)
	}
}

// timeout: nothing was acknowledged in time.
func (x *sessionLog) timeout(now time.Time) {
	if x != nil {
		x.timeouts++
		x.congestion("timeout", now)
	}
}

// congestion coalesces: it writes at most one event each eventInterval. What is left over shows in the next summary.
func (x *sessionLog) congestion(cause string, now time.Time) {
	x.unsaid++
	if now.Sub(x.congested) < eventInterval {
		return
	}
	x.put(Event{Kind: EventCongestion, Reason: cause, Count: x.unsaid, Path: x.path()}, now)
	x.congested, x.unsaid = now, 0
}

func (x *sessionLog) flowOpened(flow uint64, d Direction, metadata int, returnOf uint64, now time.Time) {
	if x != nil {
		x.put(Event{Kind: EventFlowOpened, Flow: flow, Direction: d, Metadata: metadata, ReturnOf: returnOf}, now)
	}
}

func (x *sessionLog) flowRejected(flow uint64, d Direction, code uint64, reason string, now time.Time) {
	if x != nil {
		x.put(Event{Kind: EventFlowRejected, Flow: flow, Direction: d, Code: code, Reason: reason}, now)
	}
}

func (x *sessionLog) flowEnded(flow uint64, d Direction, err error, now time.Time) {
	if x != nil {
		x.put(Event{Kind: EventFlowEnded, Flow: flow, Direction: d, Reason: err.Error()}, now)
	}
}

// limit notes that the session met a limit of params.go.
func (x *sessionLog) limit(name string, now time.Time) {
	if x != nil {
		x.l.limit(name, Event{Session: x.s.nearID}, now)
	}
}

// summarise is the alarm. A session in which nothing happens is not worth a line.
func (x *sessionLog) summarise(now time.Time) {
	c := &x.s.stats
	if c.bytesSent != x.sent || c.bytesReceived != x.received {
		x.sent, x.received = c.bytesSent, c.bytesReceived
		x.put(Event{Kind: EventSummary, Path: x.path()}, now)
	}
	x.observe(now)
	x.s.e.alarms.set(&x.summary, now.Add(summaryInterval))
}

func (x *sessionLog) path() *PathEvent {
	s := x.s
	return &PathEvent{
		RTT:           float64(s.clock.srtt.Microseconds()) / 1000,
		Window:        s.cc.window,
		Outstanding:   s.cc.outstanding,
		BytesSent:     s.stats.bytesSent,
		BytesReceived: s.stats.bytesReceived,
		PacketsSent:   s.stats.packetsSent,
		PacketsLost:   s.stats.packetsLost,
		Rate:          int64(s.sendRate()),
		QueueDelay:    math.Round(s.queueDelay().Seconds()*1e6) / 1e3,
		Feedback:      s.keys.Feedback,
		MTU:           s.path.limit + sessionIDSize + s.keys.Seal.Overhead(),
		Losses:        x.losses,
		Timeouts:      x.timeouts,
	}
}
