package media

import (
	"slices"
	"sync"
	"time"
)

// VideoStats describes received video.
type VideoStats struct {
	FPS           float64
	Width, Height int
	// Latency is the median from Due to the hand-over to the sinks, by the system clock; meaningful when both ends are on one machine.
	Latency time.Duration
	Dropped int // access units not shown
}

// videoMeter gathers VideoStats.
type videoMeter struct {
	mu            sync.Mutex
	since         time.Time
	shown         int
	dropped       int
	width, height int
	latency       []time.Duration
}

func (m *videoMeter) show(f VideoFrame, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown++
	m.width, m.height = f.Image.Rect.Dx(), f.Image.Rect.Dy()
	if len(m.latency) < latencySamples {
		m.latency = append(m.latency, now.Sub(f.Due))
	}
}

func (m *videoMeter) drop(n int) {
	if n == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropped += n
}

func (m *videoMeter) snapshot(now time.Time) VideoStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := VideoStats{Width: m.width, Height: m.height, Dropped: m.dropped}
	if took := now.Sub(m.since).Seconds(); took > 0 {
		s.FPS = float64(m.shown) / took
	}
	if n := len(m.latency); n > 0 {
		slices.Sort(m.latency)
		s.Latency = m.latency[n/2]
	}
	m.since, m.shown, m.dropped, m.latency = now, 0, 0, m.latency[:0]
	return s
}
