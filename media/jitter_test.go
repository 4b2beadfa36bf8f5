package media

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// listener plays a jitter buffer without sound: each 20 ms it takes what it needs. A packet's data is its number.
type listener struct {
	jitterBuffer
	left   int // samples
	heard  []byte
	made   int
	silent int
	now    time.Time
}

func newListener(start time.Time) *listener {
	l := &listener{now: start}
	l.delays.reset()
	return l
}

// pull is one frame of the player; stretching always succeeds, as in silence.
func (l *listener) pull() {
	for l.left < FrameSamples {
		f := l.take(l.now, samplesTime(l.left))
		switch f.verdict {
		case hearNothing, hearSilence:
			l.silent++
			l.left = FrameSamples
		case hearMadeUp:
			l.made++
			l.left += FrameSamples
		case hearPacket:
			l.heard = append(l.heard, f.data[0])
			by := 0
			switch {
			case f.stretch > 0:
				by = lengthenMost
			case f.stretch < 0:
				by = -shortenMost
			}
			l.left += FrameSamples + by
			l.stretched(samplesTime(by))
		}
	}
	l.left -= FrameSamples
	l.now = l.now.Add(FrameTime)
}

func packet(n int) []byte { return []byte{byte(n), 0} }

// numbers are those from a to b.
func numbers(a, b int) []byte {
	var out []byte
	for n := a; n <= b; n++ {
		out = append(out, byte(n))
	}
	return out
}

func TestTheJitterBufferPlaysInOrder(t *testing.T) {
	const ms = time.Millisecond
	type arrival struct {
		number int
		at     time.Duration // after due
	}
	regular := func(n int) []arrival {
		var all []arrival
		for i := range n {
			all = append(all, arrival{i, 5 * ms})
		}
		return all
	}
	for _, c := range []struct {
		name     string
		arrivals []arrival
		heard    []byte
		made     int
		late     int
		repeated int
	}{
		{"a clean stream", regular(30), numbers(0, 29), 0, 0, 0},
		{"two change places", append(regular(30)[:10], append([]arrival{{11, 5 * ms}, {10, 30 * ms}}, regular(30)[12:]...)...), numbers(0, 29), 0, 0, 0},
		{"one is lost", slices.Delete(regular(30), 10, 11), append(numbers(0, 9), numbers(11, 29)...), 1, 0, 0},
		{"three are lost", slices.Delete(regular(30), 10, 13), append(numbers(0, 9), numbers(13, 29)...), 3, 0, 0},
		{"one comes much too late", append(slices.Delete(regular(30), 10, 11), arrival{10, 190 * ms}), append(numbers(0, 9), numbers(11, 29)...), 1, 1, 0},
		{"each comes twice", append(regular(30), regular(30)...), numbers(0, 29), 0, 0, 30},
		{"each comes again with the next", func() []arrival {
			all := regular(30)
			for i := range 30 {
				all = append(all, arrival{i, 25 * ms})
			}
			return all
		}(), numbers(0, 29), 0, 0, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			l := newListener(start.Add(3 * ms))
			due := func(n int) time.Time { return start.Add(time.Duration(n) * FrameTime) }
			slices.SortStableFunc(c.arrivals, func(a, b arrival) int { return due(a.number).Add(a.at).Compare(due(b.number).Add(b.at)) })
			for range 33 {
				for len(c.arrivals) > 0 && !due(c.arrivals[0].number).Add(c.arrivals[0].at).After(l.now) {
					a := c.arrivals[0]
					l.push(due(a.number), packet(a.number), due(a.number).Add(a.at))
					c.arrivals = c.arrivals[1:]
				}
				l.pull()
			}
			if !slices.Equal(l.heard, c.heard) {
				t.Errorf("heard %v, want %v", l.heard, c.heard)
			}
			if made := l.made; c.made != min(made, c.made) || made > c.made+2 { // the end of the stream looks like loss, too
				t.Errorf("%d frames were made up, want %d", made, c.made)
			}
			if l.late != c.late || l.duplicate != c.repeated {
				t.Errorf("%d late, want %d; %d repeated, want %d", l.late, c.late, l.duplicate, c.repeated)
			}
		})
	}
}

// stream runs packets through a listener for a time; arrive gives each packet's delay (negative: lost), step how far
// the sender's clock goes in 20 ms.
func stream(l *listener, length, step time.Duration, arrive func(n int) time.Duration, each func()) {
	type flying struct {
		due, at time.Time
		n       int
	}
	var air []flying
	start, sent := l.now, 0
	for l.now.Sub(start) < length {
		for {
			at := start.Add(time.Duration(sent) * step)
			if at.After(l.now) {
				break
			}
			if d := arrive(sent); d >= 0 {
				air = append(air, flying{start.Add(time.Duration(sent) * step).Round(time.Millisecond), at.Add(d), sent})
			}
			sent++
		}
		slices.SortStableFunc(air, func(a, b flying) int { return a.at.Compare(b.at) })
		for len(air) > 0 && !air[0].at.After(l.now) {
			l.push(air[0].due, packet(air[0].n), air[0].at)
			air = air[1:]
		}
		l.pull()
		if each != nil {
			each()
		}
	}
}

func TestAMutedSenderStartsAgainWithTheSameDelay(t *testing.T) {
	l := newListener(time.Now())
	stream(l, 20*time.Second, FrameTime, func(n int) time.Duration {
		if n > 200 && n < 600 {
			return -1
		}
		return 5 * time.Millisecond
	}, nil)
	if l.delay > 70*time.Millisecond {
		t.Errorf("delay %v after a pause of 8 s", l.delay)
	}
	if l.made > concealFrames {
		t.Errorf("%d frames were made up in the pause, want %d at most", l.made, concealFrames)
	}
	if len(l.heard) < 590 {
		t.Errorf("%d of 600 packets were heard", len(l.heard))
	}
}

func TestDelayFollowsJitterUpAndDown(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	l := newListener(time.Now())
	var calm, rough, calmAgain time.Duration
	n := 0
	stream(l, 60*time.Second, FrameTime, func(n int) time.Duration {
		if n > 1000 && n < 2000 {
			return time.Duration(r.IntN(150)) * time.Millisecond
		}
		return 2 * time.Millisecond
	}, func() {
		n++
		switch n {
		case 990:
			calm = l.delay
		case 1990:
			rough = l.delay
		case 2990:
			calmAgain = l.delay
		}
	})
	if calm > 60*time.Millisecond {
		t.Errorf("delay %v on a calm path", calm)
	}
	if rough < 120*time.Millisecond || rough > 220*time.Millisecond {
		t.Errorf("delay %v at a jitter of 150 ms", rough)
	}
	if calmAgain > 70*time.Millisecond {
		t.Errorf("delay %v after the path has calmed down", calmAgain)
	}
	if share := float64(l.made) / float64(n); share > 0.03 {
		t.Errorf("%.3f of all frames were made up", share)
	}
}

func TestClocksThatDriftNeitherStarveNorPileUp(t *testing.T) {
	for _, ppm := range []int{-500, 500} {
		l := newListener(time.Now())
		step := FrameTime + FrameTime*time.Duration(ppm)/1_000_000
		most, frames := time.Duration(0), 0
		stream(l, 3*time.Minute, step, func(int) time.Duration { return 5 * time.Millisecond }, func() {
			frames++
			most = max(most, l.delay)
		})
		if most > 100*time.Millisecond {
			t.Errorf("%d ppm: delay grew to %v", ppm, most)
		}
		if l.made > frames/500 {
			t.Errorf("%d ppm: %d of %d frames were made up", ppm, l.made, frames)
		}
		if l.dropped > 0 {
			t.Errorf("%d ppm: %d packets were dropped", ppm, l.dropped)
		}
	}
}

func TestAClockThatIsSetDoesNotSilenceTheStream(t *testing.T) {
	for _, by := range []time.Duration{-time.Hour, -3 * time.Second, 3 * time.Second, 24 * time.Hour} {
		start := time.Now()
		l := newListener(start)
		for n := range 400 {
			due := l.now
			if n >= 200 {
				due = due.Add(by)
			}
			l.push(due, packet(n), l.now)
			l.pull()
		}
		if got := len(l.heard); got < 380 {
			t.Errorf("clock set by %v: %d of 400 packets were heard", by, got)
		}
		if l.delay > 70*time.Millisecond {
			t.Errorf("clock set by %v: delay %v", by, l.delay)
		}
	}
}

func TestAFloodIsBoundedAndTheNewestIsKept(t *testing.T) {
	start := time.Now()
	l := newListener(start)
	for n := range 1000 {
		l.push(start.Add(time.Duration(n)*FrameTime), packet(n), start.Add(time.Duration(n)*FrameTime))
		if l.count > jitterPackets {
			t.Fatalf("%d packets wait", l.count)
		}
	}
	if l.buffered() != jitterPackets*FrameTime {
		t.Errorf("%v wait", l.buffered())
	}
	l.now = start.Add(1000 * FrameTime)
	l.pull()
	if len(l.heard) == 0 || int(l.heard[0]) < (1000-5)&0xff {
		t.Errorf("after a flood the first heard is %v, want one of the newest (%d)", l.heard, 999&0xff)
	}
}

func TestAbsurdTimesAreHarmless(t *testing.T) {
	start := time.Now()
	l := newListener(start)
	for _, due := range []time.Time{{}, time.Unix(1<<40, 0), time.Unix(-1<<40, 0), start, time.Unix(0, 1<<63-1), start.Add(FrameTime)} {
		l.push(due, packet(1), l.now)
		l.pull()
	}
	for range 10 {
		l.pull()
	}
	if len(l.heard) != 2 {
		t.Errorf("%d packets were heard, want the 2 with a sensible time", len(l.heard))
	}
}

// FuzzJitter pushes and pulls as the bytes say, and checks what must always hold.
func FuzzJitter(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add([]byte{0x80, 0x80, 0x80, 0x10, 0xff, 0xff, 0x90, 0, 0, 0, 0x85, 0x85})
	f.Add(slices.Repeat([]byte{0x83, 0x40, 0x7f, 0xc1}, 50))
	f.Fuzz(func(t *testing.T, ops []byte) {
		start := time.Unix(1_700_000_000, 0)
		l := newListener(start)
		sent := 0
		for _, op := range ops {
			arg := int(op & 0x3f)
			switch op >> 6 {
			case 0: // the next packets, somewhat off
				for range arg%4 + 1 {
					l.push(start.Add(time.Duration(sent)*FrameTime+time.Duration(arg)*time.Millisecond/8), packet(sent)[:2-arg>>5], l.now) // from 32 on: silence
					sent++
				}
			case 1: // one from the past or the future
				l.push(start.Add(time.Duration(sent+(arg-32)*arg)*FrameTime), packet(sent), l.now)
			case 2: // time goes on
				for range arg%8 + 1 {
					l.pull()
				}
			case 3: // the clock is set, or the line was cut
				l.now = l.now.Add(time.Duration(arg-16) * 100 * time.Millisecond)
				sent += arg
			}
			full := 0
			for i, s := range l.slots {
				if !s.full {
					continue
				}
				full++
				if s.number < l.floor || s.number >= l.floor+jitterPackets || s.number&(jitterSlots-1) != int64(i) {
					t.Fatalf("slot %d holds number %d with floor %d", i, s.number, l.floor)
				}
			}
			if full != l.count || full > jitterPackets {
				t.Fatalf("%d packets wait, %d are counted", full, l.count)
			}
			if l.delays.target < jitterLeast || l.delays.target > jitterMost {
				t.Fatalf("target %v", l.delays.target)
			}
			if target := l.target(l.now); target < jitterLeast || target > jitterMost {
				t.Fatalf("target %v in a rise", target)
			}
			if l.left >= 2*FrameSamples {
				t.Fatalf("%d samples are left over", l.left)
			}
		}
	})
}

func BenchmarkJitter(b *testing.B) {
	start := time.Now()
	l := newListener(start)
	data := packet(1)
	b.ReportAllocs()
	for b.Loop() {
		l.push(l.now, data, l.now)
		l.heard = l.heard[:0]
		l.pull()
	}
}

func TestTheDelaysPercentileIsThatOfASortedList(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var w delayWindow
		for range 1 + r.IntN(delayPackets+100) {
			w.add(time.Duration(r.IntN(40)))
		}
		sorted := slices.Sorted(slices.Values(w.delays[:w.n]))
		if got, want := w.percentile(), sorted[(w.n-1)*delayPercent/100]; got != want {
			t.Fatalf("of %v it is %v, wanted %v", sorted, got, want)
		}
	}
}
