package mesh

import (
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

func TestCallsInBadWeather(t *testing.T) {
	for name, link := range map[string]vnet.Link{
		"a long way":         {Latency: 300 * time.Millisecond},
		"jitter":             {Latency: 40 * time.Millisecond, Jitter: 40 * time.Millisecond, Reorder: 0.05},
		"one in ten lost":    {Latency: 30 * time.Millisecond, Loss: 0.1},
		"one in seven lost":  {Latency: 30 * time.Millisecond, Loss: 0.15},
		"a narrow link":      {Latency: 30 * time.Millisecond, Rate: 40_000, Queue: 20_000},
		"everything at once": {Latency: 80 * time.Millisecond, Jitter: 30 * time.Millisecond, Loss: 0.05, Rate: 120_000},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.net.SetDefaultLink(link)
				ada, bob := w.newPhone("ada"), w.newPhone("bob")
				from := ada.dial(bob.host, "bob")
				to := bob.rings(15 * time.Second)
				if err := to.Accept(); err != nil {
					t.Fatal(err)
				}
				from.state(InCall, 15*time.Second)
				to.state(InCall, 15*time.Second)
				time.Sleep(12 * time.Second)
				for _, f := range []*follower{from, to} {
					if s := f.Status().State; s != InCall {
						t.Errorf("twelve seconds later: %s", s)
					}
				}
				for _, p := range []*phone{ada, bob} {
					n := p.media.session().tally()
					if n.audio < 500 || n.video < 50 || n.damaged > 0 {
						t.Errorf("%s: %+v", p.name, n)
					}
				}
				from.HangUp()
				to.ended(Hangup, 10*time.Second)
			})
		})
	}
}
