package mesh

import (
	"fmt"
	"testing"
	"time"
)

// What sound over a small uplink is held against: one of eight members has one.
const (
	smallConcealed = 0.005
	smallQueue     = 80 * time.Millisecond
)

// One of eight has an uplink that carries sound alone, in long packets: all hear it, it hears all, and its uplink has no queue.
func TestSoundOverASmallUplink(t *testing.T) {
	for _, bits := range []float64{400e3, 300e3} {
		t.Run(fmt.Sprintf("%.0f kbit/s", bits/1e3), func(t *testing.T) {
			inWorld(t, func(w *world) {
				const small = 5
				w.uplinks = map[int]float64{small: bits}
				m := w.meet(8, -1)
				time.Sleep(8 * time.Second)
				begin := time.Now()
				time.Sleep(5 * time.Second)
				end := time.Now()
				heard := m.concealedOf(m.streams(func(from, _ int) bool { return from == small }), begin, end)
				hears := m.concealedOf(m.streams(func(_, to int) bool { return to == small }), begin, end)
				home := m.phones[small].home
				p95, rate, most, lost := home.used(begin, end)
				t.Logf("%.2f %% of its sound concealed; it hears with %.2f %%; %.0f kbit/s (at most %.0f), queue p95 %v, %d packets lost; sound in packets of %v; %s",
					heard*100, hears*100, rate/1e3, most/1e3, p95.Round(time.Millisecond), lost, m.media[small].wished().Sound.Packet, m.calls[small].Uplink().Summary)
				if heard > smallConcealed || hears > smallConcealed || p95 > smallQueue {
					t.Error("too much is concealed, or waits")
				}
			})
		})
	}
}
