package rtmfp

import "time"

// sentLog remembers when packets with data were sent, by session sequence number, for reports about them.
type sentLog struct {
	ring     []sentPacket // length is a power of two; made with the first packet
	reported uint64       // the highest number that was reported
	named    int          // numbers that reports may still name
	clock    int64        // the far end's, unwrapped, in units
	started  bool
}

// sentPacket is one packet. size 0: reported, or never there.
type sentPacket struct {
	seq  uint64
	at   time.Duration // since the endpoint's epoch
	size int32         // UDP payload
}

// add remembers a packet. The ring holds what may be under way: at most maxSentLog packets, of which the oldest go first.
func (l *sentLog) add(seq uint64, at time.Duration, size int) {
	if len(l.ring) == 0 {
		l.ring = make([]sentPacket, minSentLog)
		l.reported = seq - 1
	}
	if seq-l.reported >= uint64(len(l.ring)) && len(l.ring) < maxSentLog {
		ring := make([]sentPacket, 2*len(l.ring))
		for _, p := range l.ring {
			if p.size > 0 {
				ring[p.seq&uint64(len(ring)-1)] = p
			}
		}
		l.ring = ring
	}
	l.ring[seq&uint64(len(l.ring)-1)] = sentPacket{seq, at, int32(size)}
	l.named = min(l.named+namedPerPacket, 2*len(l.ring))
}

// take is the packet with a number, once; nil if none is remembered.
func (l *sentLog) take(seq uint64) *sentPacket {
	p := &l.ring[seq&uint64(len(l.ring)-1)]
	if p.seq != seq || p.size == 0 {
		return nil
	}
	return p
}

// unwrap is a far time, in units, that goes on where the last one was.
func (l *sentLog) unwrap(t uint32) int64 {
	if !l.started {
		l.started = true
		l.clock = int64(t)
	}
	l.clock += int64(int32(t - uint32(l.clock)))
	return l.clock
}

// receiveFeedback gives a report's news to the delay controller. Whatever the far end says, however often, no more numbers
// are looked at than twice the packets that were sent, and each of those counts once.
func (s *Session) receiveFeedback(c *feedback, now time.Time) {
	l := &s.sentLog
	if len(l.ring) == 0 {
		return
	}
	start := l.unwrap(c.time)
	var newest *sentPacket
	var capable, congested, bare int
	c.eachRun(func(r feedbackRun) {
		at := time.Duration(start+r.at) * feedbackUnit
		for seq := r.first; seq-r.first < r.n && l.named > 0; seq++ {
			l.named--
			p := l.take(seq)
			if p == nil {
				continue
			}
			s.dc.sample(p.at, at, int(p.size), r.ecn == ecnCongested)
			switch r.ecn {
			case ecnCapable0, ecnCapable1:
				capable++
			case ecnCongested:
				congested++
			default:
				bare++
			}
			p.size = 0
			newest = p
			if int64(seq-l.reported) > 0 {
				l.reported = seq
			}
		}
	})
	if newest == nil {
		return
	}
	s.ecnOut.fed(capable, congested, bare)
	s.dc.shared.said, s.dc.shared.on = s.coupling.queue(now)
	if s.coupling.losing(now) {
		s.dc.loss.restart(now.Sub(s.e.epoch))
	}
	s.dc.report(now.Sub(s.e.epoch), now.Sub(s.e.epoch)-newest.at-c.held, s.mustYield(now))
	s.markDirty()
}
