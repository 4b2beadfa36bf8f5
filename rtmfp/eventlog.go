package rtmfp

import (
	"encoding/json"
	"io"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/internal/source"
)

// eventLog writes an endpoint's events. All methods are no-ops on nil, which is how it is off: a hook
// costs a comparison then. Hooks run with the endpoint's mu held and never wait: an event is queued or counted as dropped.
//
// It owns one goroutine, which encodes and writes; close ends it.
type eventLog struct {
	w       io.Writer
	queue   chan Event
	dropped atomic.Uint64
	quit    chan struct{}
	done    chan struct{}

	// guarded by the endpoint's mu
	strangers source.Bucket
	limits    map[string]*limitCount // by the constant's name, so there are few
}

// limitCount coalesces the events of one limit.
type limitCount struct {
	said  time.Time
	since uint64
}

// newEventLog is nil if w is.
func newEventLog(w io.Writer) *eventLog {
	if w == nil {
		return nil
	}
	l := &eventLog{
		w:      w,
		queue:  make(chan Event, eventQueue),
		quit:   make(chan struct{}),
		done:   make(chan struct{}),
		limits: make(map[string]*limitCount),
	}
	go l.run()
	return l
}

// run is the goroutine.
func (l *eventLog) run() {
	defer close(l.done)
	encoder := json.NewEncoder(l.w) // one Write a line
	encoder.SetEscapeHTML(false)
	write := func(ev Event) {
		if n := l.dropped.Swap(0); n > 0 {
			_ = encoder.Encode(Event{Time: ev.Time, Kind: EventDropped, Count: n})
		}
		_ = encoder.Encode(ev) // a log that cannot be written is nobody's to report
	}
	for {
		select {
		case ev := <-l.queue:
			write(ev)
			continue
		default:
		}
		select {
		case ev := <-l.queue:
			write(ev)
		case <-l.quit:
			for len(l.queue) > 0 { // nobody puts anything in any more
				write(<-l.queue)
			}
			return
		}
	}
}

// close writes what is queued and ends the goroutine. The endpoint must have ended.
func (l *eventLog) close() {
	if l == nil {
		return
	}
	close(l.quit)
	<-l.done
}

// put queues an event of now, or counts it.
func (l *eventLog) put(ev Event, now time.Time) {
	ev.Time = now.UTC().Truncate(time.Microsecond)
	select {
	case l.queue <- ev:
	default:
		l.dropped.Add(1)
	}
}

// stranger queues an event that anybody can cause, if not too many came lately.
func (l *eventLog) stranger(ev Event, now time.Time) {
	if l.strangers.Take(1, strangerEventRate, strangerEventBurst, now) != 0 {
		l.dropped.Add(1)
		return
	}
	l.put(ev, now)
}

// limit notes that a limit of params.go was met: at once for the first time, then with a count at most once a second.
// ev says where.
func (l *eventLog) limit(name string, ev Event, now time.Time) {
	if l == nil {
		return
	}
	c := l.limits[name]
	if c == nil {
		c = &limitCount{}
		l.limits[name] = c
	}
	c.since++
	if now.Sub(c.said) < eventInterval {
		return
	}
	ev.Kind, ev.Limit, ev.Count = EventLimit, name, c.since
	c.said, c.since = now, 0
	l.put(ev, now)
}
