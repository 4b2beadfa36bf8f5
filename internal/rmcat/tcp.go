package rmcat

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"net/netip"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// TCP as the competitor of a call: NewReno (RFC 5681, 6582) with selective acknowledgements (RFC 6675),
// timestamps (RFC 7323), delayed acknowledgements and ten segments to begin with (RFC 6928). Segments are numbered, not bytes.
const (
	segmentPayload = 1472 // bytes of UDP payload here: with the headers 1500 on the link, as a TCP segment
	segmentBytes   = 1448 // bytes of data in it
	ackSize        = 24   // bytes of UDP payload: 52 on the link, as an acknowledgement with timestamps
	initialCwnd    = 10   // segments
	maxCwnd        = 2000 // segments, for the receiver's window
	dupThreshold   = 3    // segments received beyond one that is held lost
	minRTO         = 200 * time.Millisecond
	maxRTO         = 60 * time.Second
	delayedAck     = 40 * time.Millisecond
	sackRanges     = 4
)

// Downloads of short connections (RFC 8868 §5.1).
const (
	minDownload = 100_000 // bytes
	maxDownload = 1_000_000
	meanIdle    = 10 * time.Second
)

// tcpAck is what a receiver says: all before next has arrived, the ranges too, and the time stamp of the segment that
// made it speak.
type tcpAck struct {
	next   uint64
	ranges [][2]uint64
	echo   uint64
}

func (a tcpAck) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, a.next)
	b = binary.BigEndian.AppendUint64(b, a.echo)
	for _, r := range a.ranges {
		b = binary.BigEndian.AppendUint64(b, r[0])
		b = binary.BigEndian.AppendUint64(b, r[1])
	}
	if len(b) < ackSize {
		b = append(b, make([]byte, ackSize-len(b))...)
	}
	return b
}

func decodeAck(b []byte) (a tcpAck) {
	a.next, a.echo = binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	for b = b[16:]; len(b) >= 16; b = b[16:] {
		a.ranges = append(a.ranges, [2]uint64{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])})
	}
	return a
}

// tcpSender sends one connection's segments.
type tcpSender struct {
	conn *vnet.Conn
	to   netip.AddrPort
	acks chan tcpAck
	now  func() time.Duration

	una, next uint64 // the first not acknowledged, the first never sent
	size      uint64 // segments in all
	sacked    map[uint64]bool
	lost      map[uint64]bool
	resent    map[uint64]bool
	highest   uint64 // the last sacked, plus one
	cwnd      float64
	ssthresh  float64
	recover   uint64 // recovery lasts until all before this is acknowledged; 0: none
	srtt      time.Duration
	rttvar    time.Duration
	rto       time.Duration
}

func newTCPSender(conn *vnet.Conn, to netip.AddrPort, acks chan tcpAck, now func() time.Duration, first, segments uint64) *tcpSender {
	return &tcpSender{
		conn: conn, to: to, acks: acks, now: now,
		una: first, next: first, size: first + segments, highest: first,
		sacked: make(map[uint64]bool), lost: make(map[uint64]bool), resent: make(map[uint64]bool),
		cwnd: initialCwnd, ssthresh: math.Inf(1), rto: time.Second,
	}
}

// run sends until all is acknowledged, or ctx ends.
func (s *tcpSender) run(ctx context.Context) error {
	timer := time.NewTimer(s.rto)
	defer timer.Stop()
	for s.una < s.size {
		if err := s.fill(); err != nil {
			return err
		}
		select {
		case a := <-s.acks:
			if a.next > s.size || a.next < s.una && len(a.ranges) == 0 {
				continue
			}
			if s.acknowledged(a) {
				timer.Reset(s.rto)
			}
		case <-timer.C:
			s.timedOut()
			timer.Reset(s.rto)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// pipe is how many segments are on their way (RFC 6675 §4).
func (s *tcpSender) pipe() int {
	return int(s.next-s.una) - len(s.sacked) - len(s.lost) + len(s.resent)
}

// fill sends what the window allows: lost segments first.
func (s *tcpSender) fill() error {
	for float64(s.pipe()) < s.cwnd {
		seq, ok := s.toResend()
		if ok {
			s.resent[seq] = true
		} else if s.next < s.size {
			seq = s.next
			s.next++
		} else {
			return nil
		}
		b := make([]byte, segmentPayload)
		binary.BigEndian.PutUint64(b, seq)
		binary.BigEndian.PutUint64(b[8:], uint64(s.now()))
		if _, err := s.conn.WriteToUDPAddrPort(b, s.to); err != nil {
			return err
		}
	}
	return nil
}

func (s *tcpSender) toResend() (uint64, bool) {
	if len(s.lost) == len(s.resent) {
		return 0, false
	}
	for seq := s.una; seq < s.next; seq++ {
		if s.lost[seq] && !s.resent[seq] {
			return seq, true
		}
	}
	return 0, false
}

// acknowledged takes an acknowledgement; progress restarts the retransmission timer.
func (s *tcpSender) acknowledged(a tcpAck) (progress bool) {
	s.measure(s.now() - time.Duration(a.echo))
	advanced := 0
	for ; s.una < a.next; s.una++ {
		delete(s.sacked, s.una)
		delete(s.lost, s.una)
		delete(s.resent, s.una)
		advanced++
	}
	for _, r := range a.ranges {
		for seq := max(r[0], s.una); seq < min(r[1], s.next); seq++ {
			s.sacked[seq] = true
			delete(s.lost, seq)
			delete(s.resent, seq)
			s.highest = max(s.highest, seq+1)
		}
	}
	anyLost := false
	for seq := s.una; seq+dupThreshold < s.highest; seq++ {
		if !s.sacked[seq] && !s.lost[seq] {
			s.lost[seq] = true
			anyLost = true
		}
	}
	switch {
	case s.recover > 0 && s.una >= s.recover:
		s.recover = 0
		s.cwnd = s.ssthresh
	case s.recover > 0:
	case anyLost:
		s.recover = s.next
		s.ssthresh = max(float64(s.next-s.una)/2, 2)
		s.cwnd = s.ssthresh
	case s.cwnd < s.ssthresh:
		s.cwnd = min(s.cwnd+float64(advanced), maxCwnd)
	default:
		s.cwnd = min(s.cwnd+float64(advanced)/s.cwnd, maxCwnd)
	}
	return advanced > 0
}

// measure is RFC 6298.
func (s *tcpSender) measure(rtt time.Duration) {
	if s.srtt == 0 {
		s.srtt, s.rttvar = rtt, rtt/2
	} else {
		s.rttvar += ((s.srtt - rtt).Abs() - s.rttvar) / 4
		s.srtt += (rtt - s.srtt) / 8
	}
	s.rto = min(max(s.srtt+4*s.rttvar, minRTO), maxRTO)
}

// timedOut holds all lost that is not acknowledged, and begins again with one segment.
func (s *tcpSender) timedOut() {
	s.ssthresh = max(float64(s.pipe())/2, 2)
	s.cwnd = 1
	s.recover = 0
	s.resent = make(map[uint64]bool)
	for seq := s.una; seq < s.next; seq++ {
		if !s.sacked[seq] {
			s.lost[seq] = true
		}
	}
	s.rto = min(2*s.rto, maxRTO)
}

// readAcks passes on what the receiver says, until the conn is closed.
func readAcks(conn *vnet.Conn, acks chan<- tcpAck) {
	b := make([]byte, 256)
	for {
		k, _, err := conn.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		select {
		case acks <- decodeAck(b[:k]):
		default: // nobody sends: a late acknowledgement of a past download
		}
	}
}

// download is how many segments a short connection has, and how long the pause after it is.
func download(rng *rand.Rand) (segments uint64, idle time.Duration) {
	size := minDownload + rng.IntN(maxDownload-minDownload)
	return uint64((size + segmentBytes - 1) / segmentBytes), pause(rng)
}

func pause(rng *rand.Rand) time.Duration {
	return time.Duration(rng.ExpFloat64() * float64(meanIdle))
}
