package vnet

import (
	"net/netip"
	"time"
)

// Queue is what a bottleneck is made of: a rate, and packets that wait for it in order of arrival (drop tail).
type Queue struct {
	Rate  int           // bytes per second; 0: nothing leaves, as when a radio link is out
	Bytes int           // so many bytes wait before packets are dropped, 0: no bound in bytes
	Time  time.Duration // so long a queue, in time at the present rate, waits before packets are dropped, 0: no bound in time
	// MarkAbove: an ECN-capable packet that finds a longer queue, in time, gets CE. 0: none does.
	MarkAbove time.Duration
	// MarkInterval: marks are CoDel's (RFC 8289) with MarkAbove as the target: only once the queue has been longer for
	// so long, and then by and by more of them. 0: every packet above is marked.
	MarkInterval time.Duration
	Overhead     int // bytes that each packet has on the link beyond its UDP payload: 28 for IPv4 and UDP
}

// Passage is what became of one packet at a bottleneck.
type Passage struct {
	At       time.Time      // when its last byte left, or when it was dropped
	From, To netip.AddrPort // as on the public network
	Size     int            // bytes on the link
	Delay    time.Duration  // from its arrival until its first byte left
	Dropped  bool           // it found the queue full
	Marked   bool           // it got CE here
}

// Bottleneck is a queue that any number of links share. It keeps what waits when its rate changes.
// All is guarded by the network's mutex.
type Bottleneck struct {
	n       *Network
	cfg     Queue
	bound   int // bytes that may wait at the present rate
	waiting []queued
	bytes   int       // of all that wait, the first whole
	left    float64   // bytes of the first that have left
	since   time.Time // when left was so much
	turn    uint64    // tells a departure that is still meant from one that a change of rate made wrong
	observe func(Passage)
	codel   codel
}

// queued is a packet in a bottleneck.
type queued struct {
	f       *flight
	size    int
	arrived time.Time
	started time.Time
	marked  bool
}

// Bottleneck adds a queue to the network, for links to name.
func (n *Network) Bottleneck(q Queue) *Bottleneck {
	n.mu.Lock()
	defer n.mu.Unlock()
	b := &Bottleneck{n: n, cfg: q}
	b.setBound()
	return b
}

// SetRate changes the rate, in bytes per second. What waits stays, even if it is more than would be let in now.
func (b *Bottleneck) SetRate(bytesPerSecond int) {
	b.n.mu.Lock()
	defer b.n.mu.Unlock()
	if len(b.waiting) > 0 {
		b.left = min(b.left+b.flown(), float64(b.waiting[0].size))
		b.since = time.Now()
	}
	b.cfg.Rate = bytesPerSecond
	b.setBound()
	if len(b.waiting) > 0 {
		b.scheduleDeparture()
	}
}

// Observe has f called with every packet that leaves or is dropped. It must not call the network.
func (b *Bottleneck) Observe(f func(Passage)) {
	b.n.mu.Lock()
	defer b.n.mu.Unlock()
	b.observe = f
}

// setBound finds how much may wait. While nothing leaves, a bound in time stays what it was in bytes.
func (b *Bottleneck) setBound() {
	byTime := int(b.cfg.Time.Seconds() * float64(b.cfg.Rate))
	switch {
	case b.cfg.Time > 0 && b.cfg.Rate == 0:
	case b.cfg.Bytes > 0 && b.cfg.Time > 0:
		b.bound = min(b.cfg.Bytes, byTime)
	case b.cfg.Time > 0:
		b.bound = byTime
	case b.cfg.Bytes > 0:
		b.bound = b.cfg.Bytes
	default:
		b.bound = defaultQueue
	}
}

// flown is how many bytes have left since b.since.
func (b *Bottleneck) flown() float64 { return time.Since(b.since).Seconds() * float64(b.cfg.Rate) }

// enter puts a packet into the queue, or drops it. A packet that finds the queue empty is always taken.
func (b *Bottleneck) enter(f *flight) {
	now := time.Now()
	p := queued{f: f, size: len(f.data) + b.cfg.Overhead, arrived: now}
	backlog := 0.0
	if len(b.waiting) > 0 {
		backlog = max(0, float64(b.bytes)-b.left-b.flown())
	}
	if len(b.waiting) > 0 && int(backlog)+p.size > b.bound {
		b.report(Passage{At: now, From: f.from, To: f.to, Size: p.size, Dropped: true})
		return
	}
	if b.cfg.MarkAbove > 0 && b.cfg.MarkInterval == 0 && f.ecn.capable() && backlog > b.cfg.MarkAbove.Seconds()*float64(b.cfg.Rate) {
		f.ecn, p.marked = CE, true
	}
	b.bytes += p.size
	b.waiting = append(b.waiting, p)
	if len(b.waiting) == 1 {
		b.start(now)
	}
}

// start begins with the first that waits.
func (b *Bottleneck) start(now time.Time) {
	b.waiting[0].started, b.left, b.since = now, 0, now
	b.scheduleDeparture()
}

func (b *Bottleneck) scheduleDeparture() {
	b.turn++
	if b.cfg.Rate == 0 {
		return
	}
	turn := b.turn
	rest := float64(b.waiting[0].size) - b.left
	b.n.after(max(time.Duration(rest/float64(b.cfg.Rate)*float64(time.Second)), 1), func() {
		if turn == b.turn {
			b.depart()
		}
	})
}

// depart lets the first packet go and begins with the next.
func (b *Bottleneck) depart() {
	now := time.Now()
	p := b.waiting[0]
	b.waiting[0] = queued{}
	b.waiting = b.waiting[1:]
	b.bytes -= p.size
	delay := p.started.Sub(p.arrived)
	if b.cfg.MarkInterval > 0 && b.codel.mark(now, delay >= b.cfg.MarkAbove, b.cfg.MarkInterval) && p.f.ecn.capable() {
		p.f.ecn, p.marked = CE, true
	}
	b.report(Passage{At: now, From: p.f.from, To: p.f.to, Size: p.size, Delay: delay, Marked: p.marked})
	if len(b.waiting) > 0 {
		b.start(now)
	}
	b.n.travel(p.f)
}

func (b *Bottleneck) report(p Passage) {
	if b.observe != nil {
		b.observe(p)
	}
}
