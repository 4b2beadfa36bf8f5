package rmcat

import "time"

// Scenario is one test case.
type Scenario struct {
	Name     string // short, for flags and file names
	Title    string
	Section  string // where it is defined
	Duration time.Duration
	Forward  Path // from callers to callees
	Backward Path
	Calls    []Call
	TCP      []TCP
	Constant []Constant
	Marks    []Mark
}

// Path is one direction of the way that all flows of a case share. The latency is each flow's own.
type Path struct {
	Capacity   []Capacity    // in order of time, the first at 0; nil: no bottleneck in this direction
	Queue      time.Duration // tail drop: so much waits at the bottleneck, in time at the present capacity
	QueueBytes int           // likewise in bytes
	MarkAbove  time.Duration // ECN-capable packets are marked when the queue is longer, 0: none is
	MarkAfter  time.Duration // only when it has been for so long, and then more and more of them (CoDel, RFC 8289)
	Jitter     time.Duration // bound of the delay variation behind the bottleneck (RFC 8868 §4.5), packets staying in order
	Loss       float64       // share of packets lost at random behind the bottleneck
}

// Capacity is what a path carries from a moment on.
type Capacity struct {
	At   time.Duration
	Rate float64 // bit/s, with IP and UDP headers
}

// Call is a session between two hosts of its own, and what is sent in it.
type Call struct {
	Name              string
	Start, End        time.Duration // End 0: the end of the case
	Latency           time.Duration // one way, each way
	Forward, Backward Load
}

// Load is what one end of a call sends.
type Load struct {
	Media    bool // picture and sound, the picture's rate following the congestion control
	Bulk     bool // as much as it can
	Messages bool // 200 bytes, 100 times a second, time critical
	Paused   []Interval
}

// Interval is a part of a case.
type Interval struct{ From, To time.Duration }

// TCP is a competing TCP connection, or a succession of short ones.
type TCP struct {
	Start, End time.Duration // End 0: the end of the case
	Latency    time.Duration
	Backward   bool
	// Short downloads of 100 KB to 1 MB follow one another with pauses of 10 s in the mean (RFC 8868 §5.1).
	// Without, the connection always has something to send.
	Short bool
	Idle  bool // a short one begins with a pause
}

// Constant is a sender that knows no congestion control.
type Constant struct {
	Start, End time.Duration // End 0: the end of the case
	Latency    time.Duration
	Backward   bool
	Rate       float64 // bit/s, with IP and UDP headers
}

// Rates of the media (RFC 8867 §4.3).
const (
	minVideoRate = 150e3  // bit/s
	maxVideoRate = 1500e3 // bit/s
	audioRate    = 20e3   // bit/s
)

// rateAt is the capacity at a moment; ok is false without a bottleneck.
func (p Path) rateAt(at time.Duration) (rate float64, ok bool) {
	for _, c := range p.Capacity {
		if c.At <= at {
			rate, ok = c.Rate, true
		}
	}
	return rate, ok
}

func (l Load) any() bool { return l.Media || l.Bulk || l.Messages }

// most is what the load can make of a capacity, in bit/s.
func (l Load) most(capacity float64) (rate float64) {
	if l.Bulk {
		return capacity
	}
	if l.Media {
		rate += maxVideoRate + audioRate
	}
	if l.Messages {
		rate += messageSize * 8 * float64(time.Second/messageInterval)
	}
	return rate
}

// pausedAt reports whether the sender is silent then.
func (l Load) pausedAt(at time.Duration) bool {
	for _, p := range l.Paused {
		if at >= p.From && at < p.To {
			return true
		}
	}
	return false
}

// until is an end, or that of the case if there is none.
func (s Scenario) until(end time.Duration) time.Duration {
	if end == 0 {
		return s.Duration
	}
	return end
}

// For is the scenario cut to a duration.
func (s Scenario) For(d time.Duration) Scenario {
	s.Duration = min(s.Duration, d)
	return s
}
