package mesh

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
)

// hearing waits until everybody in the group gets sound of everybody.
func (g *group) hearing(what string, limit time.Duration) {
	g.w.t.Helper()
	began := time.Now()
	for {
		problem := g.silence()
		if problem == "" {
			break
		}
		if time.Since(began) > limit {
			g.w.t.Fatalf("%s: not within %v: %s", what, limit, problem)
		}
	}
	g.w.t.Logf("%s: after %v", what, time.Since(began))
}

// silence says who gets nothing of somebody for half a second; empty: nobody.
func (g *group) silence() (problem string) {
	before := map[[2]int]int{}
	count := func(i, j int) int { return g.phones[i].media.session().from(g.phones[j].id, AudioFrame) }
	g.pairs(func(i, j int) { before[[2]int{i, j}] = count(i, j) })
	time.Sleep(500 * time.Millisecond)
	g.pairs(func(i, j int) {
		if n := count(i, j) - before[[2]int{i, j}]; n < 3 {
			problem = fmt.Sprintf("%s gets %d frames of %s in half a second", g.phones[i].name, n, g.phones[j].name)
		}
	})
	return problem
}

// path is how one member reaches another.
func (g *group) path(i, j int) string { return g.calls[i].StatsOf(g.phones[j].id).Path }

// carryNothing makes everybody's uplink too small to carry others, and lets them know.
func (g *group) carryNothing() {
	for _, c := range g.calls {
		c.SetUplinkCap(carryRate, false)
	}
	time.Sleep(room.ReportEvery + tick)
}

// paths waits until two members reach each other by way of others, or directly.
func (g *group) paths(i, j int, want string, limit time.Duration) time.Duration {
	g.w.t.Helper()
	began := time.Now()
	for g.path(i, j) != want || g.path(j, i) != want {
		if time.Since(began) > limit {
			g.w.t.Fatalf("%s and %s: %q and %q after %v, not %s", g.phones[i].name, g.phones[j].name, g.path(i, j), g.path(j, i), limit, want)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(began)
}

// carrier is who carries two members, as the first of them has it.
func (g *group) carrier(i, j int) trust.Identity {
	return g.calls[i].StatsOf(g.phones[j].id).Carrier
}

// carriedNow is how many ways and passages a call has.
func (c *Call) carriedNow() int {
	c.carriage.mu.Lock()
	defer c.carriage.mu.Unlock()
	return len(c.carriage.ways) + len(c.carriage.passages)
}

func TestALinkThatIsCutIsCarriedUntilItHeals(t *testing.T) {
	for _, names := range [][]string{{"ada", "bob", "eve"}, {"ada", "bob", "eve", "dan", "fay"}} {
		t.Run(fmt.Sprint(len(names)), func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gather(names...)
				g.whole(5 * time.Second)
				w.setApart(g.phones[1].host, g.phones[2].host, true)
				time.Sleep(time.Second)
				t.Log("carried after", time.Second+g.paths(1, 2, PathCarried, 3*time.Second))
				g.hearing("carried", time.Second)
				for i, c := range g.calls {
					for _, ev := range c.events() {
						if s, ok := ev.(StateChanged); ok && s.Status.State == Reconnecting {
							t.Errorf("%s was reconnecting", g.phones[i].name)
						}
					}
				}
				time.Sleep(20 * time.Second)
				g.hearing("still carried", 50*time.Millisecond)
				one, other := identityOf(g.phones[1].key), identityOf(g.phones[2].key)
				by := g.carrier(1, 2)
				for i, c := range g.calls {
					for _, l := range c.Links() {
						want := room.Up
						if room.PairOf(l.By, l.With) == room.PairOf(one, other) {
							want = room.Carried
						}
						if l.State != want || (l.Carrier == by) != (want == room.Carried) {
							t.Errorf("%s sees %+v", g.phones[i].name, l)
						}
					}
				}
				w.setApart(g.phones[1].host, g.phones[2].host, false)
				t.Log("direct after", g.paths(1, 2, PathDirect, 5*time.Second))
				g.hearing("direct", time.Second)
				time.Sleep(3 * time.Second)
				for i, c := range g.calls {
					if n := c.carriedNow(); n != 0 {
						t.Errorf("%s still has %d ways and passages", g.phones[i].name, n)
					}
				}
			})
		})
	}
}

func TestALinkThatNeverCameAboutIsCarried(t *testing.T) {
	for _, names := range [][]string{{"ada", "bob", "eve"}, {"ada", "bob", "eve", "dan", "fay"}} {
		t.Run(fmt.Sprint(len(names)), func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gather(append([]string{}, names[:len(names)-1]...)...)
				last := w.newPhone(names[len(names)-1])
				last.media.slow = slowly
				j := len(names) - 1
				w.setApart(g.phones[1].host, last.host, true)
				came := time.Now()
				g.add(0, last)
				g.paths(1, j, PathCarried, 6*time.Second)
				t.Log("carried after", time.Since(came))
				g.whole(3 * time.Second) // with the comparison
				g.hearing("carried", time.Second)
				w.setApart(g.phones[1].host, last.host, false)
				t.Log("direct after", g.paths(1, j, PathDirect, 5*time.Second))
				g.hearing("direct", time.Second)
			})
		})
	}
}

func TestAnotherCarriesWhenTheCarrierGoes(t *testing.T) {
	for name, c := range map[string]struct {
		goes  func(w *world, g *group, i int)
		limit time.Duration
	}{
		"leaves":       {func(_ *world, g *group, i int) { g.calls[i].HangUp() }, 2 * time.Second},
		"crashes":      {func(w *world, g *group, i int) { w.setDead(g.phones[i].host, true) }, 5 * time.Second},
		"is unwilling": {func(_ *world, g *group, i int) { g.calls[i].SetUplinkCap(200_000, false) }, 2 * room.ReportEvery},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gather("ada", "bob", "eve", "dan")
				g.whole(5 * time.Second)
				w.setApart(g.phones[1].host, g.phones[2].host, true)
				g.paths(1, 2, PathCarried, 4*time.Second)
				first := g.carrier(1, 2)
				at := slices.IndexFunc(g.phones, func(p *phone) bool { return identityOf(p.key) == first })
				if at != 0 && at != 3 {
					t.Fatalf("the carrier is %d", at)
				}
				began := time.Now()
				c.goes(w, g, at)
				for g.carrier(1, 2) == first || g.carrier(2, 1) != g.carrier(1, 2) || g.path(1, 2) != PathCarried {
					if time.Since(began) > c.limit {
						t.Fatalf("after %v %s carries; %s", time.Since(began), g.carrier(1, 2), g.path(1, 2))
					}
					time.Sleep(50 * time.Millisecond)
				}
				t.Log("another carries after", time.Since(began))
				two := &group{w: w, phones: g.phones[1:3], calls: g.calls[1:3]}
				two.hearing("by the other", 1500*time.Millisecond)
				for i, c := range two.calls {
					for _, ev := range c.events() {
						if s, ok := ev.(StateChanged); ok && s.Status.State == Reconnecting {
							t.Errorf("%s was reconnecting", two.phones[i].name)
						}
					}
				}
			})
		})
	}
}

// What gets through in one direction only is of no use to a session.
func TestALinkThatIsDeafInOneDirectionIsCarried(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		from, to := g.phones[1].addr.Addr(), g.phones[2].addr.Addr()
		w.net.SetFilter(func(p vnet.Packet) bool { return p.From.Addr() != from || p.To.Addr() != to })
		g.paths(1, 2, PathCarried, 4*time.Second)
		g.hearing("carried", time.Second)
		time.Sleep(10 * time.Second)
		g.hearing("still", 50*time.Millisecond)
		w.net.SetFilter(w.passes)
		g.paths(1, 2, PathDirect, 5*time.Second)
		g.hearing("direct", time.Second)
	})
}

// A link that comes and goes stays carried for longer and longer.
func TestALinkThatComesAndGoesIsLeftAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		var held []time.Duration
		for range 4 {
			w.setApart(g.phones[1].host, g.phones[2].host, true)
			g.paths(1, 2, PathCarried, 4*time.Second)
			w.setApart(g.phones[1].host, g.phones[2].host, false)
			held = append(held, g.paths(1, 2, PathDirect, time.Minute))
		}
		t.Log(held)
		if held[0] > 2*time.Second || held[1] < backHold-time.Second || held[2] < 2*backHold-time.Second || held[3] < 4*backHold-time.Second {
			t.Errorf("it was carried for %v", held)
		}
	})
}
