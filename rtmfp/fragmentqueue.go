package rtmfp

import "time"

// fragmentState is where a fragment of a sending flow is.
type fragmentState uint8

const (
	fragmentQueued   fragmentState = iota // never sent
	fragmentInFlight                      // IN_FLIGHT
	fragmentLost                          // sent, and no longer in flight
	fragmentAcked
)

// fragment is an entry of a sending flow's SEND_QUEUE (RFC 7016 §3.6.2).
type fragment struct {
	msg           *Receipt
	offset        int
	length        int
	tsn           uint64 // of the last transmission
	earlier       uint64 // TSN of the one before
	sentAt        time.Time
	size          int // TRANSMIT_SIZE
	state         fragmentState
	control       byte
	sentAbandoned bool
}

// fragmentQueue holds a flow's fragments of contiguous sequence numbers in a ring.
type fragmentQueue struct {
	ring []fragment // length is a power of two
	base uint64     // sequence number of the first
	n    int
}

// at is the fragment with a sequence number; nil if it is not in the queue.
func (q *fragmentQueue) at(seq uint64) *fragment {
	if seq < q.base || seq-q.base >= uint64(q.n) {
		return nil
	}
	return &q.ring[seq&uint64(len(q.ring)-1)]
}

// end is the next sequence number to assign.
func (q *fragmentQueue) end() uint64 { return q.base + uint64(q.n) }

func (q *fragmentQueue) push(fr fragment) {
	if q.n == len(q.ring) {
		ring := make([]fragment, max(16, 2*len(q.ring)))
		for seq := q.base; seq < q.end(); seq++ {
			ring[seq&uint64(len(ring)-1)] = *q.at(seq)
		}
		q.ring = ring
	}
	q.ring[q.end()&uint64(len(q.ring)-1)] = fr
	q.n++
}

// acknowledgedTSN is which transmission an acknowledgement that comes now is for: of a fragment sent again less than
// a round trip ago the earlier one. (Otherwise one reordered packet would make all others seem overtaken.)
func (fr *fragment) acknowledgedTSN(now time.Time, rtt time.Duration) uint64 {
	if fr.earlier != 0 && now.Sub(fr.sentAt) < rtt*3/4 {
		return fr.earlier
	}
	return fr.tsn
}

// truncate takes the fragments from seq on out of the queue and returns them.
func (q *fragmentQueue) truncate(seq uint64) (tail []fragment) {
	for n := seq; n < q.end(); n++ {
		tail = append(tail, *q.at(n))
		*q.at(n) = fragment{}
	}
	q.n -= len(tail)
	return tail
}

func (q *fragmentQueue) pop() {
	*q.at(q.base) = fragment{}
	q.base++
	q.n--
}
