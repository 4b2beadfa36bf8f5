package mesh

import (
	"testing"
	"time"
)

// The way from a member with a small uplink becomes longer in the middle of a call, which looks like a queue that never goes: somebody
// else's. His uplink is not filled for that, and he is heard.
func TestAConferenceOnAWayThatBecomesLonger(t *testing.T) {
	inWorld(t, func(w *world) {
		w.uplinks = map[int]float64{0: 900e3}
		m := w.meet(3)
		m.speaks(0)
		time.Sleep(6 * time.Second)
		far := m.phones[0]
		far.home.air.out = 30 * time.Millisecond
		for _, o := range m.phones[1:] {
			w.net.SetLink(far.host.addr.Addr(), o.host.addr.Addr(), far.home.linkTo(o.home))
		}
		time.Sleep(5 * time.Second)
		begin := time.Now()
		time.Sleep(15 * time.Second)
		end := time.Now()
		concealed, _ := m.worst(m.streams(func(from, _ int) bool { return from == 0 }), 0, begin, end)
		p95, rate, _, lost := far.home.used(begin, end)
		t.Logf("%.2f %% of his sound concealed; %.2f Mbit/s, queue p95 %v, %d packets lost", concealed*100, rate/1e6, p95.Round(time.Millisecond), lost)
		if concealed > 0.01 || p95 > narrowQueue {
			t.Error("his uplink is filled")
		}
	})
}
