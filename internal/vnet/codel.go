package vnet

import (
	"math"
	"time"
)

// codel decides which packets are marked as RFC 8289 §5 does which are dropped.
type codel struct {
	aboveUntil time.Time // since an interval before this the queue has been too long; zero: it is not
	marking    bool
	count      int       // marks since marking began
	next       time.Time // the next mark
}

// recently is for how many intervals after its end marking goes on as often as it did.
const recently = 16

// mark takes note of a packet that leaves and reports whether to mark it.
func (c *codel) mark(now time.Time, above bool, interval time.Duration) bool {
	switch {
	case !above:
		c.aboveUntil, c.marking = time.Time{}, false
		return false
	case c.aboveUntil.IsZero():
		c.aboveUntil = now.Add(interval)
		return false
	case now.Before(c.aboveUntil):
		return false
	case !c.marking:
		c.marking = true
		if c.count > 2 && now.Sub(c.next) < recently*interval {
			c.count -= 2
		} else {
			c.count = 1
		}
		c.next = now
	case now.Before(c.next):
		return false
	default:
		c.count++
	}
	c.next = c.next.Add(time.Duration(float64(interval) / math.Sqrt(float64(c.count))))
	return true
}
