package rendezvous

import (
	"net/netip"
	"testing"
	"time"
)

func TestABucketGivesItsBurstThenItsRate(t *testing.T) {
	var b bucket
	now := time.Now()
	for i := range 60 {
		if d := b.take(now, 10, 60); d != 0 {
			t.Fatalf("token %d has to wait %v", i, d)
		}
	}
	taken := 0
	for range 1000 {
		d := b.take(now, 10, 60)
		if now = now.Add(d); d == 0 {
			taken++
		} else if d > 101*time.Millisecond {
			t.Fatalf("wait %v for a token, want 100ms", d)
		}
	}
	if taken != 500 {
		t.Errorf("%d of 1000 attempts got a token, want every second one, after its wait", taken)
	}
	now = now.Add(time.Hour)
	for range 60 {
		if d := b.take(now, 10, 60); d != 0 {
			t.Fatalf("wait %v after an hour", d)
		}
	}
}

func TestOneSourceIsLimitedAndOthersAreNot(t *testing.T) {
	s, now := newSources(introductionRate, introductionBurst), time.Now()
	greedy := netip.MustParseAddr("198.51.100.1")
	for i := range introductionBurst {
		if !s.take(greedy, now) {
			t.Fatalf("introduction %d is refused", i)
		}
	}
	if s.take(greedy, now) {
		t.Error("introductions beyond the burst")
	}
	refused := 0
	for i := range 100 {
		if !s.take(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), now) {
			refused++
		}
	}
	if refused > 1 { // one may share the bucket by chance
		t.Errorf("%d of 100 other sources are refused", refused)
	}
	if !s.take(greedy, now.Add(time.Second)) {
		t.Error("refused after a while")
	}
}
