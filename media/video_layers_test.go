package media

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/h264"
)

// newLayeredRig is a receiver for a stream of three temporal layers. Of the pictures 0 to 8 the layers are 0 2 1 2 0 2 1 2 0.
func newLayeredRig(t *testing.T) *receiverRig {
	t.Helper()
	rig := newReceiverRig(t)
	enc, err := h264.NewEncoder(h264.EncoderConfig{Width: 64, Height: 48, Bitrate: 200_000, FrameRate: 30, Layers: h264.MaxLayers})
	if err != nil {
		t.Fatal(err)
	}
	if err := rig.enc.Close(); err != nil {
		t.Fatal(err)
	}
	rig.enc = enc
	t.Cleanup(func() { _ = enc.Close() })
	return rig
}

func TestOnlyALostPictureThatOthersNeedIsALoss(t *testing.T) {
	for name, c := range map[string]struct {
		lost  []int
		keys  []int
		shown []int
		asks  int
	}{
		"nothing":                               {nil, nil, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 0},
		"one of the top layer":                  {[]int{3}, nil, []int{0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 0},
		"all of the top layer":                  {[]int{1, 3, 5, 7, 9, 11}, nil, []int{0, 2, 4, 6, 8, 10, 12}, 0},
		"all of both upper layers":              {[]int{1, 2, 3, 5, 6, 7, 9, 10, 11}, nil, []int{0, 4, 8, 12}, 0},
		"one of the middle layer":               {[]int{2}, nil, []int{0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 0},
		"the middle layer, then all come again": {[]int{2, 6}, nil, []int{0, 1, 4, 5, 8, 9, 10, 11, 12}, 0},
		"one of the base layer":                 {[]int{4}, nil, []int{0, 1, 2, 3}, 1},
		"one of the base layer, and a key":      {[]int{4}, []int{8}, []int{0, 1, 2, 3, 8, 9, 10, 11, 12}, 1},
		"two of the base layer":                 {[]int{4, 8}, nil, []int{0, 1, 2, 3}, 1},
		"the base before a key frame":           {[]int{4}, []int{5}, []int{0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rig := newLayeredRig(t)
				for n, u := range rig.units(t, 13, c.keys...) {
					time.Sleep(time.Second / 30)
					if !slices.Contains(c.lost, n) {
						rig.Push(clone(u))
					}
				}
				time.Sleep(100 * time.Millisecond)
				synctest.Wait()
				if got := rig.shown(); !slices.Equal(got, c.shown) {
					t.Errorf("shown %v, wanted %v", got, c.shown)
				}
				if len(rig.asked) != c.asks {
					t.Errorf("asked for a key frame %d times, wanted %d", len(rig.asked), c.asks)
				}
			})
		})
	}
}

func TestEverySubsetOfPicturesIsShownRightOrNotAtAll(t *testing.T) {
	// All 512 ways to lose some of 9 pictures behind a key frame: what is shown is always the picture that was sent.
	synctest.Test(t, func(t *testing.T) {
		source := newLayeredRig(t)
		units := source.units(t, 10)
		for lost := range 1 << 9 {
			rig := &receiverRig{sink: &collectingSink{}, start: source.start}
			r, err := NewVideoReceiver(VideoReceiverConfig{Sinks: []VideoSink{rig.sink}})
			if err != nil {
				t.Fatal(err)
			}
			var sent []int
			for n, u := range units {
				if n == 0 || lost>>(n-1)&1 == 0 {
					sent = append(sent, n)
					r.Push(clone(u))
				}
			}
			time.Sleep(time.Second)
			synctest.Wait()
			for i, n := range rig.shown() {
				if !slices.Contains(sent, n) || !rig.sink.due[i].Equal(units[n].Due) {
					t.Errorf("of %v was shown %v", sent, rig.shown())
				}
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
