package media

import (
	"image"
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/media/h264"
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

func (m *videoMeter) show(size image.Point, due, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown++
	m.width, m.height = size.X, size.Y
	if len(m.latency) < latencySamples {
		m.latency = append(m.latency, now.Sub(due))
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

// VideoSent describes video as it was handed out for sending.
type VideoSent struct {
	Sizes [Sizes]SizeSent // by Size
}

// SizeSent is the same of one size; zero: it was not encoded.
type SizeSent struct {
	Width, Height int
	FPS           float64
	// Bitrates are those of each temporal layer, bit/s: a receiver that takes layers 0 and 1 gets the first two.
	Bitrates [TopLayer + 1]float64
}

// sentMeter gathers SizeSent.
type sentMeter struct {
	mu    sync.Mutex
	since time.Time
	shape image.Point
	count int
	bits  [TopLayer + 1]int
}

func (m *sentMeter) add(u h264.Unit, shape image.Point) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shape = shape
	m.count++
	m.bits[u.Layer] += 8 * len(u.Data)
}

func (m *sentMeter) snapshot(now time.Time) SizeSent {
	m.mu.Lock()
	defer m.mu.Unlock()
	var s SizeSent
	if took := now.Sub(m.since).Seconds(); took > 0 && m.count > 0 {
		s = SizeSent{Width: m.shape.X, Height: m.shape.Y, FPS: float64(m.count) / took}
		for i, b := range m.bits {
			s.Bitrates[i] = float64(b) / took
		}
	}
	m.since, m.count, m.bits = now, 0, [TopLayer + 1]int{}
	return s
}
