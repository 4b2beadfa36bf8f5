package mesh

import (
	"slices"
	"testing"
	"time"
)

// soundDelay is so much of the sound's delay, from 0 to 1, of what one member sent to another between two moments.
func (m *meeting) soundDelay(from, to int, part float64, begin, end time.Time) time.Duration {
	o := m.media[to]
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []time.Duration
	if h := o.hears[m.phones[from].id]; h != nil {
		for at, d := range h.sounds {
			if !at.Before(begin) && at.Before(end) {
				all = append(all, d)
			}
		}
	}
	if len(all) == 0 {
		return time.Hour
	}
	slices.Sort(all)
	return all[int(float64(len(all)-1)*part)]
}

// Five with small uplinks, which are full of pictures, and two of them are carried: their sound does not wait behind what the carrier
// sends of his own, nor behind pictures that he carries.
func TestCarriedSoundDoesNotWaitBehindPictures(t *testing.T) {
	inWorld(t, func(w *world) {
		w.uplinks = map[int]float64{0: 1e6, 1: 1e6, 2: 1e6, 3: 1e6, 4: 1e6}
		m := w.meet(5)
		time.Sleep(5 * time.Second)
		w.setApart(m.phones[1].host, m.phones[2].host, true)
		m.paths(1, 2, PathCarried, 5*time.Second)
		time.Sleep(5 * time.Second)
		begin := time.Now()
		time.Sleep(15 * time.Second)
		end := time.Now()
		by := m.carrierAt(1, 2)
		m.paths(1, 2, PathCarried, 0)
		for _, s := range [][2]int{{1, 2}, {2, 1}} {
			direct := max(m.soundDelay(s[0], by, 0.95, begin, end), m.soundDelay(by, s[1], 0.95, begin, end))
			half, most := m.soundDelay(s[0], s[1], 0.5, begin, end), m.soundDelay(s[0], s[1], 0.95, begin, end)
			concealed := m.concealed(s[0], s[1], begin, end.Add(-soundDeadline))
			t.Logf("carried: %.2f %% of the sound concealed, its delay %v, p95 %v; to and from the carrier p95 %v at most", concealed*100, half, most, direct)
			if concealed > 0.02 {
				t.Error("too little of the pair")
			}
		}
		pair := func(from, to int) bool { return from == 1 && to == 2 || from == 2 && to == 1 }
		concealed, fps := m.worst(m.streams(func(from, to int) bool { return !pair(from, to) }), 180, begin, end)
		t.Logf("the others: %.2f %% of the sound concealed, %.1f pictures a second", concealed*100, fps)
		if concealed > 0.01 {
			t.Error("too little of the others")
		}
	})
}

// One of those who are carried sends all that he may, and more, in packets shorter than those of sound: neither the carrier's own sound nor
// that of anybody else waits behind it.
func TestAFloodOfShortCarriedPacketsHarmsNobodysSound(t *testing.T) {
	inWorld(t, func(w *world) {
		w.uplinks = map[int]float64{0: 1e6, 3: 1e6}
		m := w.meet(4)
		time.Sleep(5 * time.Second)
		w.setApart(m.phones[1].host, m.phones[2].host, true)
		m.paths(1, 2, PathCarried, 5*time.Second)
		time.Sleep(5 * time.Second)
		by := m.carrierAt(1, 2)
		begin := time.Now().Add(time.Second) // until then what is sent does not fit
		send := m.carries(1, by, 2, carryHeader{})
		for range 1000 {
			for range 20 { // 1.3 Mbit/s, and with what packets add five times that
				send(make([]byte, 40))
			}
			time.Sleep(5 * time.Millisecond)
		}
		end := time.Now()
		for _, s := range m.streams(func(from, to int) bool { return from != 1 && to != 1 }) {
			concealed, most := m.concealed(s[0], s[1], begin, end.Add(-soundDeadline)), m.soundDelay(s[0], s[1], 0.95, begin, end)
			t.Logf("%d to %d: %.2f %% concealed, p95 %v", s[0], s[1], concealed*100, most)
			if concealed > 0.05 {
				t.Errorf("from %d to %d %.2f %% of the sound is concealed, p95 %v", s[0], s[1], concealed*100, most)
			}
		}
	})
}
