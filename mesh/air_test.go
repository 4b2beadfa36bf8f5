package mesh

import (
	"math/rand/v2"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/mesh/uplink"
)

// air is what lies between somebody at home and his line that a cable does not have. The zero value is a cable.
type air struct {
	out, in       time.Duration // how much longer packets take than over a cable, from him and to him
	loss, reorder float64       // shares of the packets, each way
	jitter        time.Duration
	// stalls is how often nothing leaves for stallLeast to stallMost, each way; what has come meanwhile then goes all at once.
	// 0: never.
	stalls                time.Duration
	stallLeast, stallMost time.Duration
	// The uplink, in bit/s: it moves between both. 0: it is homeUplink, or as the test says.
	slow, fast float64
	changes    time.Duration // how often
	queue      time.Duration // the longest, at fast; 0: homeQueue
}

var (
	// wifi is a busy one: the channel is somebody else's several times a second, and packets travel in one frame.
	wifi = air{loss: 0.02, reorder: 0.01, jitter: 8 * time.Millisecond, stalls: 400 * time.Millisecond, stallLeast: 20 * time.Millisecond, stallMost: 80 * time.Millisecond}
	// mobile is a radio link that resends whatever is lost, and rather lets packets wait for long.
	mobile = air{out: 40 * time.Millisecond, in: 40 * time.Millisecond, jitter: 10 * time.Millisecond, slow: 1e6, fast: 6e6, changes: 700 * time.Millisecond, queue: time.Second}
)

// linkTo is the link from one home to another, whose uplink and downlink it names.
func (h *home) linkTo(to *home) vnet.Link {
	a, b := h.air, to.air
	return vnet.Link{
		Latency: homeLatency + a.out + b.in, Jitter: a.jitter + b.jitter,
		Loss: 1 - (1-a.loss)*(1-b.loss), Reorder: max(a.reorder, b.reorder),
		Bottleneck: h.up, Downlink: to.down,
	}
}

// blow has the weather change a home's line until the test's end, at random by a seed.
func (w *world) blow(h *home, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0xa1))
	stop := make(chan struct{})
	done := make(chan struct{})
	w.atEnd(func() { close(stop); <-done })
	sleep := func(d time.Duration) bool {
		select {
		case <-time.After(d):
			return true
		case <-stop:
			return false
		}
	}
	go func() {
		defer close(done)
		for a, bits := h.air, h.capacity; ; {
			pause := a.changes
			if a.stalls > 0 {
				pause = time.Duration(float64(a.stalls) * (0.5 + rng.Float64()))
			}
			if !sleep(pause) {
				return
			}
			if a.fast > 0 {
				bits = min(max(bits*(0.5+1.2*rng.Float64()), a.slow), a.fast)
				h.up.SetRate(int(bits / 8))
			}
			if a.stalls > 0 {
				h.up.SetRate(0)
				h.down.SetRate(0)
				ok := sleep(a.stallLeast + time.Duration(rng.Int64N(int64(a.stallMost-a.stallLeast))))
				h.up.SetRate(int(bits / 8))
				h.down.SetRate(homeDownlink / 8)
				if !ok {
					return
				}
			}
		}
	}()
}

// line is one end of a home's line.
func (w *world) line(bits float64, queue time.Duration) *vnet.Bottleneck {
	return w.net.Bottleneck(vnet.Queue{Rate: int(bits / 8), Time: queue, Overhead: uplink.HeadersIPv4})
}
