package mesh

import (
	"testing"
	"time"
)

func TestTimestampsSurviveTheWrapAround(t *testing.T) {
	epoch := time.UnixMilli(1_700_000_000_000)
	c := mediaClock{epoch: epoch}
	const turn = 1 << 32 * time.Millisecond
	for name, due := range map[string]time.Time{
		"the epoch":             epoch,
		"before the epoch":      epoch.Add(-20 * time.Millisecond),
		"a minute in":           epoch.Add(time.Minute),
		"just before the wrap":  epoch.Add(turn - time.Millisecond),
		"at the wrap":           epoch.Add(turn),
		"just after the wrap":   epoch.Add(turn + time.Millisecond),
		"after several of them": epoch.Add(5*turn + time.Hour),
	} {
		for _, delay := range []time.Duration{0, 50 * time.Millisecond, -3 * time.Second, time.Minute} {
			now := due.Add(delay) // the far clock may be behind or ahead of ours
			if got := c.due(c.stamp(due), now); !got.Equal(due) {
				t.Errorf("%s, read %v later: %v, want %v", name, delay, got, due)
			}
		}
	}
}

func TestAnEpochOfAnyAgeGivesATimeNearNow(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	for _, ms := range []int64{0, 1, 1 << 40, maxEpoch} {
		c := mediaClock{epoch: time.UnixMilli(ms)}
		for _, stamp := range []uint32{0, 1, 1 << 31, 1<<32 - 1} {
			if d := c.due(stamp, now).Sub(now).Abs(); d > 25*24*time.Hour {
				t.Errorf("epoch %d, stamp %d: %v away", ms, stamp, d)
			}
		}
	}
}
