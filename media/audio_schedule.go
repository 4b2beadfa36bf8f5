package media

import (
	"context"
	"sync"
	"time"
)

// schedule is a grid of frames in real time that does not drift: frame n ends n+1 frames after its start.
type schedule struct {
	start time.Time
	n     int64 // frames given out or skipped
	late  time.Duration
	timer *time.Timer
}

// newSchedule begins now. A caller who comes later than late skips frames.
func newSchedule(late time.Duration) *schedule {
	return &schedule{start: time.Now(), late: late}
}

// next waits until the next frame is due. It returns that moment, and how many frames were skipped before it.
func (s *schedule) next(ctx context.Context, closed <-chan struct{}) (due time.Time, skipped int64, err error) {
	due = s.due(s.n)
	now := time.Now()
	if behind := now.Sub(due); behind > s.late {
		skipped = int64(behind / FrameTime)
		s.n += skipped
		due = s.due(s.n)
	}
	if wait := due.Sub(now); wait > 0 {
		if s.timer == nil {
			s.timer = time.NewTimer(wait)
		} else {
			s.timer.Reset(wait)
		}
		select {
		case <-s.timer.C:
		case <-closed:
			s.timer.Stop()
			return due, skipped, ErrAudioClosed
		case <-ctx.Done():
			s.timer.Stop()
			return due, skipped, ctx.Err()
		}
	}
	select {
	case <-closed:
		return due, skipped, ErrAudioClosed
	default:
	}
	if err := ctx.Err(); err != nil {
		return due, skipped, err
	}
	s.n++
	return due, skipped, nil
}

func (s *schedule) due(n int64) time.Time {
	return s.start.Add(time.Duration(n+1) * FrameTime)
}

// closer is a channel that may be closed more than once.
type closer struct {
	once sync.Once
	c    chan struct{}
}

func newCloser() *closer { return &closer{c: make(chan struct{})} }

func (c *closer) close() { c.once.Do(func() { close(c.c) }) }
