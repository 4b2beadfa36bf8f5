package mesh

import (
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp/flash"
)

// carriedBy cuts two of four off from each other, and says who of the others carries them.
func (g *group) carriedBy() (bad, other int) {
	g.w.t.Helper()
	g.whole(5 * time.Second)
	g.w.setApart(g.phones[1].host, g.phones[2].host, true)
	g.paths(1, 2, PathCarried, 4*time.Second)
	time.Sleep(5 * time.Second)
	if bad = g.carrierAt(1, 2); bad != 0 && bad != 3 {
		g.w.t.Fatalf("the carrier is %d", bad)
	}
	return bad, 3 - bad
}

// holdBack has a member pass on what he carries later by so much.
func (g *group) holdBack(i int, by func(to flash.PeerID) time.Duration) {
	g.tamper(i, func(to flash.PeerID, pass func()) {
		if d := by(to); d > 0 {
			time.AfterFunc(d, pass)
		} else {
			pass()
		}
	})
}

// Who passes everything on, but late, be it always, at times, or in one direction, is not chosen any more.
func TestWhoPassesItOnLateCarriesNoMore(t *testing.T) {
	for name, c := range map[string]struct {
		way, back time.Duration
		now       func(second int64) bool
		limit     time.Duration
	}{
		"always":                  {300 * time.Millisecond, 300 * time.Millisecond, func(int64) bool { return true }, 15 * time.Second},
		"in one direction":        {400 * time.Millisecond, 0, func(int64) bool { return true }, 15 * time.Second},
		"for a second in every 6": {500 * time.Millisecond, 500 * time.Millisecond, func(s int64) bool { return s%6 == 0 }, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gather("ada", "bob", "eve", "dan")
				bad, other := g.carriedBy()
				g.holdBack(bad, func(to flash.PeerID) time.Duration {
					switch {
					case !c.now(time.Now().Unix()):
						return 0
					case to == g.phones[1].id:
						return c.way
					}
					return c.back
				})
				began := time.Now()
				for g.carrierAt(1, 2) != other || g.carrierAt(2, 1) != other {
					if time.Since(began) > c.limit {
						t.Fatalf("after %v he still carries: %v there and back", time.Since(began), g.calls[1].StatsOf(g.phones[2].id).RTT)
					}
					time.Sleep(100 * time.Millisecond)
				}
				t.Log("another one after", time.Since(began))
				g.hearing("by the other", 2*time.Second)
				for range 15 { // while he does well, the first one is not tried again
					time.Sleep(time.Second)
					if g.carrierAt(1, 2) != other || g.carrierAt(2, 1) != other {
						t.Fatal("he carries again")
					}
				}
			})
		})
	}
}

// Where all are late they are not changed again and again.
func TestWhereAllCarryLateOneOfThemDoes(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve", "dan")
		bad, other := g.carriedBy()
		for _, i := range []int{bad, other} {
			g.holdBack(i, func(flash.PeerID) time.Duration { return 400 * time.Millisecond })
		}
		changes, last := 0, bad
		for range 500 {
			time.Sleep(100 * time.Millisecond)
			if now := g.carrierAt(1, 2); now >= 0 && now != last {
				changes, last = changes+1, now
			}
		}
		if changes != 1 {
			t.Errorf("another one %d times in 50 s", changes)
		}
		g.hearing("still", time.Second)
	})
}

// doubts are how many carriers two members doubt to each other.
func (g *group) doubts(members ...int) (n int) {
	for _, i := range members {
		_ = g.calls[i].ask(func() error {
			n += len(g.calls[i].carrying.doubts)
			return nil
		})
	}
	return n
}

// Whose paths are slow, always or at times, is not to blame: he carries as before.
func TestWhosePathsAreSlowIsNotToBlame(t *testing.T) {
	for name, slow := range map[string]func(second int) (one, other time.Duration){
		"to one of them": func(int) (_, _ time.Duration) { return 300 * time.Millisecond, 0 },
		"to one of them for a second in every six": func(second int) (one, other time.Duration) {
			if second%6 == 0 {
				other = 400 * time.Millisecond
			}
			return 0, other
		},
		"to both more and more": func(second int) (_, _ time.Duration) {
			d := time.Duration(second) * 10 * time.Millisecond
			return d, d
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gather("ada", "bob", "eve", "dan")
				for _, c := range g.calls {
					c.SetUplinkCap(600_000, false) // so that all offer the same, whatever they take their uplinks for: for one pair
				}
				carrier, _ := g.carriedBy()
				lengthen := func(i int, by time.Duration) {
					one, other := g.phones[carrier].addr.Addr(), g.phones[i].addr.Addr()
					w.net.SetLink(one, other, vnet.Link{Latency: 10*time.Millisecond + by})
					w.net.SetLink(other, one, vnet.Link{Latency: 10*time.Millisecond + by})
				}
				// Where they are longer all of a sudden that looks like a queue, and he sends less for a while: they hear each other
				// directly until that is over.
				for range 3 { // who carries follows what each knows of his uplink by then
					w.setApart(g.phones[1].host, g.phones[2].host, false)
					g.paths(1, 2, PathDirect, 10*time.Second)
					one, other := slow(0)
					lengthen(1, one)
					lengthen(2, other)
					time.Sleep(15 * time.Second)
					w.setApart(g.phones[1].host, g.phones[2].host, true)
					g.paths(1, 2, PathCarried, 5*time.Second)
					now := g.carrierAt(1, 2)
					if now == carrier {
						break
					}
					lengthen(1, 0)
					lengthen(2, 0)
					carrier = now
				}
				his := 0
				for second := range 25 {
					one, other := slow(second)
					lengthen(1, one)
					lengthen(2, other)
					time.Sleep(time.Second)
					if n := g.doubts(1, 2); n > 0 {
						t.Fatalf("%d doubts after %d s", n, second+1)
					}
					if g.carrierAt(1, 2) == carrier {
						his++
					}
				}
				t.Log(g.calls[1].StatsOf(g.phones[2].id).RTT, "there and back; he has carried for", his, "s")
				if his < 15 {
					t.Error("another one carries")
				}
			})
		})
	}
}
