package rtmfp

import (
	"net/netip"
	"time"
)

// liveness decides when to ping (RFC 7016 §3.5.4.1) and when the far end is gone.
type liveness struct {
	keepalive time.Duration
	timeout   time.Duration
	due       time.Time // since when something has been due from the far end; zero: nothing is
	lastPing  time.Time
	watch     alarm
}

func (l *liveness) init(s *Session, now time.Time) {
	l.keepalive, l.timeout = defaultKeepalive, defaultTimeout
	l.watch.fire = func(now time.Time) { l.check(s, now) }
	s.e.alarms.set(&l.watch, now.Add(l.keepalive))
}

// heard: an authentic packet came.
func (l *liveness) heard() { l.due = time.Time{} }

// recheck: after that packet's chunks something may still be due.
func (l *liveness) recheck(s *Session, now time.Time) {
	if s.cc.outstanding > 0 {
		l.expect(s, now)
	}
}

// expect: something is due from the far end.
func (l *liveness) expect(s *Session, now time.Time) {
	if l.due.IsZero() {
		l.due = now
		s.e.alarms.setIfEarlier(&l.watch, now.Add(l.timeout))
	}
}

// check pings or ends the session if it is time, and sets the alarm for the next time.
func (l *liveness) check(s *Session, now time.Time) {
	if s.state != stateOpen {
		return
	}
	if !l.due.IsZero() && now.Sub(l.due) >= l.timeout {
		s.e.log.Info("rtmfp: the far end is silent", "far", s.farAddr, "since", s.lastReceived)
		s.end(ErrTimeout)
		s.forget()
		return
	}
	period := max(l.keepalive, minKeepalive)
	again := max(period, s.clock.erto)
	if !l.due.IsZero() {
		again = max(min(period, pingAgain), s.clock.erto)
	}
	next := later(l.lastPing.Add(again), earlier(s.lastSent, s.lastReceived).Add(period))
	if !next.After(now) {
		s.ping(now)
		next = now.Add(max(min(period, pingAgain), s.clock.erto))
	}
	if !l.due.IsZero() {
		next = earlier(next, l.due.Add(l.timeout))
	}
	s.e.alarms.set(&l.watch, next)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ping sends an empty Ping.
func (s *Session) ping(now time.Time) {
	s.live.lastPing = now
	s.out.ping = true
	s.live.expect(s, now)
	s.markDirty()
}

// SetKeepalive sets how long the session may be silent, in either direction, before the near end
// pings (RFC 7016 §3.5.4.1).
func (s *Session) SetKeepalive(d time.Duration) {
	s.setLiveness(func(l *liveness) { l.keepalive = max(d, minKeepalive) })
}

// SetTimeout sets how long the far end may be silent, while something is due
// from it (a Ping Reply, at least), before the session ends with ErrTimeout.
func (s *Session) SetTimeout(d time.Duration) {
	s.setLiveness(func(l *liveness) { l.timeout = max(d, minERTO) })
}

func (s *Session) setLiveness(set func(*liveness)) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	set(&s.live)
	if s.state == stateOpen {
		s.e.alarms.set(&s.live.watch, time.Now())
		s.e.wake()
	}
}

// receivePing queues the reply.
func (s *Session) receivePing(message []byte, from netip.AddrPort, now time.Time) {
	if len(message) > maxPingMessage || len(s.out.pingReplies) >= maxPendingReplies || from != s.farAddr && s.echo(message, from, now) {
		return
	}
	if s.pings.Take(float64(len(message)+ackDatagram), pingRate, pingBurst, now) != 0 {
		s.log.limit("pingRate", now)
		return
	}
	s.out.pingReplies = append(s.out.pingReplies, append([]byte(nil), message...))
	s.markDirty()
}
