package mesh

import (
	"bytes"
	"testing"
	"time"
)

// latest is how late the latest frame has come since the last time.
func (s *fakeSession) latest() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	worst := s.worst
	s.worst = 0
	return worst
}

// lateAtMost is how late a frame may come in an uplink that is used: 20 ms of way, a picture's packets, and the queue by which its
// end is found (uplink.Estimator). The jitter buffers of a call take it for nothing unusual.
const lateAtMost = 150 * time.Millisecond

// A file to all of a call, over uplinks with sound and pictures: it comes whole, through a break of a link, uses what they do not,
// and nobody's sound comes late for it.
func TestAFileOverNarrowUplinksMakesNoSoundLate(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.gatherAt(1, "ada", "bob", "eve")
		g.whole(5 * time.Second)
		for _, p := range g.phones {
			w.moveIn(p.host)
			p.home.setUplink(3_000_000)
		}
		time.Sleep(10 * time.Second)
		for _, p := range g.phones {
			p.media.session().latest()
		}
		time.Sleep(5 * time.Second)
		without := time.Duration(0)
		for _, p := range g.phones {
			without = max(without, p.media.session().latest())
		}
		file, content := testFile("file", 1_000_000)
		began := time.Now()
		for _, c := range g.calls {
			c.SetUplinkCap(0, false)
		}
		id := g.calls[0].sends(file)
		bob, _ := g.calls[1].takes("file")
		eve, _ := g.calls[2].takes("file")
		for bob.bytes() < 200_000 {
			time.Sleep(100 * time.Millisecond)
			if time.Since(began) > time.Minute {
				t.Fatalf("%d bytes in a minute", bob.bytes())
			}
		}
		late := func() {
			t.Helper()
			for _, p := range g.phones {
				if d := p.media.session().latest(); d > lateAtMost {
					t.Errorf("%s got a frame %v after its time, and %v without the file", p.name, d, without)
				}
			}
		}
		late()
		if p95, rate, _, lost := g.phones[0].home.used(began, time.Now()); p95 > 60*time.Millisecond || rate < 1_500_000 || lost > 0 {
			t.Errorf("the uplink's queue is %v, for %.0f bit/s; %d packets lost", p95, rate, lost)
		}
		w.setDead(g.phones[1].host, true)
		time.Sleep(8 * time.Second)
		w.setDead(g.phones[1].host, false)
		g.calls[1].again(InCall, 10*time.Second)
		time.Sleep(6 * time.Second) // what was kept, and new pictures
		for _, p := range g.phones {
			p.media.session().latest()
		}
		for i, c := range g.calls[1:] {
			c.transferred(id, g.phones[0].id, FileDone, 3*time.Minute)
			g.calls[0].transferred(id, g.phones[i+1].id, FileDone, time.Second)
		}
		late()
		if took := time.Since(began); took > 40*time.Second { // 14 of them for the break
			t.Errorf("it took %v", took)
		}
		t.Logf("there after %v; sound and picture %v late at most without", time.Since(began), without)
		if !bytes.Equal(bob.data, content) || !bytes.Equal(eve.data, content) {
			t.Error("other bytes")
		}
		if n := bob.bytes() + eve.bytes(); n != 2*len(content) {
			t.Errorf("%d bytes for %d", n, 2*len(content))
		}
	})
}
