package vnet

import (
	"math"
	"net/netip"
	"time"
)

// Link is how packets travel in one direction between two hosts. The zero Link
// delivers at once and loses nothing.
type Link struct {
	Latency     time.Duration // one way
	Jitter      time.Duration // up to so much more, packets staying in order
	JitterShape JitterShape
	Loss        float64     // share of packets lost, 0..1; behind the bottleneck, if there is one
	Reorder     float64     // share of packets delayed by a further Latency/2 + 1 ms, so that others overtake them
	MTU         int         // bytes of UDP payload; longer packets are lost without a word, 0: none is too long
	Rate        int         // bytes per second, 0: unlimited
	Queue       int         // bytes that wait for the rate before packets are dropped, 0: 64 KiB
	Bottleneck  *Bottleneck // instead of Rate and Queue: a queue that other links may share, as all from a host share its uplink
	Downlink    *Bottleneck // a second queue at the end of the way, which other links may share, too
}

// JitterShape is how jitter is distributed between nothing and its bound.
type JitterShape uint8

// The shapes of jitter.
const (
	UniformJitter JitterShape = iota
	// HalfNormalJitter is the truncated Gaussian of RFC 8868 §4.5: the amount of a normal variable
	// whose standard deviation is a third of the bound, cut there.
	HalfNormalJitter
)

// defaultQueue is the queue of a link with a rate: what a home router has.
const defaultQueue = 64 << 10

// noLink is what is left of a way behind its last queue.
var noLink Link

// way is how packets travel from one host to another, and how that has been.
type way struct {
	link        *Link     // nil: the network's default
	busyUntil   time.Time // when all that waits will have left
	lastArrival time.Time // keeps jitter from reordering
}

// way is that from one host to another. The caller holds mu.
func (n *Network) way(from, to netip.Addr) *way {
	w := n.ways[hostPair{from, to}]
	if w == nil {
		w = &way{}
		n.ways[hostPair{from, to}] = w
	}
	return w
}

// travel sends a packet over its link, behind its bottleneck. The caller holds mu.
func (n *Network) travel(f *flight) {
	delay, ok := n.delay(f.way, f.link, len(f.data))
	switch {
	case !ok:
	case delay <= 0:
		n.arrive(f)
	default:
		n.after(delay, func() { n.arrive(f) })
	}
}

// arrive takes a packet to its host, through the last queue if there is one. The caller holds mu.
func (n *Network) arrive(f *flight) {
	if down := f.link.Downlink; down != nil {
		f.link = &noLink
		down.enter(f)
		return
	}
	n.deliver(f)
}

// delay rolls the dice for a packet: how long it takes, and whether it arrives.
// The caller holds mu.
func (n *Network) delay(q *way, l *Link, size int) (time.Duration, bool) {
	if l.Loss > 0 && n.rng.Float64() < l.Loss {
		return 0, false
	}
	if l.Latency == 0 && l.Jitter == 0 && l.Reorder == 0 && l.Rate == 0 {
		return 0, true
	}
	now := time.Now()
	leaves := now
	if l.Rate > 0 && l.Bottleneck == nil {
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
		arrives = arrives.Add(n.jitter(l))
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

func (n *Network) jitter(l *Link) time.Duration {
	if l.JitterShape == UniformJitter {
		return time.Duration(n.rng.Int64N(int64(l.Jitter)))
	}
	return min(time.Duration(math.Abs(n.rng.NormFloat64())*float64(l.Jitter)/3), l.Jitter)
}
