package rtmfp

import (
	"container/heap"
	"time"
)

// alarm is one timer of many on the run loop's single time.Timer. Setting it later is free: it
// stays in the heap where it is and is moved when it comes up. Guarded by Endpoint.mu.
type alarm struct {
	fire  func(now time.Time)
	due   time.Time // zero: unset
	at    time.Time // its place in the heap, never after due
	index int       // in the heap, plus one; 0: not in it
}

func (a *alarm) isSet() bool { return !a.due.IsZero() }
func (a *alarm) clear()      { a.due = time.Time{} }

// alarmHeap is a heap of alarms by place.
type alarmHeap []*alarm

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i+1, j+1
}

// Push implements heap.Interface.
func (h *alarmHeap) Push(x any) {
	a := x.(*alarm)
	*h = append(*h, a)
	a.index = len(*h)
}

// Pop implements heap.Interface.
func (h *alarmHeap) Pop() any {
	old := *h
	a := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	a.index = 0
	return a
}

// set makes the alarm due at t.
func (h *alarmHeap) set(a *alarm, t time.Time) {
	a.due = t
	switch {
	case a.index == 0:
		a.at = t
		heap.Push(h, a)
	case t.Before(a.at):
		a.at = t
		heap.Fix(h, a.index-1)
	}
}

// setIfEarlier makes the alarm due at t unless it is due before.
func (h *alarmHeap) setIfEarlier(a *alarm, t time.Time) {
	if !a.isSet() || t.Before(a.due) {
		h.set(a, t)
	}
}

// drop takes the alarm out of the heap, so that its owner can be forgotten.
func (h *alarmHeap) drop(a *alarm) {
	a.clear()
	if a.index != 0 {
		heap.Remove(h, a.index-1)
	}
}

// run fires what is due.
func (h *alarmHeap) run(now time.Time) {
	for len(*h) > 0 && !(*h)[0].at.After(now) {
		a := (*h)[0]
		switch {
		case !a.isSet():
			heap.Pop(h)
		case a.due.After(now):
			a.at = a.due
			heap.Fix(h, 0)
		default:
			heap.Pop(h)
			a.clear()
			a.fire(now)
		}
	}
}

// next is when run has something to do; false if never.
func (h *alarmHeap) next() (time.Time, bool) {
	if len(*h) == 0 {
		return time.Time{}, false
	}
	return (*h)[0].at, true
}
