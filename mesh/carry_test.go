package mesh

import (
	"fmt"
	"testing"
	"time"

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
