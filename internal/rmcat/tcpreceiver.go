package rmcat

import (
	"encoding/binary"
	"net/netip"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// tcpReceiver acknowledges segments: every second one, after 40 ms, and at once what comes out of order (RFC 5681 §4.2).
type tcpReceiver struct {
	conn    *vnet.Conn
	next    uint64
	above   map[uint64]bool // received beyond next
	highest uint64
	from    netip.AddrPort
	echo    uint64
	unsaid  int
}

// tcpSegment is a segment that came.
type tcpSegment struct {
	seq, stamp uint64
	from       netip.AddrPort
}

// run reads until the conn is closed.
func (r *tcpReceiver) run() {
	segments := make(chan tcpSegment)
	go func() {
		defer close(segments)
		b := make([]byte, segmentPayload)
		for {
			_, from, err := r.conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			segments <- tcpSegment{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), from}
		}
	}()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case s, ok := <-segments:
			if !ok {
				return
			}
			if r.take(s) {
				r.acknowledge()
			} else if r.unsaid == 1 {
				timer.Reset(delayedAck)
			}
		case <-timer.C:
			if r.unsaid > 0 {
				r.acknowledge()
			}
		}
	}
}

// take notes a segment and reports whether it is to be acknowledged at once.
func (r *tcpReceiver) take(s tcpSegment) bool {
	r.from = s.from
	if r.unsaid == 0 {
		r.echo = s.stamp // RFC 7323 §4.3: of the first that is not acknowledged
	}
	r.unsaid++
	inOrder := s.seq == r.next
	if s.seq >= r.next {
		r.above[s.seq] = true
		r.highest = max(r.highest, s.seq+1)
	}
	filled := len(r.above) > 1
	for r.above[r.next] {
		delete(r.above, r.next)
		r.next++
	}
	return !inOrder || filled || r.unsaid >= 2
}

func (r *tcpReceiver) acknowledge() {
	r.unsaid = 0
	a := tcpAck{next: r.next, echo: r.echo}
	for seq := r.highest; seq > r.next && len(a.ranges) < sackRanges; {
		if !r.above[seq-1] {
			seq--
			continue
		}
		end := seq
		for seq > r.next && r.above[seq-1] {
			seq--
		}
		a.ranges = append(a.ranges, [2]uint64{seq, end})
	}
	_, _ = r.conn.WriteToUDPAddrPort(a.encode(), r.from)
}
