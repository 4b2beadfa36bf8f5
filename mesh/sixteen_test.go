package mesh

import (
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// Fifteen come to the sixteenth at once, by one link and through a service.
func TestSixteenAreLinkedAndCompare(t *testing.T) {
	inWorld(t, func(w *world) {
		w.net.SetDefaultLink(vnet.Link{Latency: 20 * time.Millisecond})
		phones := w.served(16, 15, func(c *Config) { c.Media = nil }) // nothing but what holds the conference together
		g, knocked := w.assemble(phones...)
		t.Logf("120 links up after %v", g.linked(knocked, 10*time.Second))
		for p := g.problem(); p != ""; p = g.problem() {
			if time.Since(knocked) > 15*time.Second {
				t.Fatal(p)
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("one string after %v", time.Since(knocked))
		time.Sleep(20 * time.Second)
		if p := g.problem(); p != "" {
			t.Error(p)
		}
	})
}
