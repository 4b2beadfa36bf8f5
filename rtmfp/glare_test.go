package rtmfp

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// Both dial each other at once: one session, which both Dials return.
func TestGlare(t *testing.T) {
	for _, offset := range []time.Duration{0, time.Millisecond, 15 * time.Millisecond, 25 * time.Millisecond, 45 * time.Millisecond, 61 * time.Millisecond} {
		for _, loss := range []float64{0, 0.2} {
			t.Run(fmt.Sprint(offset, loss), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond, Loss: loss})
					a, b := w.node("a", addrA), w.node("b", addrB)
					type result struct {
						s   *Session
						err error
					}
					results := make(chan result)
					go func() {
						s, err := b.Dial(w.ctx(90*time.Second), a.profile.epd(), addrA)
						results <- result{s, err}
					}()
					time.Sleep(offset)
					_, err := a.Dial(w.ctx(90*time.Second), b.profile.epd(), addrB)
					far := <-results
					if err != nil || far.err != nil {
						t.Fatal(err, far.err)
					}
					time.Sleep(20 * time.Second)
					near, _ := a.Dial(w.ctx(time.Second), b.profile.epd())
					back, _ := b.Dial(w.ctx(time.Second), a.profile.epd())
					if near == nil || back == nil || near.Initiator() == back.Initiator() ||
						!bytes.Equal(near.NearNonce(), back.FarNonce()) {
						t.Fatalf("the ends have not settled on one session: %v %v", near, back)
					}
					if n, m := live(a), live(b); n != 1 || m != 1 {
						t.Errorf("%d and %d sessions are left, want one each", n, m)
					}
					w.flow(near, back, FlowOptions{})
				})
			})
		}
	}
}

// live is how many sessions of the endpoint are open.
func live(n *node) (count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.sessions {
		if s != nil && s.state == stateOpen {
			count++
		}
	}
	return count
}

// Both open at once, one of them a little earlier, and any of the first packets are lost: one session is left, the same
// for both ends, and it carries data both ways.
func TestGlareSurvivesLoss(t *testing.T) {
	for _, earlier := range []time.Duration{-5 * time.Millisecond, 0, 5 * time.Millisecond} { // how much b is
		for lost := range 64 { // bits 0–2: the first packets of a; 3–5: of b
			t.Run(fmt.Sprintf("%v %06b", earlier, lost), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, vnet.Link{Latency: 10 * time.Millisecond})
					var sent [2]int
					w.net.SetFilter(func(p vnet.Packet) bool {
						dir := 0
						if p.From == addrB {
							dir = 1
						}
						n := sent[dir]
						sent[dir]++
						return n >= 3 || lost>>(3*dir+n)&1 == 0
					})
					a, b := w.node("a", addrA), w.node("b", addrB)
					back := make(chan *Session)
					go func() {
						time.Sleep(max(0, -earlier))
						s, err := b.Dial(w.ctx(20*time.Second), a.profile.epd(), addrA)
						if err != nil {
							t.Error(err)
						}
						back <- s
					}()
					time.Sleep(max(0, earlier))
					_, err := a.Dial(w.ctx(20*time.Second), b.profile.epd(), addrB)
					if far := <-back; err != nil || far == nil {
						t.Fatal(err)
					}
					time.Sleep(glarePeriod)
					near, _ := a.Dial(w.ctx(time.Second), b.profile.epd())
					far, _ := b.Dial(w.ctx(time.Second), a.profile.epd())
					if near == nil || far == nil || near.Initiator() == far.Initiator() || live(a) != 1 || live(b) != 1 {
						t.Fatalf("%v and %v; %d and %d sessions are left", near, far, live(a), live(b))
					}
					_, in := w.flow(near, far, FlowOptions{})
					answer, err := far.OpenFlow(nil, FlowOptions{ReturnOf: in})
					if err != nil {
						t.Fatal(err)
					}
					w.write(answer, "back")
				})
			})
		}
	}
}
