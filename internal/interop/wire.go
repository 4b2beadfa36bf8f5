package main

import (
	"math/rand/v2"
	"time"
)

// headerSize is what IPv4 and UDP add to a datagram on a wire.
const headerSize = 28

// wire is one direction of a link: datagrams wait in a queue for the transmitter, which takes its time for each, and
// arrive after the delay. Its zero value passes everything at once. It is not for concurrent use.
type wire struct {
	delay time.Duration
	rate  int     // bit/s; 0: unlimited
	queue int     // bytes that may wait; 0: unlimited
	loss  float64 // probability that a datagram is lost after the transmitter

	random *rand.Rand
	free   time.Time // when the transmitter has sent all that waits

	passed, overflowed, lost int
}

// pass takes a datagram of size bytes at a time; it tells when it arrives, or that it does not.
func (w *wire) pass(now time.Time, size int) (arrival time.Time, ok bool) {
	size += headerSize
	if w.free.Before(now) {
		w.free = now
	}
	if w.rate > 0 {
		waiting := int(w.free.Sub(now).Seconds() * float64(w.rate) / 8)
		if w.queue > 0 && waiting+size > w.queue {
			w.overflowed++
			return time.Time{}, false
		}
		w.free = w.free.Add(time.Duration(float64(size*8) / float64(w.rate) * float64(time.Second)))
	}
	if w.loss > 0 && w.random.Float64() < w.loss {
		w.lost++
		return time.Time{}, false
	}
	w.passed++
	return w.free.Add(w.delay), true
}
