package rtmfp

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

func runsOf(c feedback) (runs []feedbackRun) {
	c.eachRun(func(r feedbackRun) { runs = append(runs, r) })
	return runs
}

func TestFeedbackChunk(t *testing.T) {
	for _, c := range []struct {
		name string
		runs []feedbackRun
	}{
		{"one packet", []feedbackRun{{7, 1, 0, 0}}},
		{"a gap, a mark and a burst", []feedbackRun{{7, 1, 0, ecnCapable0}, {8, 1, 14, ecnCongested}, {10, 40, 15, ecnCapable0}, {50, 1, 16, 0}}},
		{"reordering", []feedbackRun{{1000, 1, 0, 0}, {990, 3, 1, 0}, {1001, 1, 3, 0}}},
		{"long silence", []feedbackRun{{1, 1, 0, 0}, {2, 1, 600, 0}, {3, 2, 700, 0}}},
		{"large numbers", []feedbackRun{{1 << 60, 1, 0, 0}, {1<<60 + 5, 2, 0, 0}}},
	} {
		b, n := appendFeedback(nil, 1000, c.runs, c.runs[len(c.runs)-1].at+123)
		typ, payload, rest, ok := nextChunk(b)
		if typ != chunkFeedback || !ok || len(rest) > 0 || n != len(c.runs) {
			t.Fatalf("%s: %x, %d runs", c.name, b, n)
		}
		got, err := parseFeedback(payload)
		if err != nil || got.held != 123*feedbackUnit || got.time != uint32(c.runs[0].at) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
		if runs := runsOf(got); !slices.Equal(runs, c.runs) {
			t.Errorf("%s: %v, want %v", c.name, runs, c.runs)
		}
	}
}

// What does not fit waits for the next report.
func TestFeedbackFits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var runs []feedbackRun
	for range maxFeedbackRuns {
		runs = append(runs, feedbackRun{rng.Uint64(), rng.Uint64N(1000) + 1, rng.Int64N(1000), 3})
	}
	slices.SortFunc(runs, func(a, b feedbackRun) int { return int(a.at - b.at) })
	for room := 0; room < 1200; room++ {
		b, n := appendFeedback(nil, room, runs, 0)
		if len(b) > room || n == 0 && room > 100 {
			t.Fatalf("%d bytes of %d, %d runs", len(b), room, n)
		}
		if n > 0 {
			_, payload, _, _ := nextChunk(b)
			c, _ := parseFeedback(payload)
			if got := runsOf(c); len(got) != n || got[n-1].first != runs[n-1].first {
				t.Fatalf("%d runs come back as %d", n, len(got))
			}
		}
	}
}

// FuzzFeedback: whatever a report says, it costs no more than the memory of what was sent, and each packet counts once.
func FuzzFeedback(f *testing.F) {
	b, _ := appendFeedback(nil, 1000, []feedbackRun{{3, 2, 5, 2}, {6, 1, 900, 3}, {5, 1, 901, 2}}, 950)
	f.Add(b[chunkHeaderSize:])
	all := wire.AppendVLU(nil, 1)
	all = append(all, 0, 0, 0, 0, 0, 0x04, 0xff, 0xff, 0xff, 0xff, 0x0f)
	f.Add(all)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseFeedback(b)
		if err != nil {
			return
		}
		last := int64(0)
		for _, r := range runsOf(c) {
			if r.n == 0 || r.at < last {
				t.Fatalf("run %+v after %d", r, last)
			}
			last = r.at
		}
		epoch := time.Now()
		s := &Session{e: &Endpoint{epoch: epoch}, keys: SessionKeys{Feedback: true}}
		s.dc = new(delayControl)
		s.dc.init()
		const packets = 100
		for seq := range uint64(packets) {
			s.sentLog.add(seq+1, time.Duration(seq)*time.Millisecond, 1000)
		}
		for range 3 {
			s.receiveFeedback(&c, epoch.Add(200*time.Millisecond))
		}
		if s.dc.flow.bytes > packets*1000 {
			t.Fatalf("%d bytes of %d", s.dc.flow.bytes, packets*1000)
		}
		if most := maxRate; !(s.dc.rate >= minRate && s.dc.rate <= most) {
			t.Fatalf("rate %v", s.dc.rate)
		}
	})
}

// The log grows with what is under way, up to a bound, and forgets the oldest.
func TestSentLog(t *testing.T) {
	var l sentLog
	for seq := range uint64(3 * maxSentLog) {
		l.add(seq, time.Duration(seq), 1)
	}
	if len(l.ring) != maxSentLog {
		t.Errorf("%d entries", len(l.ring))
	}
	if p := l.take(3*maxSentLog - 1); p == nil || p.at != 3*maxSentLog-1 {
		t.Error("the newest is missing")
	}
	if l.take(2*maxSentLog-1) != nil || l.take(1<<50) != nil {
		t.Error("found what is not there")
	}
	for _, c := range []struct {
		at   uint32
		want int64
	}{{1<<32 - 10, 1<<32 - 10}, {5, 1<<32 + 5}, {1<<32 - 1, 1<<32 - 1}} {
		if got := l.unwrap(c.at); got != c.want {
			t.Errorf("%d unwraps to %d, want %d", c.at, got, c.want)
		}
	}
}

// A far end that names what was never sent, or the same again, is not listened to until more has been sent.
func TestFeedbackNamesNoMoreThanWasSent(t *testing.T) {
	epoch := time.Now()
	s := &Session{e: &Endpoint{epoch: epoch}, keys: SessionKeys{Feedback: true}, dc: new(delayControl)}
	s.dc.init()
	next := uint64(1)
	send := func(n int) {
		for range n {
			s.sentLog.add(next, 0, 1000)
			next++
		}
	}
	report := func(first, n uint64) (counted uint64) {
		before := s.dc.flow.bytes
		b, _ := appendFeedback(nil, 1000, []feedbackRun{{first, n, 0, 0}}, 0)
		c, err := parseFeedback(b[chunkHeaderSize:])
		if err != nil {
			t.Fatal(err)
		}
		s.receiveFeedback(&c, epoch)
		return s.dc.flow.bytes - before
	}
	send(10)
	if got := report(1, 10); got != 10_000 {
		t.Errorf("%d bytes counted of the first packets", got)
	}
	report(1<<40, 1<<31)
	if got := report(1<<40, 1<<31); got != 0 || s.sentLog.named != 0 {
		t.Errorf("%d bytes, and %d numbers left, after reports of what was not sent", got, s.sentLog.named)
	}
	send(10)
	if got := report(1, 20); got != 10_000 {
		t.Errorf("%d bytes counted of later packets, named with old ones", got)
	}
}

// What grows keeps all that is remembered.
func TestSentLogKeepsWhenItGrows(t *testing.T) {
	var l sentLog
	const first, last = 2 * minSentLog, 3 * minSentLog // those between were of packets without data
	l.add(first, 0, 1)
	l.add(last, 0, 1)
	if l.take(first) == nil || l.take(last) == nil {
		t.Errorf("forgotten among %d entries", len(l.ring))
	}
}

// A report that leaves no room for data goes alone, and is no packet with data: nobody would report its arrival.
func TestFeedbackWithoutRoomForData(t *testing.T) {
	s, end := loneSession(t)
	defer end()
	f, err := s.OpenFlow(nil, FlowOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.e.mu.Lock()
	for i := range uint64(maxFeedbackRuns) {
		s.feedback.runs = append(s.feedback.runs, feedbackRun{first: i << 20, n: 1, at: int64(i) << 10})
	}
	s.feedback.due = true
	r := &Receipt{flow: f, data: make([]byte, 1000), pending: 1000}
	f.enqueue(r)
	f.activate()
	s.flush(time.Now())
	marks := []byte{}
	for _, p := range s.e.out.packets {
		marks = append(marks, p.ecn)
	}
	s.e.mu.Unlock()
	if len(marks) < 2 || marks[0] != ecnNotCapable || marks[len(marks)-1] == ecnNotCapable {
		t.Errorf("packets are marked %v", marks)
	}
}
