package app

import (
	"testing"
	"time"
)

func TestCallTime(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                         "0:00",
		0:                                    "0:00",
		999 * time.Millisecond:               "0:00",
		9 * time.Second:                      "0:09",
		12*time.Minute + 41*time.Second:      "12:41",
		59*time.Minute + 59*time.Second:      "59:59",
		time.Hour:                            "1:00:00",
		25*time.Hour + 2*time.Minute + 3*1e9: "25:02:03",
		time.Hour + 1*time.Minute + 1*time.Second: "1:01:01",
	} {
		if got := callTime(d); got != want {
			t.Errorf("callTime(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestMomentIsAsShortAsItCanBe(t *testing.T) {
	now := time.Date(2026, 3, 14, 15, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{now.Add(-88 * time.Minute), "14:02"},
		{time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC), "00:00"},
		{time.Date(2026, 3, 13, 23, 59, 0, 0, time.UTC), "yesterday, 23:59"},
		{time.Date(2026, 3, 12, 23, 59, 0, 0, time.UTC), "12 March"},
		{time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC), "31 December 2025"},
		{time.Date(2026, 3, 14, 2, 0, 0, 0, time.FixedZone("", 3*3600)), "yesterday, 23:00"},
	} {
		if got := moment(c.at, now); got != c.want {
			t.Errorf("moment(%v) = %q, want %q", c.at, got, c.want)
		}
	}
}
