package rmcat

import (
	"math"
	"slices"
	"testing"
	"time"
)

// steps is a capacity and a rate that a made-up media flow has from a moment on, with the queue delay of its packets.
type steps struct {
	at    time.Duration
	rate  float64
	delay time.Duration
}

// made is the result of a case in which flows behave as told, a packet each 10 ms.
func made(duration time.Duration, capacity []Capacity, flows ...[]steps) *Result {
	r := &Result{Scenario: Scenario{Duration: duration, Forward: Path{Capacity: capacity}}}
	for i := range flows {
		r.Scenario.Calls = append(r.Scenario.Calls, media("made", 0))
		r.Senders = append(r.Senders, Sender{Kind: Media, Name: "made", Index: i})
	}
	for at := time.Duration(0); at < duration; at += 10 * ms {
		for i, flow := range flows {
			var now steps
			for _, s := range flow {
				if s.at <= at {
					now = s
				}
			}
			r.Packets[0] = append(r.Packets[0], Packet{At: at, Sender: i, Size: int(math.Round(now.rate / 8 / 100)), Delay: now.delay})
		}
	}
	return r
}

func TestFiguresOfAMadeUpFlow(t *testing.T) {
	r := made(60*second, []Capacity{{0, 1 * mbit}, {20 * second, 500 * kbit}, {40 * second, 1 * mbit}}, []steps{
		{0, 200 * kbit, 0},
		{3 * second, 900 * kbit, 20 * ms},
		{20 * second, 500 * kbit, 250 * ms}, // too fast for what is left: a queue
		{22500 * ms, 400 * kbit, 30 * ms},
		{44 * second, 1 * mbit, 30 * ms},
	})
	r.Scenario.Marks = []Mark{{Recovery, AtMost, 10}}
	got := r.Figures()
	for f, want := range map[Figure]float64{
		Use:      (15*0.9 + 15*0.4 + 15*1) / (15*1 + 15*0.5 + 15*1),
		WorstUse: 0.8,
		Up:       3.9, // from when half a second has 85 % in its mean
		Down:     2.5,
		QueueP50: 0.030,
		QueueP95: 0.030,
		Loss:     0,
		Recovery: 4.0,
	} {
		if math.Abs(got[f]-want) > 0.005 {
			t.Errorf("%s is %v, want %v", f, got[f], want)
		}
	}
	if _, ok := got[Fairness]; ok {
		t.Error("there is no fairness with one flow")
	}
}

func TestFairnessOfMadeUpFlows(t *testing.T) {
	alone := func(rate float64) []steps { return []steps{{0, rate, 0}} }
	for _, c := range []struct {
		name  string
		flows [][]steps
		want  float64
	}{
		{"equal", [][]steps{alone(500 * kbit), alone(500 * kbit)}, 1},
		{"one has all", [][]steps{alone(1 * mbit), alone(0)}, 0.5},
		{"two to one", [][]steps{alone(800 * kbit), alone(400 * kbit)}, 0.9},
		{"equal in the end, in turns", [][]steps{
			{{0, 800 * kbit, 0}, {30 * second, 400 * kbit, 0}}, {{0, 400 * kbit, 0}, {30 * second, 800 * kbit, 0}},
		}, 0.9},
	} {
		r := made(55*second, []Capacity{{0, 2 * mbit}}, c.flows...)
		if got := r.Figures()[Fairness]; math.Abs(got-c.want) > 0.001 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// What a source cannot make is not asked of it.
func TestUseIsOfWhatIsAttainable(t *testing.T) {
	r := made(30*second, []Capacity{{0, 10 * mbit}}, []steps{{0, 1.5 * mbit, 0}})
	if got := r.Figures()[Use]; got < 0.98 || got > 1 {
		t.Errorf("the encoder's most is a use of %v", got)
	}
}

func TestMessagesThatNeverComeAreInfinitelyLate(t *testing.T) {
	s := &Stream{Kind: kindMessages}
	for i := range 100 {
		s.Messages = append(s.Messages, Message{Sent: time.Duration(i) * second, Arrived: time.Duration(i)*second + 30*ms})
	}
	s.Messages[17].Arrived, s.Messages[18].Arrived = 0, 0
	r := &Result{Scenario: Scenario{Duration: 100 * second}, Streams: []*Stream{s}}
	got := r.Figures()
	if got[MessageP50] != 0.030 || !math.IsInf(got[MessageP99], 1) {
		t.Errorf("p50 %v, p99 %v", got[MessageP50], got[MessageP99])
	}
}

func TestJudge(t *testing.T) {
	s := Scenario{Marks: []Mark{steadyUse, shortQueue, fair, quickUp}}
	got := Judge(s, map[Figure]float64{Use: 0.85, QueueP95: 0.101, Loss: 0.5, Up: math.Inf(1)})
	var said []string
	for _, v := range got {
		said = append(said, v.String())
	}
	want := []string{
		"use 85 %, mark ≥ 85 %: met",
		"queue delay p95 101 ms, mark ≤ 100 ms: missed",
		"loss in the queue 50.00 %",
		"convergence upward never, mark ≤ 5.0 s: missed",
		"fairness (Jain) not measured, mark ≥ 0.900: missed",
	}
	if !slices.Equal(said, want) {
		t.Errorf("said %q", said)
	}
}

func TestScenariosAreWellFormed(t *testing.T) {
	names := make(map[string]bool)
	for _, s := range All() {
		if names[s.Name] || s.Name == "" || s.Title == "" || s.Duration == 0 || len(s.Calls) == 0 || len(s.Marks) == 0 {
			t.Errorf("%q: named twice, or something is missing", s.Name)
		}
		names[s.Name] = true
		for _, p := range []Path{s.Forward, s.Backward} {
			for i, c := range p.Capacity {
				if i == 0 && c.At != 0 || i > 0 && c.At <= p.Capacity[i-1].At || c.At >= s.Duration {
					t.Errorf("%s: capacities are not in order: %v", s.Name, p.Capacity)
				}
			}
			if p.Capacity != nil && p.Queue == 0 && p.QueueBytes == 0 {
				t.Errorf("%s: a bottleneck without a queue", s.Name)
			}
		}
		for _, m := range s.Marks {
			if !slices.Contains(order, m.Figure) {
				t.Errorf("%s: %s is not in the report", s.Name, m.Figure)
			}
		}
	}
}
