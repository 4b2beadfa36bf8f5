package uplink

import (
	"testing"
	"time"
)

// What a queue is the sessions say by majority, each by its age: one that was opened in a queue takes that for its path.
func TestWhoSeesTheQueueOfAll(t *testing.T) {
	type view struct {
		age, queue time.Duration
		silent     bool
	}
	const old = time.Minute
	for _, c := range []struct {
		name  string
		views []view
		want  time.Duration
	}{
		{"nobody", nil, 0},
		{"one", []view{{old, 30 * ms, false}}, 30 * ms},
		{"all", []view{{old, 30 * ms, false}, {old, 40 * ms, false}, {old, 50 * ms, false}}, 40 * ms},
		{"a path's own", []view{{old, 0, false}, {old, 0, false}, {old, 80 * ms, false}}, 0},
		{"two of four", []view{{old, 0, false}, {old, 0, false}, {old, 80 * ms, false}, {old, 80 * ms, false}}, 0},
		{"who is silent says nothing", []view{{old, 80 * ms, true}, {old, 80 * ms, true}, {old, 5 * ms, false}}, 5 * ms},
		{"all are new", []view{{0, 30 * ms, false}, {0, 40 * ms, false}, {0, 50 * ms, false}}, 40 * ms},
		{"five came into the queue", []view{
			{2 * time.Second, 60 * ms, false},
			{2 * time.Second, 60 * ms, false},
			{300 * ms, 0, false},
			{300 * ms, 0, false},
			{200 * ms, 0, false},
			{200 * ms, 0, false},
			{100 * ms, 0, false},
		}, 60 * ms},
		{"who has been here for long says no more than others", []view{{old, 80 * ms, false}, {4 * time.Second, 0, false}, {4 * time.Second, 0, false}}, 0},
	} {
		var flows []*flow
		for _, v := range c.views {
			f := &flow{age: v.age, link: 1}
			f.Feedback, f.Queue = true, v.queue
			if v.silent {
				f.Silent = silentAfter
			}
			flows = append(flows, f)
		}
		if got := sharedQueue(flows); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
