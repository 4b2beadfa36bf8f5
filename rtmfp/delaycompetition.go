package rtmfp

import (
	"math"
	"time"
)

// competition finds out whether a queue that is too long is somebody else's: it stays though we have given way. Then the delay
// controller takes a share of the link as TCP does, until the queue is short again.
type competition struct {
	since   time.Duration // since when the queue has been too long; 0: it is not
	longest float64       // it was since then, seconds
	share   float64       // what was delivered at first, bit/s
	least   [4]float64    // the queue was in each of the last quarters of a second, newest first, seconds
	quarter time.Duration // when the newest of those began
	at      time.Duration // of the last report

	competing bool
	losses    int // packets lost since the rate was last looked at, while competing
}

// watch takes in a report: the queuing delay and the reference for it, in seconds, the rate and what was delivered of it, in bit/s. It
// answers whether we compete from now on.
func (o *competition) watch(now, srtt time.Duration, queue, ref, rate, delivered float64) (begins bool) {
	long := ref + overDelay.Seconds()
	paused := now-o.at > competeAfter // what was before says nothing of now
	if o.at = now; paused {
		o.since, o.competing = 0, false
	}
	if queue <= max(ref, overDelay.Seconds()) || !o.competing && queue <= long {
		o.since, o.competing = 0, false
		return false
	}
	const quarter = 250 * time.Millisecond
	if o.since == 0 {
		o.since, o.longest, o.quarter, o.share = now, 0, now, delivered
		o.least = [4]float64{math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)}
	}
	o.longest = max(o.longest, queue)
	if now-o.since < competeShare || delivered < 0.9*rate {
		o.share = min(o.share, delivered)
	}
	for ; now-o.quarter >= quarter; o.quarter += quarter {
		copy(o.least[1:], o.least[:3])
		o.least[0] = math.Inf(1)
	}
	o.least[0] = min(o.least[0], queue)
	least := min(o.least[0], o.least[1], o.least[2], o.least[3])
	if o.competing || now-o.since <= competeAfter+2*srtt || least <= max(o.longest/2, long+overDelay.Seconds()) {
		return false
	}
	o.competing, o.losses = true, 0
	return true
}

// known is what we got of the link when the queue became too long, in bit/s; 0 as long as that is not known.
func (o *competition) known(now time.Duration) float64 {
	if o.since == 0 || now-o.since < competeShare {
		return 0
	}
	return o.share
}

// compete takes a share as TCP does; more than that while there is too little for a picture.
func (c *delayControl) compete(now time.Duration, dt float64) {
	rtt := max(c.srtt, 20*time.Millisecond).Seconds()
	gain, cut := 1.0, competeCut
	if c.rate < competeLow {
		gain, cut = 3, math.Sqrt(competeCut)
	}
	c.rate += gain * senderMSS * 8 / rtt * dt / rtt
	if c.others.losses > 0 {
		c.others.losses = 0
		if now-c.lastCut > c.srtt {
			c.lastCut = now
			c.rate *= cut
		}
	}
}
