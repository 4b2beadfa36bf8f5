package media

import (
	"sort"
	"sync"
	"time"
)

// videoQueue holds access units for the decoder, by due time, bounded in number and bytes. When it is full the decoder is too slow: what stands
// before the newest key frame goes, or everything if there is none.
type videoQueue struct {
	more chan struct{} // has room for one wake-up

	mu    sync.Mutex
	units []queuedUnit
	bytes int
}

type queuedUnit struct {
	Encoded
	came time.Time
}

func newVideoQueue() *videoQueue { return &videoQueue{more: make(chan struct{}, 1)} }

// push adds a unit and returns how many were thrown away for it.
func (q *videoQueue) push(e Encoded, now time.Time) (dropped int) {
	if e.Kind != Video || len(e.Data) == 0 || len(e.Data) > receiveQueueBytes {
		return 1
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	at := sort.Search(len(q.units), func(i int) bool { return q.units[i].Due.After(e.Due) })
	q.units = append(q.units, queuedUnit{})
	copy(q.units[at+1:], q.units[at:])
	q.units[at] = queuedUnit{e, now}
	q.bytes += len(e.Data)
	if len(q.units) > receiveQueueUnits || q.bytes > receiveQueueBytes {
		dropped = q.shrink()
	}
	select {
	case q.more <- struct{}{}:
	default:
	}
	return dropped
}

func (q *videoQueue) shrink() (dropped int) {
	keep := len(q.units)
	for i := len(q.units) - 1; i > 0; i-- {
		if q.units[i].Key {
			keep = i
			break
		}
	}
	for _, u := range q.units[:keep] {
		q.bytes -= len(u.Data)
	}
	q.units = append([]queuedUnit(nil), q.units[keep:]...)
	return keep
}

// head is the earliest unit and when it came.
func (q *videoQueue) head() (e Encoded, came time.Time, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.units) == 0 {
		return Encoded{}, time.Time{}, false
	}
	return q.units[0].Encoded, q.units[0].came, true
}

// take removes the head if it is still e.
func (q *videoQueue) take(e Encoded) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.units) == 0 || &q.units[0].Data[0] != &e.Data[0] {
		return false
	}
	q.bytes -= len(e.Data)
	last := copy(q.units, q.units[1:])
	q.units[last] = queuedUnit{}
	q.units = q.units[:last]
	return true
}
