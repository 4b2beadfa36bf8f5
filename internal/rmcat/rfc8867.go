package rmcat

import "time"

const (
	ms     = time.Millisecond
	second = time.Second
	kbit   = 1e3 // bit/s
	mbit   = 1e6 // bit/s
)

// wide is a path as RFC 8867 §4.2 has it where a case says nothing else: one-way delay 50 ms (each flow's own here),
// jitter up to 30 ms, a bottleneck with 300 ms of drop-tail queue, no loss.
func wide(capacity ...Capacity) Path {
	return Path{Capacity: capacity, Queue: 300 * ms, Jitter: 30 * ms}
}

// free is the other direction, where only feedback travels.
var free = Path{Jitter: 30 * ms}

const latency = 50 * ms

// media is a call in which the caller sends picture and sound.
func media(name string, start time.Duration) Call {
	return Call{Name: name, Start: start, Latency: latency, Forward: Load{Media: true}}
}

// at is a call on a path of another length.
func (c Call) at(latency time.Duration) Call {
	c.Latency = latency
	return c
}

// Marks that most cases share.
var (
	steadyUse  = Mark{Use, AtLeast, 0.85}
	shortQueue = Mark{QueueP95, AtMost, 0.100}
	quickUp    = Mark{Up, AtMost, 5}
	quickDown  = Mark{Down, AtMost, 1.5}
	fair       = Mark{Fairness, AtLeast, 0.9}
)

// RFC8867 is the test cases of RFC 8867 §5, with the marks that a call is expected to meet in them.
var RFC8867 = []Scenario{
	{
		Name: "5.1", Section: "RFC 8867 §5.1", Title: "Variable available capacity, one flow",
		Duration: 100 * second,
		Forward:  wide(Capacity{0, 1 * mbit}, Capacity{40 * second, 2.5 * mbit}, Capacity{60 * second, 600 * kbit}, Capacity{80 * second, 1 * mbit}),
		Backward: free,
		Calls:    []Call{media("media", 0)},
		Marks:    []Mark{steadyUse, shortQueue, quickUp, quickDown},
	},
	{
		Name: "5.2", Section: "RFC 8867 §5.2", Title: "Variable available capacity, two flows",
		Duration: 125 * second,
		Forward: wide(Capacity{0, 4 * mbit}, Capacity{25 * second, 2 * mbit}, Capacity{50 * second, 3.5 * mbit},
			Capacity{75 * second, 1 * mbit}, Capacity{100 * second, 2 * mbit}),
		Backward: free,
		Calls:    []Call{media("media 1", 0), media("media 2", 0)},
		Marks:    []Mark{steadyUse, shortQueue, quickUp, quickDown, fair},
	},
	{
		Name: "5.3", Section: "RFC 8867 §5.3", Title: "Congested feedback link, media both ways",
		Duration: 100 * second,
		Forward:  wide(Capacity{0, 2 * mbit}, Capacity{20 * second, 1 * mbit}, Capacity{40 * second, 500 * kbit}, Capacity{60 * second, 2 * mbit}),
		Backward: wide(Capacity{0, 2 * mbit}, Capacity{35 * second, 800 * kbit}, Capacity{70 * second, 2 * mbit}),
		Calls:    []Call{{Name: "media", Latency: latency, Forward: Load{Media: true}, Backward: Load{Media: true}}},
		Marks: []Mark{
			steadyUse, shortQueue, quickUp, quickDown,
			{UseBack, AtLeast, 0.85},
			{QueueP95Back, AtMost, 0.100},
			{UpBack, AtMost, 5},
			{DownBack, AtMost, 1.5},
		},
	},
	{
		Name: "5.4", Section: "RFC 8867 §5.4", Title: "Competing media flows, same congestion control",
		Duration: 120 * second,
		Forward:  wide(Capacity{0, 3.5 * mbit}),
		Backward: free,
		Calls:    []Call{media("media 1", 0), media("media 2", 20*second), media("media 3", 40*second)},
		Marks:    []Mark{steadyUse, shortQueue, quickUp, fair},
	},
	{
		Name: "5.5", Section: "RFC 8867 §5.5", Title: "Round-trip time fairness, five flows",
		Duration: 300 * second,
		Forward:  wide(Capacity{0, 4 * mbit}),
		Backward: free,
		Calls: []Call{
			media("10 ms", 0).at(10 * ms), media("25 ms", 10*second).at(25 * ms), media("50 ms", 20*second).at(50 * ms),
			media("100 ms", 30*second).at(100 * ms), media("150 ms", 40*second).at(150 * ms),
		},
		Marks: []Mark{steadyUse, shortQueue, quickUp, fair},
	},
	{
		Name: "5.6", Section: "RFC 8867 §5.6", Title: "Media beside a long TCP flow",
		Duration: 120 * second,
		Forward:  wide(Capacity{0, 2 * mbit}),
		Backward: free,
		Calls:    []Call{media("media", 5*second)},
		TCP:      []TCP{{Latency: latency}},
		Marks:    []Mark{{MediaRate, AtLeast, 300 * kbit}},
	},
	{
		Name: "5.6-1s", Section: "RFC 8867 §5.6", Title: "Media beside a long TCP flow, 1 s of queue",
		Duration: 120 * second,
		Forward:  Path{Capacity: []Capacity{{0, 2 * mbit}}, Queue: second, Jitter: 30 * ms},
		Backward: free,
		Calls:    []Call{media("media", 5*second)},
		TCP:      []TCP{{Latency: latency}},
		Marks:    []Mark{{MediaRate, AtLeast, 300 * kbit}},
	},
	{
		Name: "5.7", Section: "RFC 8867 §5.7", Title: "Two media flows beside short TCP flows",
		Duration: 300 * second,
		Forward:  wide(Capacity{0, 2 * mbit}),
		Backward: free,
		Calls:    []Call{media("media 1", 5*second), media("media 2", 5*second)},
		TCP:      shortTCP(10, 2),
		// The downloads would fill the link by themselves; what a picture needs at least is to be left.
		Marks: []Mark{{MediaRate, AtLeast, minVideoRate}, fair},
	},
	{
		Name: "5.8", Section: "RFC 8867 §5.8", Title: "Media pause and resume",
		Duration: 120 * second,
		Forward:  wide(Capacity{0, 3.5 * mbit}),
		Backward: free,
		Calls: []Call{
			{Name: "media 1", Latency: latency, Forward: Load{Media: true, Paused: []Interval{{40 * second, 60 * second}}}},
			media("media 2", 0), media("media 3", 0),
		},
		Marks: []Mark{steadyUse, shortQueue, quickUp, fair},
	},
}

// shortTCP is many sources of short downloads, some of which begin at once and the others after a pause.
func shortTCP(sources, atOnce int) (all []TCP) {
	for i := range sources {
		all = append(all, TCP{Latency: latency, Short: true, Idle: i >= atOnce})
	}
	return all
}
