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
	if b.refill(now.Add(time.Hour), 10); b.spent != 0 {
		t.Errorf("%v tokens missing after an hour", b.spent)
	}
}

func TestSourcesAreBoundedAndForgotten(t *testing.T) {
	s, now := make(sources), time.Now()
	source := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}) }
	for i := range maxSources + 1000 {
		s.take(source(i), now)
	}
	if len(s) > maxSources+1 {
		t.Errorf("%d sources", len(s))
	}
	if s.take(source(1<<20), now) {
		t.Error("a thousand newcomers beyond the bound were all allowed")
	}
	if !s.take(source(1<<20), now.Add(time.Hour)) || len(s) != 1 {
		t.Errorf("%d sources after an hour", len(s))
	}
}

func TestOneHouseholdIsOneSource(t *testing.T) {
	for _, same := range [][2]string{{"192.0.2.1", "::ffff:192.0.2.1"}, {"2001:db8::1", "2001:db8::ffff:1"}} {
		if sourceOf(netip.MustParseAddr(same[0])) != sourceOf(netip.MustParseAddr(same[1])) {
			t.Errorf("%v are two sources", same)
		}
	}
	for _, other := range [][2]string{{"192.0.2.1", "192.0.2.2"}, {"2001:db8::1", "2001:db8:0:1::1"}} {
		if sourceOf(netip.MustParseAddr(other[0])) == sourceOf(netip.MustParseAddr(other[1])) {
			t.Errorf("%v are one source", other)
		}
	}
}
