package phone

import (
	"bytes"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

func TestAReceiverFollowsFromSizeToSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &sizeSink{}
		r, err := media.NewVideoReceiver(media.VideoReceiverConfig{Sinks: []media.VideoSink{sink}, RequestKeyFrame: func() { t.Error("a key frame was asked for") }})
		if err != nil {
			t.Fatal(err)
		}
		src, err := media.OpenVideo(t.Context(), "test:384x216@20")
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var sel mesh.VideoSelector
		sel.Want(false, media.TopLayer)
		var s *media.VideoSender
		made := make(chan struct{})
		s, err = media.NewVideoSender(media.VideoSenderConfig{Source: src, Send: func(e media.Encoded) {
			<-made
			mu.Lock()
			defer mu.Unlock()
			switch sel.Pick(meshFrame(e)) {
			case mesh.KeyFrameFirst:
				s.RequestKeyFrame(e.Size)
			case mesh.Give:
				e.Data = bytes.Clone(e.Data)
				r.Push(e)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		s.SetWish(media.VideoWish{Sizes: [media.Sizes]media.SizeWish{{Bitrate: 150_000, MaxLayer: media.TopLayer}, {Bitrate: 50_000, MaxLayer: media.TopLayer}}})
		close(made)
		for _, c := range []struct {
			size  media.Size
			layer int
			width int
			fps   float64
		}{
			{media.FullSize, 2, 384, 20},
			{media.SmallSize, 2, 320, 20},
			{media.SmallSize, 1, 320, 10},
			{media.SmallSize, 0, 320, 5},
			{media.FullSize, 1, 384, 10},
			{media.FullSize, 2, 384, 20},
		} {
			mu.Lock()
			sel.Want(c.size == media.SmallSize, c.layer)
			mu.Unlock()
			time.Sleep(time.Second)
			r.Stats()
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if got := r.Stats(); got.Width != c.width || got.FPS < 0.9*c.fps || got.FPS > 1.1*c.fps || got.Dropped != 0 {
				t.Errorf("size %d up to layer %d: %+v", c.size, c.layer, got)
			}
		}
		if sink.backwards != 0 {
			t.Errorf("%d pictures were older than the one before", sink.backwards)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

// sizeSink looks only at the order.
type sizeSink struct {
	last      time.Time
	backwards int
}

func (s *sizeSink) Put(f media.VideoFrame) {
	if f.Due.Before(s.last) {
		s.backwards++
	}
	s.last = f.Due
}

func (s *sizeSink) Close() error { return nil }
