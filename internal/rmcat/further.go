package rmcat

import "time"

// home is a 10 Mbit/s line with a deep queue, as many have at home, 20 ms each way.
func home(loss float64) Path {
	return Path{Capacity: []Capacity{{0, 10 * mbit}}, QueueBytes: 500_000, Loss: loss}
}

// homeCall is a call over it.
func homeCall(load Load) []Call {
	return []Call{{Name: "session", Latency: 20 * ms, Forward: load}}
}

// Further is what RFC 8867 does not ask.
var Further = []Scenario{
	{
		Name: "loss", Title: "10 % random loss",
		Duration: 60 * second,
		Forward:  Path{Capacity: []Capacity{{0, 1 * mbit}}, Queue: 300 * ms, Jitter: 30 * ms, Loss: 0.10},
		Backward: free,
		Calls:    []Call{media("media", 0)},
		Marks:    []Mark{{Received, AtLeast, 0.70}, shortQueue},
	},
	{
		Name: "recovery", Title: "Capacity falls to a sixth for 30 s and comes back",
		Duration: 80 * second,
		Forward:  wide(Capacity{0, 1.5 * mbit}, Capacity{20 * second, 250 * kbit}, Capacity{50 * second, 1.5 * mbit}),
		Backward: free,
		Calls:    []Call{media("media", 0)},
		Marks:    []Mark{{Recovery, AtMost, 10}, quickDown},
	},
	{
		Name: "outage", Title: "Nothing passes for 3 s",
		Duration: 50 * second,
		Forward:  wide(Capacity{0, 1.5 * mbit}, Capacity{20 * second, 0}, Capacity{23 * second, 1.5 * mbit}),
		Backward: free,
		Calls:    []Call{media("media", 0)},
		Marks:    []Mark{{Recovery, AtMost, 10}},
	},
	{
		Name: "shallow", Title: "A queue of 10 ms, as behind a policer",
		Duration: 60 * second,
		Forward:  Path{Capacity: []Capacity{{0, 2 * mbit}}, Queue: 10 * ms, Jitter: 30 * ms},
		Backward: free,
		Calls:    []Call{media("media 1", 0), media("media 2", 0)},
		Marks:    []Mark{{Use, AtLeast, 0.70}, {Loss, AtMost, 0.05}},
	},
	{
		Name: "ecn", Section: "RFC 8867 §6.2", Title: "A link that marks as CoDel does",
		Duration: 60 * second,
		Forward:  Path{Capacity: []Capacity{{0, 1 * mbit}}, Queue: 300 * ms, MarkAbove: 20 * ms, MarkAfter: 100 * ms, Jitter: 30 * ms},
		Backward: free,
		Calls:    []Call{media("media", 0)},
		Marks:    []Mark{steadyUse, {QueueP95, AtMost, 0.050}, {Loss, AtMost, 0.001}},
	},
	{
		Name: "ecn-step", Title: "A link that marks all packets above 20 ms of queue",
		Duration: 60 * second,
		Forward:  Path{Capacity: []Capacity{{0, 2 * mbit}}, Queue: 300 * ms, MarkAbove: 20 * ms, Jitter: 30 * ms},
		Backward: free,
		Calls:    []Call{media("media 1", 0), media("media 2", 0)},
		Marks:    []Mark{{Use, AtLeast, 0.75}, {QueueP95, AtMost, 0.050}, {Loss, AtMost, 0.001}, fair},
	},
	{
		Name: "feedback", Title: "Free uplink, feedback path congested by TCP",
		Duration: 60 * second,
		Forward:  wide(Capacity{0, 1 * mbit}),
		Backward: wide(Capacity{0, 500 * kbit}),
		Calls:    []Call{media("media", 0)},
		TCP:      []TCP{{Start: 10 * second, Latency: latency, Backward: true}},
		Marks:    []Mark{steadyUse, shortQueue, {Loss, AtMost, 0.01}},
	},
	{
		Name: "bulk", Title: "Bulk and time-critical messages in one session, 10 Mbit/s, 500 KB of queue",
		Duration: 30 * second,
		Forward:  home(0),
		Calls:    homeCall(Load{Bulk: true, Messages: true}),
		Marks:    []Mark{{Bulk, AtLeast, 0.85}, {MessageP50, AtMost, 0.045}, {MessageP99, AtMost, 0.080}},
	},
	{
		Name: "bulk-loss", Title: "Bulk alone, 10 Mbit/s, 2 % random loss",
		Duration: 30 * second,
		Forward:  home(0.02),
		Calls:    homeCall(Load{Bulk: true}),
		Marks:    []Mark{{Bulk, AtLeast, 0.80}},
	},
	{
		Name: "messages-loss", Title: "Time-critical messages alone, 10 Mbit/s, 2 % random loss",
		Duration: 60 * second,
		Forward:  home(0.02),
		Calls:    homeCall(Load{Messages: true}),
		Marks:    []Mark{{MessageP99, AtMost, 0.080}},
	},
}

// All is every scenario.
func All() []Scenario { return append(append([]Scenario(nil), RFC8867...), Further...) }

// settling is how long after a change a case does not count as steady.
const settling = 5 * time.Second
