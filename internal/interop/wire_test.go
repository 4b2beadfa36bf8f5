package main

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestWireTakesItsTime(t *testing.T) {
	start := time.Unix(1000, 0)
	const size = 1250 - headerSize // one millisecond at 10 Mbit/s
	for _, c := range []struct {
		name string
		wire wire
		sent []time.Duration
		want []time.Duration // -1: dropped
	}{
		{"nothing but delay", wire{delay: 20}, []time.Duration{0, 1}, []time.Duration{20, 21}},
		{
			"one after the other",
			wire{delay: 20 * time.Millisecond, rate: 10_000_000},
			[]time.Duration{0, 0, 5 * time.Millisecond},
			[]time.Duration{21 * time.Millisecond, 22 * time.Millisecond, 26 * time.Millisecond},
		},
		{
			"a full queue drops",
			wire{rate: 10_000_000, queue: 2 * 1250},
			[]time.Duration{0, 0, 0, time.Millisecond, time.Millisecond},
			[]time.Duration{time.Millisecond, 2 * time.Millisecond, -1, 3 * time.Millisecond, -1},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, at := range c.sent {
				arrival, ok := c.wire.pass(start.Add(at), size)
				got := arrival.Sub(start)
				if !ok {
					got = -1
				}
				if got != c.want[i] {
					t.Errorf("datagram %d arrives after %v, want %v", i, got, c.want[i])
				}
			}
		})
	}
}

func TestWireLosesAsOftenAsTold(t *testing.T) {
	w := wire{loss: 0.02, random: rand.New(rand.NewPCG(1, 1))}
	for range 100_000 {
		w.pass(time.Time{}, 100)
	}
	if w.lost < 1800 || w.lost > 2200 || w.passed+w.lost != 100_000 {
		t.Errorf("%d of 100000 lost, %d passed", w.lost, w.passed)
	}
}
