package rtmfp

import "time"

// usedRate is the rate at which packets with data are sent, whether they arrive or not.
type usedRate struct {
	bytes int           // sent in this window
	began time.Duration // when it began
	last  [2]float64    // of the last two windows, bit/s
}

// rate is the higher one of the last two windows, in bit/s: what waits in a queue now was sent in one of them.
func (u *usedRate) rate(now time.Duration) float64 {
	if span := now - u.began; span >= usedWindow {
		u.last = [2]float64{float64(u.bytes) * 8 / span.Seconds(), u.last[0]}
		u.bytes, u.began = 0, now
	}
	return max(u.last[0], u.last[1])
}
