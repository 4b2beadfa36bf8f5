package rtmfp

import (
	"math"
	"testing"
	"time"
)

// The window after one packet of acknowledgements, by RFC 7016 Figure 25.
func TestCongestionWindow(t *testing.T) {
	now := time.Now()
	long := now.Add(-time.Hour)
	for _, c := range []struct {
		name                       string
		window, ssthresh           int
		before, acked              int
		loss, naks                 bool
		forward, reverse, anywhere time.Time
		want                       int
	}{
		{"slow start doubles", 10000, 1 << 30, 10000, 1200, false, false, long, long, long, 11200},
		{"at most one segment for each packet", 10000, 1 << 30, 10000, 9000, false, false, long, long, long, 11460},
		{"a window that is not used does not grow", 10000, 1 << 30, 5000, 1200, false, false, long, long, long, 10000},
		{"nor with negative acknowledgements", 10000, 1 << 30, 10000, 1200, false, true, long, long, long, 10000},
		{"additive", 16000, 8000, 16000, 1000, false, false, long, long, long, 16048},
		{"scalable", 160000, 8000, 160000, 9600, false, false, long, long, long, 160096},
		{"time critical: a quarter of slow start", 10000, 1 << 30, 10000, 1200, false, false, now, long, now, 10300},
		{"time critical: half the addition", 16000, 8000, 16000, 1000, false, false, now, long, now, 16024},
		{"others' time critical: no slow start", 16000, 1 << 30, 16000, 1000, false, false, long, now, long, 16024},
		{"loss halves", 20000, 1 << 30, 20000, 0, true, false, long, long, long, 10000},
		{"not below the first window", 5000, 1 << 30, 5000, 0, true, false, long, long, long, initialWindow},
		{"loss of time critical data takes an eighth", 20000, 1 << 30, 20000, 0, true, false, now, long, now, 17500},
		{"loss of much takes an eighth", 80000, 1 << 30, 80000, 0, true, false, long, long, long, 70000},
		{"but half beside time critical data", 80000, 1 << 30, 80000, 0, true, false, long, now, long, 40000},
	} {
		cc := congestion{window: c.window, ssthresh: c.ssthresh, forward: c.forward, reverse: c.reverse}
		cc.before, cc.acked, cc.anyLoss, cc.anyNaks, cc.anyAcks = c.before, c.acked, c.loss, c.naks, true
		cc.endPacket(now, c.anywhere)
		if cc.window != c.want {
			t.Errorf("%s: window %d, want %d", c.name, cc.window, c.want)
		}
	}
	var cc congestion
	cc.init()
	cc.window = 80000
	cc.timedOut(true)
	if cc.window != timedOutWindow || cc.ssthresh != 60000 {
		t.Errorf("after a time-out: window %d, threshold %d", cc.window, cc.ssthresh)
	}
	cc.timedOut(true)
	if cc.ssthresh != 60000 {
		t.Errorf("after another: threshold %d", cc.ssthresh)
	}
}

// RFC 7016 §3.5.2.2.
func TestClockMeasures(t *testing.T) {
	var c clock
	c.init()
	c.measure(100 * time.Millisecond)
	if c.srtt != 100*time.Millisecond || c.rttvar != 50*time.Millisecond || c.erto != 500*time.Millisecond {
		t.Errorf("first: %v ± %v, ERTO %v", c.srtt, c.rttvar, c.erto)
	}
	c.measure(180 * time.Millisecond)
	if c.srtt != 110*time.Millisecond || c.rttvar != 57500*time.Microsecond {
		t.Errorf("second: %v ± %v", c.srtt, c.rttvar)
	}
	for range 50 {
		c.backOff(defaultKeepalive)
	}
	if c.erto != maxERTO {
		t.Errorf("ERTO %v after many time-outs", c.erto)
	}
}

// The clock's ticks may be longer than a path: its rate is known all the same.
func TestSendRateOfAWindow(t *testing.T) {
	for _, c := range []struct {
		name string
		rtts []time.Duration
		want float64
	}{
		{"before anything is measured", nil, startRate},
		{"100 ms", []time.Duration{100 * time.Millisecond}, initialWindow * 8 / 0.1},
		{"less than a tick", []time.Duration{0, 0}, initialWindow * 8 / 0.002},
	} {
		s := &Session{}
		s.cc.window = initialWindow
		for _, rtt := range c.rtts {
			s.clock.measure(rtt)
		}
		if got := s.sendRate(); math.Abs(got-c.want) > 1 {
			t.Errorf("%s: %.0f bit/s, not %.0f", c.name, got, c.want)
		}
	}
}

// The echo runs on while nothing comes, is sent once for each value, and ends after 128 s.
func TestTimestampEcho(t *testing.T) {
	var c clock
	c.init()
	epoch := time.Now()
	at := func(ms int) time.Time { return epoch.Add(time.Duration(ms) * time.Millisecond) }
	c.receive(header{flags: flagTimestamp, timestamp: 65535}, at(1000), epoch)
	if h := c.header(at(1000), epoch); !h.has(flagTimestampEcho) || h.timestampEcho != 65535 || h.timestamp != 250 {
		t.Errorf("at once: %+v", h)
	}
	if h := c.header(at(1003), epoch); h.has(flagTimestampEcho) {
		t.Errorf("the same echo twice: %+v", h)
	}
	if h := c.header(at(1008), epoch); h.timestampEcho != 1 {
		t.Errorf("after two ticks, across the wrap: %+v", h)
	}
	if h := c.header(at(130_000), epoch); h.has(flagTimestampEcho) {
		t.Errorf("after 129 s: %+v", h)
	}
}

// RFC 7016 §3.5.2.3; on short paths between our own ends a burst is counted in bytes.
func TestBurstLimit(t *testing.T) {
	now := time.Now()
	long := now.Add(-time.Hour)
	for _, c := range []struct {
		name         string
		control      *delayControl
		forward      time.Time
		packet, want int
	}{
		{"without feedback", nil, long, 1400, burstPackets},
		{"on a long path", &delayControl{}, long, 1400, burstPackets},
		{"on a short path", &delayControl{short: true}, long, 1400, shortPathBurst / 1400},
		{"beside time-critical data", &delayControl{short: true}, now, 1400, shortPathBurst / 4 / 1400},
		{"on a short path with huge packets", &delayControl{short: true}, long, 60 << 10, burstPackets},
	} {
		s := &Session{dc: c.control}
		s.path.limit, s.cc.forward = c.packet, c.forward
		if got := s.burstLimit(now); got != c.want {
			t.Errorf("%s: %d packets, want %d", c.name, got, c.want)
		}
		for s.cc.window = 1 << 20; s.maySendData(now, PriorityBulk) && s.cc.burst < 1000; s.cc.burst++ {
		}
		if s.cc.burst != c.want {
			t.Errorf("%s: %d packets at a time, want %d", c.name, s.cc.burst, c.want)
		}
	}
}
