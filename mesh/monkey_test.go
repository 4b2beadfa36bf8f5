package mesh

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// monkey presses the buttons of a phone at random and remembers its calls.
type monkey struct {
	*phone
	rng *rand.Rand

	mu    sync.Mutex
	calls []*follower
}

func (m *monkey) remember(f *follower) {
	m.mu.Lock()
	m.calls = append(m.calls, f)
	m.mu.Unlock()
}

// answer remembers what rings.
func (m *monkey) answer(ctx context.Context) {
	for {
		c, err := m.agent.NextIncoming(ctx)
		if err != nil {
			return
		}
		m.remember(m.w.follow(c))
	}
}

// press does one thing.
func (m *monkey) press(others []*monkey) {
	m.mu.Lock()
	var last *follower
	if len(m.calls) > 0 {
		last = m.calls[len(m.calls)-1]
	}
	m.mu.Unlock()
	switch m.rng.IntN(11) {
	case 0, 1, 2:
		if o := others[m.rng.IntN(len(others))]; o != m {
			if c, err := m.agent.Dial(o.name, m.at(o.host)); err == nil {
				m.remember(m.w.follow(c))
			}
		}
	case 3, 4, 5, 6:
		if last != nil {
			_ = last.Accept()
		}
	case 7:
		if last != nil {
			last.HangUp()
		}
	case 8:
		if last != nil {
			_ = last.SendChat("eek")
			last.SetState(OwnState{Sound: m.rng.IntN(2) == 0, Hand: m.rng.IntN(2) == 0})
		}
	case 9:
		if last != nil {
			if l := linkOf(last); l != nil && m.rng.IntN(3) == 0 {
				_ = l.peer.Close()
			}
		}
	case 10:
		if last != nil {
			_ = last.CompareAgain()
		}
	}
}

func TestMonkeysBreakNothing(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inWorld(t, func(w *world) {
				rng := rand.New(rand.NewPCG(seed, 7))
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				var all []*monkey
				for _, name := range []string{"ada", "bob", "eve"} {
					m := &monkey{phone: w.newPhone(name), rng: rand.New(rand.NewPCG(seed, uint64(len(all))))}
					all = append(all, m)
					go m.answer(ctx)
				}
				for range 150 {
					time.Sleep(time.Duration(rng.IntN(1500)) * time.Millisecond)
					all[rng.IntN(len(all))].press(all)
					if rng.IntN(8) == 0 {
						a, b := all[rng.IntN(len(all))], all[rng.IntN(len(all))]
						w.setApart(a.host, b.host, rng.IntN(3) == 0)
					}
				}
				reached := 0
				compared := map[trust.ShortString]int{} // how many show it
				for _, a := range all {
					for _, b := range all {
						w.setApart(a.host, b.host, false)
					}
				}
				for _, m := range all {
					m.mu.Lock()
					calls := m.calls
					m.mu.Unlock()
					for _, f := range calls {
						f.HangUp()
						select {
						case <-f.Done():
						case <-time.After(time.Minute):
							t.Fatalf("%s: a call hangs: %v", m.name, f.states())
						}
						who := f.Members()[0]
						for _, o := range all {
							if o.id == who.PeerID && who.Identity != (trust.Identity{}) && who.Identity != identityOf(o.key) {
								t.Errorf("%s: a call with %s and somebody else's identity", m.name, o.name)
							}
						}
						if !f.Status().Established.IsZero() {
							reached++
							if who.Identity == (trust.Identity{}) {
								t.Errorf("%s: a call with nobody", m.name)
							}
						}
						if f.Comparison().State == trust.Compared {
							compared[f.Comparison().String]++
						}
					}
				}
				if reached == 0 {
					t.Error("no call was ever established: this test tests nothing")
				}
				both := 0
				for s, n := range compared {
					if n > 2 {
						t.Errorf("%d calls show %s", n, s)
					}
					if n == 2 {
						both++
					}
				}
				if both == 0 {
					t.Error("no two phones have ever shown one string: this test tests nothing")
				}
				cancel()
				time.Sleep(10 * time.Second)
				for _, m := range all {
					m.media.mu.Lock()
					for i, s := range m.media.sessions {
						if n := s.tally(); !n.closed || n.tooLate > 0 {
							t.Errorf("%s: media session %d: %+v", m.name, i, n)
						}
					}
					m.media.mu.Unlock()
				}
				for i, m := range all {
					from, to := talk(m.phone, all[(i+1)%len(all)].phone)
					if a, b := from.compares(trust.Compared, 1, time.Second), to.compares(trust.Compared, 1, time.Second); a.String != b.String {
						t.Errorf("%v and %v", a, b)
					}
					from.HangUp()
					to.ended(Hangup, time.Second)
					time.Sleep(time.Second)
				}
			})
		})
	}
}
