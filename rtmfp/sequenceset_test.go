package rtmfp

import (
	"math/rand/v2"
	"testing"
)

// A sequenceSet agrees with a plain set, whatever the order.
func TestSequenceSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		var s sequenceSet
		plain := map[uint64]bool{0: true}
		for range 100 {
			seq := 1 + rng.Uint64N(60)
			if rng.IntN(10) == 0 {
				s.raise(seq)
				for i := range seq + 1 {
					plain[i] = true
				}
			} else {
				s.add(seq)
				plain[seq] = true
			}
			gaps := false
			highest := uint64(0)
			for i := range uint64(70) {
				if s.contains(i) != plain[i] {
					t.Fatalf("%+v: contains %d is %v", s, i, s.contains(i))
				}
				if plain[i] {
					highest = i
				}
			}
			for i := range highest {
				gaps = gaps || !plain[i]
			}
			if s.hasGaps() != gaps {
				t.Fatalf("%+v: gaps %v, want %v", s, s.hasGaps(), gaps)
			}
			last := s.cumulative
			for _, r := range s.beyond {
				if r.from < last+2 || r.to < r.from {
					t.Fatalf("ranges touch or are out of order: %+v", s)
				}
				last = r.to
			}
		}
	}
}

func TestSequenceSetIsBounded(t *testing.T) {
	var s sequenceSet
	for i := range uint64(2 * maxRecvRanges) {
		if ok := s.add(2 + 2*i); ok != (i < maxRecvRanges) {
			t.Fatalf("range %d: %v", i, ok)
		}
	}
	if !s.add(3) || s.add(1000_000) != true && len(s.beyond) > maxRecvRanges {
		t.Error("a number that joins ranges was refused")
	}
}
