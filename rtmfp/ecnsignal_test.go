package rtmfp

import (
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// Marking goes on only where it is of use.
func TestECNIsGivenUp(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*ecnSender)
		off  bool
	}{
		{"nothing known yet", func(*ecnSender) {}, false},
		{"data acknowledged, and no report from a far end without feedback", func(e *ecnSender) { e.acknowledged(false) }, true},
		{"a report of such a far end", func(e *ecnSender) { e.report(0); e.acknowledged(false) }, false},
		{"data acknowledged, feedback to come", func(e *ecnSender) { e.acknowledged(true) }, false},
		{"marks arrive", func(e *ecnSender) { e.fed(ecnProbe, 1, 0) }, false},
		{"all marks are taken off", func(e *ecnSender) { e.fed(0, 0, ecnProbe) }, true},
		{"some are", func(e *ecnSender) { e.fed(1, 0, ecnProbe) }, false},
		{"nothing marked ever arrives", func(e *ecnSender) { e.timedOut() }, true},
		{"a time-out later", func(e *ecnSender) { e.fed(3, 0, 0); e.timedOut() }, false},
	} {
		var e ecnSender
		if e.mark() != ecnCapable0 {
			t.Errorf("%s: not marked at first", c.name)
		}
		c.do(&e)
		if got := e.mark() == ecnNotCapable; got != c.off {
			t.Errorf("%s: given up: %v", c.name, got)
		}
	}
}

// An ECN Report counts modulo 256; old ones that come late do not.
func TestECNReportCounts(t *testing.T) {
	var e ecnSender
	for _, c := range []struct {
		count byte
		want  bool
	}{{0, false}, {1, true}, {1, false}, {200, true}, {190, false}, {10, true}, {250, false}, {11, true}} {
		e.congested = false
		if e.report(c.count); e.congested != c.want {
			t.Errorf("count %d: congested %v", c.count, e.congested)
		}
	}
}

// A queue that marks above 10 ms is kept short without loss: by feedback of marks, or toward ends that give none by ECN
// Reports, which count as loss.
func TestMarksKeepAQueueShort(t *testing.T) {
	for _, feedback := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond})
			queue := w.net.Bottleneck(vnet.Queue{Rate: 500e3, Time: time.Second, MarkAbove: 10 * time.Millisecond})
			w.net.SetLink(addrA.Addr(), addrB.Addr(), vnet.Link{Latency: 20 * time.Millisecond, Bottleneck: queue})
			a, b := w.node("a", addrA), w.node("b", addrB)
			a.profile.feedback, b.profile.feedback = feedback, feedback
			near, far := w.connect(a, b)
			received := w.bulk(near, far)
			time.Sleep(5 * time.Second)
			var worst time.Duration
			marked := 0
			queue.Observe(func(p vnet.Passage) {
				worst = max(worst, p.Delay)
				if p.Dropped {
					t.Error("a packet was dropped")
				}
				if p.Marked {
					marked++
				}
			})
			before := received()
			const d = 8 * time.Second
			time.Sleep(d)
			queue.Observe(nil)
			use := float64(received()-before) / d.Seconds() / 500e3
			t.Logf("feedback %v: use %.2f, longest queue %v, %d marked", feedback, use, worst, marked)
			if use < 0.7 || worst > 100*time.Millisecond {
				t.Errorf("feedback %v", feedback)
			}
			if !feedback && marked == 0 {
				t.Error("nothing was marked")
			}
		})
	}
}
