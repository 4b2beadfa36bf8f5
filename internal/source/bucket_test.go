package source

import (
	"testing"
	"time"
)

func TestABucketGivesItsBurstThenItsRate(t *testing.T) {
	var b Bucket
	now := time.Now()
	for i := range 60 {
		if d := b.Take(1, 10, 60, now); d != 0 {
			t.Fatalf("token %d has to wait %v", i, d)
		}
	}
	taken := 0
	for range 1000 {
		d := b.Take(1, 10, 60, now)
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
		if d := b.Take(1, 10, 60, now); d != 0 {
			t.Fatalf("wait %v after an hour", d)
		}
	}
}
