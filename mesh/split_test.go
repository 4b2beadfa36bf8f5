package mesh

import (
	"fmt"
	"testing"
	"time"
)

// A conference that is split goes on as two, and is one again, in the same room, within seconds of the split's end: however long
// it took, and though each side has written off the other.
func TestASplitHeals(t *testing.T) {
	for _, c := range []struct {
		left, right int
		cut         time.Duration
	}{{2, 2, 10 * time.Second}, {2, 2, time.Minute}, {3, 2, 3 * time.Minute}} {
		t.Run(fmt.Sprintf("%d and %d for %v", c.left, c.right, c.cut), func(t *testing.T) {
			inWorld(t, func(w *world) {
				g := w.gatherAt(25, []string{"ada", "bob", "eve", "dan", "joe"}[:c.left+c.right]...)
				g.whole(8 * time.Second)
				left, right := &group{w, g.phones[:c.left], g.calls[:c.left]}, &group{w, g.phones[c.left:], g.calls[c.left:]}
				split := func(apart bool) {
					for _, a := range left.phones {
						for _, b := range right.phones {
							w.setApart(a.host, b.host, apart)
						}
					}
				}
				split(true)
				time.Sleep(c.cut)
				for _, side := range []*group{left, right} {
					if p := side.deaf(); p != "" {
						t.Errorf("in the split: %s", p)
					}
					if p := side.apart(); c.cut > 100*time.Second && p != "" {
						t.Errorf("after a long split: %s", p)
					}
				}
				split(false)
				healed := time.Now()
				for p := g.apart(); p != ""; p = g.apart() {
					if time.Since(healed) > 5*time.Second {
						t.Fatalf("not one again: %s", p)
					}
					time.Sleep(50 * time.Millisecond)
				}
				t.Logf("one again after %v", time.Since(healed))
				for p := g.problem(); p != ""; p = g.problem() {
					if time.Since(healed) > 15*time.Second {
						t.Fatalf("they do not compare: %s", p)
					}
					time.Sleep(100 * time.Millisecond)
				}
			})
		})
	}
}
