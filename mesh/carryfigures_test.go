package mesh

import (
	"fmt"
	"testing"
	"time"
)

// A pair is carried by somebody who sends pictures himself, over an uplink that has room or hardly: the pair hears each other, sees
// small pictures, and nobody suffers.
func TestACarriedLinkAtHome(t *testing.T) {
	for _, c := range []struct {
		uplink    float64 // bit/s
		height    int     // of the others' pictures
		fps       float64 // of the carried pictures
		concealed float64
	}{
		{1.5e6, 180, 0, 0.02},
	} {
		t.Run(fmt.Sprint(c.uplink/1e6), func(t *testing.T) {
			inWorld(t, func(w *world) {
				m := w.meet(4)
				for _, p := range m.phones {
					p.home.setUplink(c.uplink)
				}
				time.Sleep(5 * time.Second)
				w.setApart(m.phones[1].host, m.phones[2].host, true)
				m.paths(1, 2, PathCarried, 4*time.Second)
				time.Sleep(5 * time.Second)
				begin, by := time.Now(), m.carrierAt(1, 2)
				time.Sleep(12 * time.Second)
				end := time.Now()
				m.paths(1, 2, PathCarried, 0)
				if now := m.carrierAt(1, 2); now != by {
					t.Errorf("first %d carried, now %d", by, now)
				}
				pair := func(from, to int) bool { return from == 1 && to == 2 || from == 2 && to == 1 }
				concealed, fps := m.worst(m.streams(pair), 180, begin, end)
				t.Logf("carried: %.2f %% of the sound concealed, %.1f small pictures a second; by %s", concealed*100, fps, m.carrier(1, 2))
				if concealed > c.concealed || fps < c.fps {
					t.Error("too little of the pair")
				}
				concealed, fps = m.worst(m.streams(func(from, to int) bool { return !pair(from, to) }), c.height, begin, end)
				t.Logf("the others: %.2f %% of the sound concealed, %.1f pictures a second", concealed*100, fps)
				if concealed > mostConcealed || fps < leastFPS/2 {
					t.Error("too little of the others")
				}
				m.holdUplinks(begin, end)
			})
		})
	}
}

// Somebody who reaches one member alone hears all others by way of that one.
func TestWhoReachesOneMemberHearsAll(t *testing.T) {
	for _, uplink := range []float64{2e6} {
		t.Run(fmt.Sprint(uplink/1e6), func(t *testing.T) {
			inWorld(t, func(w *world) {
				m := w.meet(5)
				for _, p := range m.phones {
					p.home.setUplink(uplink)
				}
				time.Sleep(5 * time.Second)
				for i := range 3 {
					w.setApart(m.phones[4].host, m.phones[i+1].host, true)
				}
				for i := range 3 {
					t.Log(m.paths(4, i+1, PathCarried, 5*time.Second))
				}
				time.Sleep(5 * time.Second)
				begin := time.Now()
				time.Sleep(8 * time.Second)
				end := time.Now()
				lonely := func(from, to int) bool { return (from == 4 || to == 4) && from != 0 && to != 0 }
				concealed, fps := m.worst(m.streams(lonely), 180, begin, end)
				t.Logf("carried: %.2f %% of the sound concealed, %.1f small pictures a second", concealed*100, fps)
				if concealed > 0.01 {
					t.Error("too little")
				}
				concealed, fps = m.worst(m.streams(func(from, to int) bool { return !lonely(from, to) }), 180, begin, end)
				t.Logf("the others: %.2f %% of the sound concealed, %.1f pictures a second", concealed*100, fps)
				if concealed > mostConcealed {
					t.Error("too little of the others")
				}
				m.holdUplinks(begin, end)
			})
		})
	}
}
