package rtmfp

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// A message of some packets, of which some are lost once, arrives soon after a round trip, or two if the tail is missing,
// and not after the time-out of a quarter of a second. 20 ms each way.
func TestShortMessageRecovers(t *testing.T) {
	const pause = 10 * time.Second
	for _, c := range []struct {
		packets  int
		lost     string // which, from 1
		feedback bool
		within   time.Duration
	}{
		{1, "", true, 20 * time.Millisecond},
		{1, "1", true, 160 * time.Millisecond},
		{2, "1", true, 90 * time.Millisecond},
		{2, "2", true, 160 * time.Millisecond},
		{3, "1", true, 90 * time.Millisecond},
		{3, "2", true, 90 * time.Millisecond},
		{3, "3", true, 180 * time.Millisecond},
		{3, "12", true, 100 * time.Millisecond},
		{3, "23", true, 170 * time.Millisecond},
		{3, "123", true, 170 * time.Millisecond},
		{2, "1", false, 90 * time.Millisecond},
		{3, "1", false, 90 * time.Millisecond},
		{3, "123", false, 170 * time.Millisecond},
		{3, "1", false, 90 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d packets, lost %s, feedback %v", c.packets, c.lost, c.feedback), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, vnet.Link{Latency: 20 * time.Millisecond})
				a, b := w.node("a", addrA), w.node("b", addrB)
				a.profile.feedback, b.profile.feedback = c.feedback, c.feedback
				near, far := w.connect(a, b)
				f, r := w.flow(near, far, FlowOptions{Priority: PriorityData})
				time.Sleep(pause) // a ping has measured the round trip
				msg := strings.Repeat("x", 1000*c.packets)
				n := 0
				w.net.SetFilter(func(p vnet.Packet) bool {
					if p.From != addrA || len(p.Data) < 900 {
						return true
					}
					n++
					return !strings.Contains(c.lost, fmt.Sprint(n))
				})
				for n := range c.packets {
					w.write(f, msg[1000*n:1000*(n+1)])
				}
				began := time.Now()
				for n := range c.packets {
					w.read(r, msg[1000*n:1000*(n+1)])
				}
				if took := time.Since(began); took > c.within {
					t.Errorf("%v, want %v", took, c.within)
				}
				if n > c.packets+len(c.lost)+1 {
					t.Errorf("%d packets sent", n)
				}
			})
		})
	}
}
