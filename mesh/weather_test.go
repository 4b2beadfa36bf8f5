package mesh

import (
	"slices"
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
				var phones []*phone
				var calls []*follower
				for range 2 {
					ada, bob := w.newPhone("ada"), w.newPhone("bob")
					from := ada.dial(bob.host, "bob")
					to := bob.rings(15 * time.Second)
					if err := to.Accept(); err != nil {
						t.Fatal(err)
					}
					from.state(InCall, 15*time.Second)
					to.state(InCall, 15*time.Second)
					phones, calls = append(phones, ada, bob), append(calls, from, to)
				}
				time.Sleep(12 * time.Second)
				for _, f := range calls {
					if s := f.Status().State; s != InCall {
						t.Errorf("twelve seconds later: %s", s)
					}
				}
				var blind []tally // see TestPictureFitsThePath
				for _, p := range phones {
					n := p.media.session().tally()
					if n.audio < 500 || n.damaged > 0 {
						t.Errorf("%s: %+v", p.name, n)
					}
					if n.video < 50 {
						blind = append(blind, n)
					}
				}
				if len(blind) > 1 {
					t.Errorf("%d of %d see next to nothing: %+v", len(blind), len(phones), blind)
				}
				for i := 0; i < len(calls); i += 2 {
					calls[i].HangUp()
					calls[i+1].ended(Hangup, 10*time.Second)
				}
			})
		})
	}
}

// A narrow link gets no more than it takes, and loss by chance does not cost a call its picture: of three calls at most one. In about one of
// 150 with one packet in ten lost those of the first moment make little of the path, and there are pictures only after ten seconds.
func TestPictureFitsThePath(t *testing.T) {
	for name, c := range map[string]struct {
		link        vnet.Link
		least, most int // of the pictures, bit/s
	}{
		"a narrow link":   {vnet.Link{Latency: 30 * time.Millisecond, Rate: 40_000, Queue: 20_000}, 60_000, 450_000},
		"one in ten lost": {vnet.Link{Latency: 30 * time.Millisecond, Loss: 0.1}, 200_000, 700_000},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.net.SetDefaultLink(c.link)
				var pairs [][]*phone
				for range 3 {
					pair := []*phone{w.newPhone("ada"), w.newPhone("bob")}
					talk(pair[0], pair[1])
					pairs = append(pairs, pair)
				}
				budgets := make(map[*phone][]int) // one each second: what counts is what it is for most of the time
				for range 20 {
					time.Sleep(time.Second)
					for _, p := range slices.Concat(pairs...) {
						budgets[p] = append(budgets[p], p.media.session().tally().wish.bitrate())
					}
				}
				bad := 0
				for _, pair := range pairs {
					fits := true
					for _, p := range pair {
						n := p.media.session().tally()
						slices.Sort(budgets[p])
						if median := budgets[p][len(budgets[p])/2]; median < c.least || median > c.most || n.video < 350 || n.keys > 10 || n.worst > 600*time.Millisecond {
							fits = false
							t.Logf("%s got %d pictures of 500, %d of them key frames, the latest %v late; budgets %d", p.name, n.video, n.keys, n.worst, budgets[p])
						}
					}
					if !fits {
						bad++
					}
				}
				if bad > 1 {
					t.Errorf("%d of %d calls do not fit", bad, len(pairs))
				}
			})
		})
	}
}
