package mesh

import (
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// withhold has a member pass on only one of so many packets of others; 0: none.
func (g *group) withhold(i, oneOf int) {
	n := 0
	g.tamper(i, func(_ flash.PeerID, pass func()) {
		if n++; oneOf != 0 && n%oneOf == 0 {
			pass()
		}
	})
}

// tamper has a member do so with each packet that he carries.
func (g *group) tamper(i int, with func(to flash.PeerID, pass func())) {
	t := &g.calls[i].carriage
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tampers = with
}

// carrierAt is the member who carries two of them.
func (g *group) carrierAt(i, j int) int {
	by := g.carrier(i, j)
	return slices.IndexFunc(g.phones, func(p *phone) bool { return identityOf(p.key) == by })
}

// Who says that he carries, and passes nothing on, or half of it, is not chosen any more: both ends agree upon another one.
func TestWhoPassesTooLittleOnCarriesNoMore(t *testing.T) {
	for name, oneOf := range map[string]int{"nothing": 0, "half": 2} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gather("ada", "bob", "eve", "dan")
				g.whole(5 * time.Second)
				w.setApart(g.phones[1].host, g.phones[2].host, true)
				g.paths(1, 2, PathCarried, 4*time.Second)
				time.Sleep(2 * time.Second)
				bad := g.carrierAt(1, 2)
				if bad != 0 && bad != 3 {
					t.Fatalf("the carrier is %d", bad)
				}
				g.withhold(bad, oneOf)
				began := time.Now()
				for at := bad; at == bad || at < 0 || g.carrierAt(2, 1) != at; at = g.carrierAt(1, 2) {
					if time.Since(began) > 8*time.Second {
						t.Fatalf("after %v %d carries", time.Since(began), at)
					}
					time.Sleep(50 * time.Millisecond)
				}
				t.Log("another one after", time.Since(began))
				g.hearing("by the other", 2*time.Second)
				time.Sleep(doubtFirst + 5*time.Second) // while he does well, the first one is not tried again
				if g.carrierAt(1, 2) == bad || g.carrierAt(2, 1) == bad {
					t.Error("he carries again")
				}
				g.hearing("still", 50*time.Millisecond)
			})
		})
	}
}

// With nobody else to carry them they do not hear each other, and everybody sees that, until he is tried again and does better.
func TestWhereNobodyElseCarriesTheLinkIsToldAsBroken(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gather("ada", "bob", "eve")
		g.whole(5 * time.Second)
		g.withhold(0, 0)
		w.setApart(g.phones[1].host, g.phones[2].host, true)
		time.Sleep(10 * time.Second)
		pair := room.PairOf(identityOf(g.phones[1].key), identityOf(g.phones[2].key))
		for i, c := range g.calls {
			for _, l := range c.Links() {
				if room.PairOf(l.By, l.With) == pair && (l.State == room.Up || l.State == room.Carried || l.Carrier != (trust.Identity{})) {
					t.Errorf("%s sees %+v", g.phones[i].name, l)
				}
			}
			if n := c.carriedNow(); n != 0 {
				t.Errorf("%s has %d ways and passages", g.phones[i].name, n)
			}
		}
		g.tamper(0, nil)
		g.hearing("tried again", 2*doubtFirst)
	})
}

func TestDoubtsHoldLongerEachTime(t *testing.T) {
	var k carrying
	now, of := time.Now(), room.Doubt{With: [32]byte{1}, Carrier: [32]byte{2}}
	for i, want := range []time.Duration{doubtFirst, 2 * doubtFirst, 4 * doubtFirst} {
		k.doubt(now, of)
		k.doubt(now.Add(time.Second), of) // which it is already
		if got := k.doubts[of].until.Sub(now); got != want {
			t.Errorf("the time number %d: %v, want %v", i+1, got, want)
		}
		now = k.doubts[of].until
	}
	for range 10 {
		k.doubt(now, of)
		now = k.doubts[of].until
	}
	if k.doubts[of].hold != doubtMost {
		t.Errorf("at last %v", k.doubts[of].hold)
	}
}
