package rtmfp

import (
	"context"
	"encoding/binary"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// Sound on a lossy path: 100 messages a second, 20 ms each way.
func TestTimeCriticalLatency(t *testing.T) {
	for _, c := range []struct {
		name     string
		link     vnet.Link
		feedback bool
		p50, p99 time.Duration
	}{
		{"clean", vnet.Link{}, true, 21 * time.Millisecond, 21 * time.Millisecond},
		{"2 % loss", vnet.Link{Loss: 0.02}, true, 21 * time.Millisecond, 80 * time.Millisecond},
		{"5 % loss", vnet.Link{Loss: 0.05}, true, 21 * time.Millisecond, 120 * time.Millisecond},
		{"reordering", vnet.Link{Reorder: 0.1}, true, 21 * time.Millisecond, 35 * time.Millisecond},
		{"2 % loss, no feedback", vnet.Link{Loss: 0.02}, false, 21 * time.Millisecond, 80 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.link.Latency = 20 * time.Millisecond
				w := newWorld(t, c.link)
				a, b := w.node("a", addrA), w.node("b", addrB)
				a.profile.feedback, b.profile.feedback = c.feedback, c.feedback
				near, far := w.connect(a, b)
				out, in := w.flow(near, far, FlowOptions{Priority: PriorityAudio})
				in.SetOrder(NetworkOrder)
				const messages = 2000
				latencies := make(chan time.Duration, messages)
				start := time.Now()
				go func() {
					defer close(latencies)
					for {
						m, err := in.Read(context.Background())
						if err != nil {
							return
						}
						latencies <- time.Since(start) - time.Duration(binary.BigEndian.Uint64(m))
					}
				}()
				for range messages {
					m := binary.BigEndian.AppendUint64(make([]byte, 0, 200), uint64(time.Since(start)))
					if _, err := out.Write(context.Background(), m[:200],
						MessageOptions{DeliverBy: time.Now().Add(200 * time.Millisecond)}); err != nil {
						t.Fatal(err)
					}
					time.Sleep(10 * time.Millisecond)
				}
				_ = out.Close()
				var all []time.Duration
				for l := range latencies {
					all = append(all, l)
				}
				slices.Sort(all)
				p50, p99 := all[len(all)/2], all[len(all)*99/100]
				stats := near.Stats()
				t.Logf("p50 %v, p99 %v, %d of %d delivered; %d of %d packets lost", p50, p99, len(all), messages, stats.PacketsLost, stats.PacketsSent)
				if p50 > c.p50 || p99 > c.p99 || len(all) < messages*99/100 {
					t.Errorf("want p50 %v, p99 %v", c.p50, c.p99)
				}
			})
		})
	}
}
