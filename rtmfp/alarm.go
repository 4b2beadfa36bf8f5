package rtmfp

import (
	"math"
	"math/bits"
	"time"
)

// alarm is one timer of many on the run loop's single time.Timer. Setting it later is free: it
// stays in the wheel where it is and is moved when it comes up. Guarded by Endpoint.mu.
type alarm struct {
	fire       func(now time.Time)
	due        int64 // nanoseconds on the wheel's clock; 0: unset
	at         int64 // its place in the wheel, never after due
	next, prev *alarm
	in         *alarmSlot // nil: not in the wheel
}

func (a *alarm) isSet() bool { return a.due != 0 }
func (a *alarm) clear()      { a.due = 0 }

// The wheel's levels. A turn of the first is 0.27 s, of those above it 17 s, 18 min and 20 h; what is later waits in the
// last slot.
const (
	tickBits    = 20 // a slot of the first level is 2^20 ns, 1.05 ms
	firstBits   = 8
	upperBits   = 6
	upperLevels = 3
)

// alarmWheel is a hierarchical timing wheel: setting, dropping and firing an alarm take the same time however many there
// are. Slots say only where to look; alarms fire at their very time, not at a slot's.
//
//	first level   |·|·|·|a|·|b|…|      256 slots of a tick
//	above it      |··|··|c·|··|…|      64 slots, each a whole turn of the level below
//
// When the time comes to an upper slot its alarms are dealt out to the levels below.
type alarmWheel struct {
	origin time.Time
	tick   int64 // all before it is done
	soon   int64 // no alarm is before; MaxInt64: there is none
	first  alarmLevel
	upper  [upperLevels]alarmLevel
	coming alarmSlot // taken from a slot, and being looked at
}

// alarmLevel is a level. A bit is set when its slot may hold alarms.
type alarmLevel struct {
	slots []alarmSlot
	used  [4]uint64
}

// alarmSlot is a list of alarms.
type alarmSlot struct {
	head *alarm
	min  int64 // no alarm of it is before
}

func (w *alarmWheel) init(now time.Time) {
	w.origin, w.soon = now, math.MaxInt64
	w.first.slots = make([]alarmSlot, 1<<firstBits)
	for i := range w.upper {
		w.upper[i].slots = make([]alarmSlot, 1<<upperBits)
	}
}

// clock is a time on the wheel's clock, and never 0. What is centuries off is later than all else.
func (w *alarmWheel) clock(t time.Time) int64 {
	return min(max(int64(t.Sub(w.origin)), 0), math.MaxInt64-2) + 1
}

// set makes the alarm due at t.
func (w *alarmWheel) set(a *alarm, t time.Time) {
	a.due = w.clock(t)
	if a.in != nil {
		if a.due >= a.at {
			return
		}
		a.unlink()
	}
	w.place(a)
}

// setIfEarlier makes the alarm due at t unless it is due before.
func (w *alarmWheel) setIfEarlier(a *alarm, t time.Time) {
	if !a.isSet() || w.clock(t) < a.due {
		w.set(a, t)
	}
}

// drop takes the alarm out of the wheel, so that its owner can be forgotten.
func (w *alarmWheel) drop(a *alarm) {
	a.clear()
	if a.in != nil {
		a.unlink()
	}
}

// place puts an alarm that is set where it belongs.
func (w *alarmWheel) place(a *alarm) {
	a.at = a.due
	w.soon = min(w.soon, a.at)
	tick := max(a.due>>tickBits, w.tick)
	if tick-w.tick < 1<<firstBits {
		w.first.add(int(tick&(1<<firstBits-1)), a)
		return
	}
	for i := range w.upper {
		shift := firstBits + i*upperBits
		if tick-w.tick < 1<<(shift+upperBits) || i == upperLevels-1 {
			// Later than the last level holds: the slot that comes up last.
			tick = min(tick, w.tick+1<<(shift+upperBits)-1)
			w.upper[i].add(int(tick>>shift&(1<<upperBits-1)), a)
			return
		}
	}
}

func (l *alarmLevel) add(slot int, a *alarm) {
	l.used[slot/64] |= 1 << (slot % 64)
	l.slots[slot].add(a)
}

func (s *alarmSlot) add(a *alarm) {
	if s.head == nil || a.at < s.min {
		s.min = a.at
	}
	a.in, a.next, a.prev = s, s.head, nil
	if s.head != nil {
		s.head.prev = a
	}
	s.head = a
}

func (a *alarm) unlink() {
	if a.prev != nil {
		a.prev.next = a.next
	} else {
		a.in.head = a.next
	}
	if a.next != nil {
		a.next.prev = a.prev
	}
	a.in, a.next, a.prev = nil, nil, nil
}

// from is how many slots on from one of them, going round, the next one with alarms is; -1 if there is none.
func (l *alarmLevel) from(slot int) int {
	n := len(l.slots) // a power of two
	for d := 0; d < n; {
		i := (slot + d) & (n - 1)
		word := l.used[i/64] >> (i % 64)
		if word == 0 {
			d += 64 - i%64
			continue
		}
		d += bits.TrailingZeros64(word)
		if d >= n {
			break
		}
		i = (slot + d) & (n - 1)
		if l.slots[i].head != nil {
			return d
		}
		l.used[i/64] &^= 1 << (i % 64)
		d++
	}
	return -1
}

// nextTick is the first tick, the present one included, that has something to do: alarms of the first level, or a slot
// above it to be dealt out. No alarm is before first. Both are MaxInt64 if there is none.
func (w *alarmWheel) nextTick() (tick, first int64) {
	tick, first = math.MaxInt64, math.MaxInt64
	if d := w.first.from(int(w.tick & (1<<firstBits - 1))); d >= 0 {
		tick = w.tick + int64(d)
		first = w.first.slots[tick&(1<<firstBits-1)].min
	}
	for i := range w.upper {
		shift := firstBits + i*upperBits
		// The present slot has been dealt out: what is in it now is for the next turn.
		present := w.tick >> shift
		if d := w.upper[i].from(int((present + 1) & (1<<upperBits - 1))); d >= 0 {
			slot := present + 1 + int64(d)
			tick = min(tick, slot<<shift)
			first = min(first, w.upper[i].slots[slot&(1<<upperBits-1)].min)
		}
	}
	return tick, first
}

// run fires what is due.
func (w *alarmWheel) run(now time.Time) {
	clock := w.clock(now)
	for clock >= w.soon {
		tick, first := w.nextTick()
		if w.soon = first; tick > clock>>tickBits {
			w.tick = max(w.tick, clock>>tickBits)
			return
		}
		w.tick = max(w.tick, tick)
		for i := len(w.upper) - 1; i >= 0; i-- {
			shift := firstBits + i*upperBits
			if tick&(1<<shift-1) == 0 {
				w.take(&w.upper[i].slots[tick>>shift&(1<<upperBits-1)], clock, now)
			}
		}
		w.take(&w.first.slots[tick&(1<<firstBits-1)], clock, now)
		_, w.soon = w.nextTick()
	}
}

// take goes through a slot: what is due fires, what is not finds its new place.
func (w *alarmWheel) take(s *alarmSlot, clock int64, now time.Time) {
	for a := s.head; a != nil; a = a.next {
		a.in = &w.coming
	}
	w.coming.head, s.head = s.head, nil
	for w.coming.head != nil {
		a := w.coming.head
		a.unlink()
		switch {
		case !a.isSet():
		case a.due > clock:
			w.place(a)
		default:
			a.clear()
			a.fire(now)
		}
	}
}

// next is when run has something to do; false if never.
func (w *alarmWheel) next() (time.Time, bool) {
	if w.soon == math.MaxInt64 {
		return time.Time{}, false
	}
	return w.origin.Add(time.Duration(w.soon - 1)), true
}
