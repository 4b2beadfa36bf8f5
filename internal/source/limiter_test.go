package source

import (
	"net/netip"
	"testing"
	"time"
)

func TestALimiterGivesItsBurstThenItsRate(t *testing.T) {
	l, now, from := NewLimiter(10, 60), time.Now(), netip.MustParseAddr("192.0.2.1")
	for i := range 60 {
		if d := l.Take(from, 1, now); d != 0 {
			t.Fatalf("token %d has to wait %v", i, d)
		}
	}
	taken := 0
	for range 1000 {
		d := l.Take(from, 1, now)
		if now = now.Add(d); d == 0 {
			taken++
		} else if d > 101*time.Millisecond {
			t.Fatalf("wait %v for a token, want 100ms", d)
		}
	}
	if taken != 500 {
		t.Errorf("%d of 1000 attempts got a token, want every second one, after its wait", taken)
	}
	if d := l.Take(from, 1000, now.Add(time.Hour)); d != 0 {
		t.Errorf("more than fits into a bucket waits %v beside a full one", d)
	}
}

func TestOneSourceIsLimitedAndOthersAreNot(t *testing.T) {
	l, now := NewLimiter(1, 10), time.Now()
	if l.Take(netip.MustParseAddr("2001:db8::1"), 10, now) != 0 || l.Take(netip.MustParseAddr("2001:db8::2"), 1, now) == 0 {
		t.Error("a household is to have 10 tokens, and no more")
	}
	refused := 0
	for i := range 100 {
		if l.Take(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 1, now) != 0 || l.TakeKey([]byte{byte(i)}, 1, now) != 0 {
			refused++
		}
	}
	if refused > 1 { // one may share the bucket by chance
		t.Errorf("%d of 100 others are refused", refused)
	}
}
