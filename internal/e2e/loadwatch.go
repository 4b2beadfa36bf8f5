package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// loadWatch notes second by second how busy this machine is, and when nothing ran on it for a while, as happens to virtual ones, so that
// a figure that was missed can be told from one that could not be met. One goroutine does; close ends it. A nil loadWatch knows nothing.
type loadWatch struct {
	stop, done chan struct{}

	mu      sync.Mutex
	seconds []busySecond
	stalls  []stall // oldest first, stallsKept at most
}

const (
	// watchEvery is how often it looks. What is longer by stallLeast is a stall: more than a frame of sound.
	watchEvery = 5 * time.Millisecond
	stallLeast = 25 * time.Millisecond
	stallsKept = 10_000
)

// stall is a time in which nothing ran.
type stall struct {
	end  time.Time
	long time.Duration
}

// busySecond is a second and what was used of the processors in it, s/s.
type busySecond struct {
	end  time.Time
	busy float64
}

func newLoadWatch() *loadWatch {
	w := &loadWatch{stop: make(chan struct{}), done: make(chan struct{})}
	go w.run()
	return w
}

func (w *loadWatch) run() {
	defer close(w.done)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	last, err := busyTime()
	began := time.Now()
	looked := began
	for {
		select {
		case <-tick.C:
		case <-w.stop:
			return
		}
		now := time.Now()
		w.gap(stall{now, now.Sub(looked) - watchEvery})
		looked = now
		if now.Sub(began) < time.Second {
			continue
		}
		used, failed := busyTime()
		if err == nil && failed == nil {
			w.note(busySecond{now, (used - last).Seconds() / now.Sub(began).Seconds()})
		}
		last, err, began = used, failed, now
	}
}

// note adds a second. Those of the longest check are few.
func (w *loadWatch) note(s busySecond) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seconds = append(w.seconds, s)
}

// gap notes a stall, if it is one.
func (w *loadWatch) gap(s stall) {
	if s.long < stallLeast {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.stalls) < stallsKept {
		w.stalls = append(w.stalls, s)
	}
}

// stoodStill is the longest stall that ends in a second, or so shortly before it that what it did to sound is told in it; 0: there is none.
func (w *loadWatch) stoodStill(end time.Time) (longest time.Duration) {
	for _, s := range w.stalls {
		if since := end.Sub(s.end); since >= 0 && since < 1200*time.Millisecond {
			longest = max(longest, s.long)
		}
	}
	return longest
}

func (w *loadWatch) close() {
	close(w.stop)
	<-w.done
}

// told is how busy the machine was in the second that ended then, for people to read behind something else; "" if that is not known.
func (w *loadWatch) told(end time.Time) string {
	if w == nil {
		return ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	nearest, distance := busySecond{}, time.Second
	for _, s := range w.seconds {
		if d := end.Sub(s.end).Abs(); d < distance {
			nearest, distance = s, d
		}
	}
	if nearest.end.IsZero() {
		return ""
	}
	still := ""
	if long := w.stoodStill(end); long > 0 {
		still = fmt.Sprintf(", it stood still for %d ms", long.Milliseconds())
	}
	return fmt.Sprintf(" [machine %.1f of %d%s]", nearest.busy, runtime.NumCPU(), still)
}
