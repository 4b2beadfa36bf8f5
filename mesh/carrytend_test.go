package mesh

import "testing"

// What somebody offers to carry follows what is known of his uplink, and not each change of that.
func TestWhatIsOfferedToBeCarriedIsSteady(t *testing.T) {
	c := &Call{}
	for _, step := range []struct {
		rates []int // bit/s, of report after report
		offer int
	}{
		{[]int{0}, 1},
		{[]int{1_500_000}, 3},
		{[]int{1_300_000, 1_900_000, 1_300_000, 1_400_000, 2_000_000}, 3},
		{[]int{3_000_000, 3_000_000, 3_000_000, 3_000_000}, 4},
		{[]int{1_500_000, 1_500_000, 1_500_000}, 4},
		{[]int{900_000, 900_000, 900_000, 900_000, 900_000, 900_000}, 3},
		{[]int{399_000}, 0},
		{[]int{450_000}, 1},
	} {
		got := 0
		for _, rate := range step.rates {
			c.uplink.now.Rate = rate
			got = c.willing()
		}
		if got != step.offer {
			t.Errorf("at %v bit/s: %d pairs, want %d", step.rates, got, step.offer)
		}
	}
}
