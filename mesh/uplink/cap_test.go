package uplink

import "testing"

// Pictures are spread by what is known of the uplink.
func TestHowFastPicturesLeaveTogether(t *testing.T) {
	for _, c := range []struct {
		name     string
		estimate Estimate
		want     float64
	}{
		{"as usual", Estimate{Rate: 4e6, Delivered: 2e6}, 6e6},
		{"there is a queue", Estimate{Rate: 4e6, Delivered: 2e6, Draining: true}, 3.2e6},
		{"there was one just now", Estimate{Rate: 4e6, Delivered: 2e6, Drained: true}, 4.2e6},
		{"a beginning with little that arrives", Estimate{Rate: 1.2e6, Delivered: 0.5e6, Beginning: true}, 1.26e6},
		{"a beginning with more", Estimate{Rate: 1.2e6, Delivered: 1e6, Beginning: true}, 1.5e6},
		{"a beginning where all arrives", Estimate{Rate: 4e6, Delivered: 4.2e6, Beginning: true}, 6e6},
	} {
		if got := c.estimate.Together(); got < c.want-1 || got > c.want+1 {
			t.Errorf("%s: %.0f bit/s, want %.0f", c.name, got, c.want)
		}
	}
}
