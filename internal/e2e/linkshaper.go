package main

import "time"

// shaper is a link with a rate, and packets that wait for it in order of arrival; what finds the queue full is dropped. It has
// no clock: time is an argument, and never goes back.
type shaper struct {
	rate  float64       // bit/s
	bound time.Duration // the longest queue, at the present rate

	waiting []shaped
	bytes   int           // of all that wait, the first whole
	left    float64       // bytes of the first that have not left
	at      time.Duration // when left was so much
	seen    linkStats
}

// shaped is a packet on its way.
type shaped struct {
	data    []byte
	to      int           // host
	arrived time.Duration // at the present queue
}

// linkStats is what has passed a link since it was last asked to forget.
type linkStats struct {
	Packets, Dropped int
	Came, Left       traffic // with what was dropped, and without
	// Queue counts packets by their time in the queue, in ms; the last are all that waited longer.
	Queue [queueBuckets]int
}

// traffic counts bytes at one place of a link.
type traffic struct {
	Bytes   int
	Busiest int // the most of any whole second

	second time.Duration // that is counted
	bytes  int           // in it
}

func (t *traffic) add(size int, at time.Duration) {
	t.Bytes += size
	if second := at.Truncate(time.Second); second != t.second {
		t.second, t.bytes = second, 0
	}
	t.bytes += size
	t.Busiest = max(t.Busiest, t.bytes)
}

// queueBuckets bounds what is told apart of waiting times, in ms.
const queueBuckets = 1000

// quantile is the waiting time, in ms, that a part of the packets did not exceed.
func (s *linkStats) quantile(q float64) float64 {
	n := 0
	for ms, k := range s.Queue {
		if n += k; n > 0 && float64(n) >= q*float64(s.Packets) {
			return float64(ms)
		}
	}
	return 0
}

// pass counts a packet that left at a time, after a wait.
func (s *linkStats) pass(size int, wait, at time.Duration) {
	s.Packets++
	s.Left.add(size, at)
	s.Queue[min(int((wait+time.Millisecond/2)/time.Millisecond), queueBuckets-1)]++
}

// enter puts a packet into the queue, or drops it (false). A packet that finds it empty is always taken. All that is due by now
// must have left.
func (s *shaper) enter(p shaped, now time.Duration) bool {
	s.seen.Came.add(len(p.data), now)
	if len(s.waiting) == 0 {
		s.left, s.at = float64(len(p.data)), now
	} else if backlog := float64(s.bytes-len(s.waiting[0].data)) + s.left; (backlog+float64(len(p.data)))*8 > s.bound.Seconds()*s.rate {
		s.seen.Dropped++
		return false
	}
	p.arrived = now
	s.waiting = append(s.waiting, p)
	s.bytes += len(p.data)
	return true
}

// leave returns the first packet if its last byte has left by now, and when.
func (s *shaper) leave(now time.Duration) (p shaped, at time.Duration, ok bool) {
	at, ok = s.next()
	if !ok || at > now {
		return shaped{}, 0, false
	}
	p = s.waiting[0]
	took := time.Duration(float64(len(p.data)) * 8 / s.rate * float64(time.Second))
	s.seen.pass(len(p.data), max(at-p.arrived-took, 0), at)
	s.waiting[0] = shaped{}
	s.waiting = s.waiting[1:]
	s.bytes -= len(p.data)
	s.at = at
	if len(s.waiting) > 0 {
		s.left = float64(len(s.waiting[0].data))
	}
	return p, at, true
}

// next is when the first packet's last byte leaves.
func (s *shaper) next() (at time.Duration, ok bool) {
	if len(s.waiting) == 0 {
		return 0, false
	}
	return s.at + time.Duration(s.left*8/s.rate*float64(time.Second)), true
}

// setRate changes the rate. What waits stays, even if it is more than would be let in now.
func (s *shaper) setRate(bits float64, now time.Duration) {
	if len(s.waiting) > 0 && now > s.at {
		s.left = max(s.left-(now-s.at).Seconds()*s.rate/8, 0)
		s.at = now
	}
	s.rate = bits
}
