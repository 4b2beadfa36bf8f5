package mesh

import (
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// What people have at home: bit/s, and how long a queue before packets are dropped.
const (
	homeUplink   = 5e6
	homeDownlink = 30e6
	homeQueue    = 100 * time.Millisecond
	homeLatency  = 20 * time.Millisecond
)

// home is the line of a host: an uplink and a downlink that all its sessions share.
type home struct {
	up, down *vnet.Bottleneck
	capacity float64 // of the uplink, bit/s
	air      air

	mu      sync.Mutex
	packets []crossing
}

// crossing is a packet at an uplink.
type crossing struct {
	at    time.Time
	size  int
	delay time.Duration
	lost  bool
}

// moveIn gives a host a line of its own, to all hosts that have one.
func (w *world) moveIn(h *host) {
	a := w.airs[len(w.all)]
	h.home = &home{down: w.line(homeDownlink, homeQueue), capacity: homeUplink, air: a}
	if h.home.up = w.line(homeUplink, homeQueue); a.fast > 0 {
		h.home.up, h.home.capacity = w.line(a.fast, a.queue), a.fast
	}
	if a.stalls > 0 || a.changes > 0 {
		w.blow(h.home, uint64(len(w.all)))
	}
	h.home.up.Observe(func(p vnet.Passage) {
		h.home.mu.Lock()
		defer h.home.mu.Unlock()
		h.home.packets = append(h.home.packets, crossing{p.At, p.Size, p.Delay, p.Dropped})
	})
	for _, o := range w.all {
		if o.home != nil {
			w.net.SetLink(h.addr.Addr(), o.addr.Addr(), h.home.linkTo(o.home))
			w.net.SetLink(o.addr.Addr(), h.addr.Addr(), o.home.linkTo(h.home))
		}
	}
}

// setUplink changes what the uplink carries, in bit/s.
func (h *home) setUplink(bits float64) {
	h.capacity = bits
	h.up.SetRate(int(bits / 8))
}

// setDownlink changes what the downlink carries, in bit/s.
func (h *home) setDownlink(bits float64) { h.down.SetRate(int(bits / 8)) }

// used is the 95th percentile of the queue at the uplink between two moments, what went over it, in bit/s, the most of that in any
// half second, and how many packets were lost there.
func (h *home) used(from, to time.Time) (p95 time.Duration, rate, most float64, lost int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	const span = 500 * time.Millisecond
	var delays []time.Duration
	spans := make([]float64, to.Sub(from)/span+1)
	for _, p := range h.packets {
		switch {
		case p.at.Before(from) || !p.at.Before(to):
		case p.lost:
			lost++
		default:
			delays = append(delays, p.delay)
			rate += float64(p.size) * 8 / to.Sub(from).Seconds()
			spans[p.at.Sub(from)/span] += float64(p.size) * 8 / span.Seconds()
		}
	}
	if len(delays) == 0 {
		return 0, 0, 0, lost
	}
	slices.Sort(delays)
	return delays[len(delays)*95/100], rate, slices.Max(spans), lost
}
