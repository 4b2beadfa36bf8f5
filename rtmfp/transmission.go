package rtmfp

import "time"

// transmission is one sending of one fragment. Loss is found from their order (RFC 7016 §3.6.2.5).
type transmission struct {
	flow *SendFlow // nil: settled
	seq  uint64
	tsn  uint64 // one number for each packet
	naks int
}

// transmissions are a session's transmissions in order, from the oldest unsettled on.
type transmissions struct {
	list     []transmission // list[head:]
	head     int
	nextTSN  uint64
	maxAcked uint64 // MAX_TSN_ACK
	// count packets, not fragments
	lastLost, lastAcked uint64
}

func (t *transmissions) add(f *SendFlow, seq, tsn uint64) {
	if t.head > 64 && t.head > len(t.list)/2 {
		n := copy(t.list, t.list[t.head:])
		clear(t.list[n:])
		t.list, t.head = t.list[:n], 0
	}
	t.list = append(t.list, transmission{flow: f, seq: seq, tsn: tsn})
}

// trim forgets settled transmissions at the head.
func (t *transmissions) trim() {
	for t.head < len(t.list) {
		e := &t.list[t.head]
		if e.flow != nil {
			if fr := e.flow.fragment(e.seq); fr != nil && fr.state != fragmentAcked {
				return
			}
			e.flow = nil
		}
		t.head++
	}
	t.list, t.head = t.list[:0], 0
}

// acknowledged finishes the processing of a packet with acknowledgements: negative
// acknowledgements, loss, and the congestion window.
func (s *Session) acknowledged(now time.Time) {
	s.countNaks(now, 1)
	s.sent.trim()
	s.cc.burst = 0
	if s.ecnOut.congested {
		s.cc.marked(s.sent.nextTSN, s.sent.maxAcked)
	}
	s.ecnOut.acknowledged(s.keys.Feedback)
	s.adjustWindow(now)
	s.log.observe(now)
	s.detect.probed = false
	s.expectAck(now)
	if s.cc.timeout.isSet() {
		s.e.alarms.set(&s.cc.timeout, now.Add(s.clock.erto))
	}
	s.markDirty()
}

// adjustWindow lets the congestion window take in what acknowledgements have told.
func (s *Session) adjustWindow(now time.Time) {
	if s.rateControlled() {
		s.cc.window = max(s.dc.window(now.Sub(s.e.epoch), s.clock.srtt), initialWindow)
	} else {
		s.cc.endPacket(now, s.e.tcSent)
	}
	if s.cc.anyLoss {
		s.log.loss(now)
	}
}

func (t *transmissions) countLost(s *Session, tsn uint64) {
	if tsn != t.lastLost {
		t.lastLost = tsn
		s.stats.packetsLost++
		if s.dc != nil {
			s.dc.lostPacket()
		}
	}
}

func (t *transmissions) countAcked(s *Session, tsn uint64) {
	if tsn != t.lastAcked {
		t.lastAcked = tsn
		if s.dc != nil {
			s.dc.ackedPacket()
		}
	}
}

// timedOut is the TIMEOUT_ALARM (RFC 7016 §3.6.2.6): all that is in flight is lost.
func (s *Session) timedOut(now time.Time) {
	wasLoss := s.cc.outstanding > 0
	t := &s.sent
	for i := t.head; i < len(t.list); i++ {
		e := &t.list[i]
		if e.flow == nil {
			continue
		}
		if fr := e.flow.fragment(e.seq); fr != nil && fr.tsn == e.tsn && fr.state == fragmentInFlight {
			t.countLost(s, e.tsn)
			e.flow.lost(e.seq, fr)
		}
	}
	clear(t.list)
	t.list, t.head = t.list[:0], 0
	if wasLoss {
		s.clock.backOff(s.live.keepalive)
		s.log.timeout(now)
		if s.dc != nil {
			s.dc.silence()
		}
		s.ecnOut.timedOut()
	}
	s.cc.recovery = t.nextTSN
	s.cc.timedOut(wasLoss)
	s.path.timedOut(now)
	s.markDirty()
}
