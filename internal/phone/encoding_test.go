package phone

import (
	"testing"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

func TestWhatIsEncodedFollowsWhatOthersCanBeSent(t *testing.T) {
	full := mesh.Encoding{Bitrate: 500_000, Layers: 3, Height: 360}
	small := mesh.Encoding{Bitrate: 100_000, Layers: 1, Height: 180}
	for _, c := range []struct {
		what   string
		wish   mesh.MediaWish
		others int
		want   media.VideoWish
	}{
		{"nobody shows us", mesh.MediaWish{}, 1, media.VideoWish{}},
		{"one shows us large", mesh.MediaWish{Full: full}, 1, media.VideoWish{Sizes: [media.Sizes]media.SizeWish{{Bitrate: 500_000, MaxLayer: 2, Height: 360}}}},
		{"some have weak links", mesh.MediaWish{Full: full, Small: small}, 4, media.VideoWish{
			Sizes: [media.Sizes]media.SizeWish{{Bitrate: 500_000, MaxLayer: 2, Height: 360}, {Bitrate: 100_000, Height: 180}},
		}},
		{"there are many", mesh.MediaWish{Small: small}, 5, media.VideoWish{
			FrameRate: 24, Sizes: [media.Sizes]media.SizeWish{media.SmallSize: {Bitrate: 100_000, Height: 180}},
		}},
	} {
		if got := videoWish(c.wish, c.others); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}
