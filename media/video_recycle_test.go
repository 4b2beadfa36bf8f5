package media

import (
	"image"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/h264"
	"sundog.dev/sundog/media/spare"
)

// watchingEncoder is slow, and looks whether pictures change meanwhile.
type watchingEncoder struct {
	fakeEncoder
	mu      sync.Mutex
	takes   func() time.Duration
	changed int
	seen    map[*image.YCbCr]int
}

func (e *watchingEncoder) open(h264.EncoderConfig) (h264.Encoder, error) { return e, nil }

func (e *watchingEncoder) Encode(img *image.YCbCr, _ bool, _ time.Duration) (h264.Unit, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before := pictureSum(img)
	time.Sleep(e.takes())
	if pictureSum(img) != before {
		e.changed++
	}
	e.seen[img]++
	return h264.Unit{Data: []byte{1}}, nil
}

// pictureSum tells pictures of the test picture apart, whose number is in them.
func pictureSum(img *image.YCbCr) (sum int) {
	for i, v := range img.Y {
		sum += int(v) * (i%251 + 1)
	}
	return sum
}

// watchingSink looks whether a picture has changed by the time the next one comes.
type watchingSink struct {
	img     *image.YCbCr
	sum     int
	changed int
}

func (s *watchingSink) Put(f VideoFrame) {
	if s.img != nil && pictureSum(s.img) != s.sum {
		s.changed++
	}
	s.img, s.sum = f.Image, pictureSum(f.Image)
}

func (s *watchingSink) Close() error { return nil }

func TestPicturesArePaintedOverOnlyWhenNobodyLooksAnyMore(t *testing.T) {
	for _, c := range []struct {
		name  string
		takes func() time.Duration
		most  int // pictures in memory
	}{
		{"a quick encoder", func() time.Duration { return time.Millisecond }, spare.Most},
		{"a slow encoder", func() time.Duration { return 150 * time.Millisecond }, spare.Most + 1},
		{"an encoder that stalls now and then", func() time.Duration { return time.Duration(rand.IntN(200)) * time.Millisecond }, spare.Most + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src, err := OpenVideo(t.Context(), "test:64x48@24")
				if err != nil {
					t.Fatal(err)
				}
				enc := &watchingEncoder{takes: c.takes, seen: map[*image.YCbCr]int{}}
				local := &watchingSink{}
				s, err := NewVideoSender(VideoSenderConfig{Source: src, Send: func(Encoded) {}, Local: local, newEncoder: enc.open})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Second)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				if enc.changed > 0 || local.changed > 0 {
					t.Errorf("%d pictures changed in the encoder, %d on the screen", enc.changed, local.changed)
				}
				if len(enc.seen) > c.most {
					t.Errorf("%d pictures in memory, wanted %d", len(enc.seen), c.most)
				}
			})
		})
	}
}
