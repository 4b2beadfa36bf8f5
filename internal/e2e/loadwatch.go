package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// loadWatch notes second by second how busy this machine is, so that a figure that was missed can be told from one that could not be
// met. One goroutine does; close ends it. A nil loadWatch knows nothing.
type loadWatch struct {
	stop, done chan struct{}

	mu      sync.Mutex
	seconds []busySecond
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
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, err := busyTime()
	began := time.Now()
	for {
		select {
		case <-tick.C:
		case <-w.stop:
			return
		}
		used, failed := busyTime()
		now := time.Now()
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
	return fmt.Sprintf(" [machine %.1f of %d]", nearest.busy, runtime.NumCPU())
}
