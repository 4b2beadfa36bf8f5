package mesh

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// meetAtOnce has so many phones at home come to one of them at the same moment, by one link, as for a meeting at ten o'clock. It
// returns when all links are up. All have a camera, or those alone.
func (w *world) meetAtOnce(n int, cameras ...int) (m *meeting, linked time.Time) {
	w.t.Helper()
	w.serve()
	w.homes = true
	m = &meeting{}
	var phones []*phone
	for i := range n {
		media := newLayeredMedia(w.t, i, len(cameras) == 0 || slices.Contains(cameras, i))
		m.media = append(m.media, media)
		p := w.newPhone(fmt.Sprintf("p%d", i+1), func(c *Config) { c.Media = media })
		if bits := w.uplinks[i]; bits > 0 {
			p.home.setUplink(bits)
		}
		p.nc.SetMaxPeerConnections(n + 4)
		register(p.host)
		phones = append(phones, p)
	}
	g, knocked := w.assemble(phones...)
	m.group = g
	w.t.Logf("%d links up after %v", n*(n-1)/2, g.linked(knocked, 5*time.Second))
	return m, time.Now()
}

// Eight come at once, with uplinks of which nothing is known: soon everybody sees everybody.
func TestAConferenceBegins(t *testing.T) {
	inWorld(t, func(w *world) {
		m, linked := w.meetAtOnce(8)
		time.Sleep(soonSeen)
		last, ok := m.seen(m.streams(everybody), wantedHeight)
		t.Logf("everybody sees everybody %v after the last link was up", last.Sub(linked))
		if !ok {
			t.Error("too late")
		}
		m.holdUplinks(linked, time.Now())
	})
}

// To find out what an uplink carries does no harm to sound where it is little. One beginning may have bad luck: two are looked at.
func TestAConferenceBeginsOverASlowUplink(t *testing.T) {
	const bits, slow, beginnings = 1e6, 5, 2
	mean := 0.0
	for range beginnings {
		inWorld(t, func(w *world) {
			w.uplinks = map[int]float64{slow: bits}
			m, linked := w.meetAtOnce(8, 0, slow)
			time.Sleep(5 * time.Second)
			end := time.Now()
			all := m.concealedOf(m.streams(func(from, _ int) bool { return from == slow }), linked, end)
			mean += all / beginnings
			p95, rate, _, lost := m.phones[slow].home.used(linked, end)
			t.Logf("%.2f %% of its sound concealed; %.2f Mbit/s, queue p95 %v, %d packets lost there", all*100, rate/1e6, p95.Round(time.Millisecond), lost)
			if p95 > narrowQueue {
				t.Error("the queue is long")
			}
		})
	}
	if mean > 0.01 {
		t.Errorf("%.2f %% of its sound was concealed", mean*100)
	}
}
