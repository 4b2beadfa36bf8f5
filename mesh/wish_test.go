package mesh

import (
	"testing"

	"sundog.dev/sundog/mesh/uplink"
)

func TestAWishSaysHowManyLinesArePictured(t *testing.T) {
	size := func(height int) uplink.Encoding {
		for _, s := range uplink.Sizes {
			if s.Height == height {
				return uplink.Encoding{Size: s, Bitrate: 100_000, Layers: uplink.Layers}
			}
		}
		return uplink.Encoding{}
	}
	for _, c := range []struct {
		what         string
		camera       int
		small, large int // of the division; 0: none
		wantSmall    int
		wantFull     int
	}{
		{"as large as the camera", 720, 0, 720, 0, 720},
		{"smaller than the camera", 720, 0, 540, 0, 540},
		{"two steps smaller, and the small one", 720, 180, 360, 180, 360},
		{"the small one alone is another encoder's", 720, 0, 180, 180, 0},
		{"a camera between two sizes is the smaller one of them", 480, 0, 360, 0, 480},
		{"unless it is to be smaller", 600, 180, 360, 180, 360},
		{"one a little larger than the largest", 768, 0, 720, 0, 768},
		{"one much larger", 1080, 0, 720, 0, 720},
		{"a small camera", 180, 0, 180, 0, 180},
		{"a tiny one", 120, 0, 180, 0, 120},
	} {
		got := wishOf(uplink.Division{Small: size(c.small), Large: size(c.large)}, c.camera)
		if got.Small.Height != c.wantSmall || got.Full.Height != c.wantFull {
			t.Errorf("%s: small %d, full %d, want %d, %d", c.what, got.Small.Height, got.Full.Height, c.wantSmall, c.wantFull)
		}
	}
}
