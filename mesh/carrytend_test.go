package mesh

import "testing"

// What somebody offers to carry follows what is known of his uplink, and not each change of that.
func TestWhatIsOfferedToBeCarriedIsSteady(t *testing.T) {
	c := &Call{}
	for _, step := range []struct {
		rate  int // bit/s
		offer int
	}{
		{0, 1},
		{1_500_000, 3}, {1_300_000, 3}, {1_700_000, 3}, {1_900_000, 4}, {1_500_000, 4}, {1_100_000, 3}, {900_000, 3}, {500_000, 1},
		{400_000, 1}, {399_000, 0}, {450_000, 1}, {10_000_000, 4},
	} {
		c.uplink.now.Rate = step.rate
		if got := c.willing(); got != step.offer {
			t.Errorf("at %d bit/s: %d pairs, want %d", step.rate, got, step.offer)
		}
	}
}
