package vnet

import "time"

// Link is how packets travel in one direction between two hosts. The zero Link
// delivers at once and loses nothing.
type Link struct {
	Latency time.Duration // one way
	Jitter  time.Duration // up to so much more, packets staying in order
	Loss    float64       // share of packets lost, 0..1
	Reorder float64       // share of packets delayed by a further Latency/2 + 1 ms, so that others overtake them
	Rate    int           // bytes per second, 0: unlimited
	Queue   int           // bytes that wait for the rate before packets are dropped, 0: 64 KiB
}

// defaultQueue is the queue of a link with a rate: what a home router has.
const defaultQueue = 64 << 10

// linkQueue is a link's state.
type linkQueue struct {
	busyUntil   time.Time // when all that waits will have left
	lastArrival time.Time // keeps jitter from reordering
}

// travel rolls the dice for a packet: how long it takes, and whether it arrives.
// The caller holds mu.
func (n *Network) travel(pair hostPair, l Link, size int) (time.Duration, bool) {
	if l.Loss > 0 && n.rng.Float64() < l.Loss {
		return 0, false
	}
	if l == (Link{}) {
		return 0, true
	}
	q := n.queues[pair]
	if q == nil {
		q = &linkQueue{}
		n.queues[pair] = q
	}
	now := time.Now()
	leaves := now
	if l.Rate > 0 {
		if q.busyUntil.After(now) {
			leaves = q.busyUntil
		}
		limit := l.Queue
		if limit == 0 {
			limit = defaultQueue
		}
		if int(leaves.Sub(now).Seconds()*float64(l.Rate))+size > limit {
			return 0, false
		}
		leaves = leaves.Add(time.Duration(float64(size) / float64(l.Rate) * float64(time.Second)))
		q.busyUntil = leaves
	}
	arrives := leaves.Add(l.Latency)
	if l.Jitter > 0 {
		arrives = arrives.Add(time.Duration(n.rng.Int64N(int64(l.Jitter))))
	}
	if l.Reorder > 0 && n.rng.Float64() < l.Reorder {
		return arrives.Add(l.Latency/2 + time.Millisecond).Sub(now), true
	}
	if arrives.Before(q.lastArrival) {
		arrives = q.lastArrival
	}
	q.lastArrival = arrives
	return arrives.Sub(now), true
}
