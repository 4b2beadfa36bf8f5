package media

import "time"

// rise notices that packets come later and later before any is missing, so that what is still there can be lengthened. The estimate of the
// delay is slower by far: it is of ten seconds.
//
//	delay of packets                 ╱▔▔▔▔▔▔╲
//	learned ┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈╱┈┈┈┈┈┈┈┈╲┈┈┈┈┈┈  99 % lie below
//	▁▂▁▁▂▁▁▂▁▁▁▂▁▁▂▁▁▁▂▁▁▂▁▁▁▁▂▁▁▂╱            ╲▁▁▁▂▁
//	                              ^^ two in a row, and little time left: a rise
//
// One late packet is none: most are the only one. What a path has done often before is none, either. Of packets of several frames one is enough, since
// the second would come too late, unless it is later by so much that it was held up: a queue does not grow so fast.
type rise struct {
	last, before time.Duration // delay beyond the fastest of the newest packet that did not come in a heap, and of the one before
	need         time.Duration // the delay that is asked for; 0: none
	until        time.Time     // so long
	stall        time.Time     // when sound last ran dry and then went on where it had ended
}

// came takes the delay of a packet that is the newest of its stream, and the first of its heap.
func (r *rise) came(delay time.Duration) { r.before, r.last = r.last, delay }

// expected is the delay that the next packet will have, if two in a row are later than what was learned; else 0. The next one counts as the second once
// it is overdue by more than that. packet is how much sound one has.
func (r *rise) expected(overdue, learned, packet time.Duration) (delay time.Duration) {
	if r.last <= learned {
		return 0
	}
	if r.before > learned || packet > FrameTime && r.last-r.before <= packet*7/10 {
		delay = r.last + min(max(r.last-r.before, 0), FrameTime)
	}
	if overdue > learned {
		delay = max(delay, overdue+jitterMargin)
	}
	return delay
}

// ask notes that a delay is needed for a time.
func (r *rise) ask(delay time.Duration, now time.Time, held time.Duration) {
	if until := now.Add(held); delay >= r.need {
		r.need = min(delay, jitterMost)
		if until.After(r.until) {
			r.until = until
		}
	}
}

// stalled takes that sound was made up because nothing came, until a packet came with such a delay. Where that has happened shortly before, as
// on radio that is shared, it will again.
func (r *rise) stalled(delay time.Duration, now time.Time) {
	if now.Sub(r.stall) < stallRecurs {
		r.ask(delay+jitterMargin, now, stallHeld)
	}
	r.stall = now
}

// needed is the delay that is asked for now.
func (r *rise) needed(now time.Time) time.Duration {
	if r.need > 0 && now.After(r.until) {
		r.need = 0
	}
	return r.need
}

// watch looks, when the packet at the floor is to be played, whether those behind it come later and later and will hardly be in time.
func (b *jitterBuffer) watch(now time.Time) (rising bool) {
	lag, learned := b.lag(b.floor, now), b.usual(now)-jitterMargin
	overdue := now.Sub(b.newDue) - FrameTime - b.delays.base
	expected := b.rise.expected(overdue, learned, b.packet)
	if expected == 0 || lag-expected >= riseMargin {
		return false
	}
	b.rise.ask(expected+riseMargin, now, riseHeld)
	return true
}
