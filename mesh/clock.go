package mesh

import "time"

// mediaClock maps between times and the 32-bit millisecond timestamps of media messages, which wrap
// around every 49.7 days.
type mediaClock struct{ epoch time.Time }

// stamp is the timestamp of due.
func (c mediaClock) stamp(due time.Time) uint32 {
	return uint32(due.UnixMilli() - c.epoch.UnixMilli()) // truncation is the wrap-around
}

// due is the time that stamp means, of all that it may mean the one nearest to now.
func (c mediaClock) due(stamp uint32, now time.Time) time.Time {
	const turn = 1 << 32
	at := now.UnixMilli() - c.epoch.UnixMilli() // not Sub: a far end may name an epoch of any age
	t := at - at&(turn-1) + int64(stamp)        // in now's turn of the counter
	if t-at > turn/2 {
		t -= turn
	} else if at-t > turn/2 {
		t += turn
	}
	return time.UnixMilli(c.epoch.UnixMilli() + t)
}
