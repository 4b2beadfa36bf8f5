package media

import (
	"context"
	"errors"
	"image"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/h264"
)

// steadySource delivers grey pictures at a fixed rate; picture n is all n+1. It fails after the given number, unless that is 0.
type steadySource struct {
	interval time.Duration
	size     func(n int) image.Point
	failAt   int
	n        int
	closed   bool
}

var errUnplugged = errors.New("unplugged")

func (s *steadySource) Read(ctx context.Context) (VideoFrame, error) {
	select {
	case <-time.After(s.interval):
	case <-ctx.Done():
		return VideoFrame{}, ctx.Err()
	}
	s.n++
	if s.failAt > 0 && s.n > s.failAt {
		return VideoFrame{}, errUnplugged
	}
	size := image.Pt(64, 48)
	if s.size != nil {
		size = s.size(s.n)
	}
	return VideoFrame{Image: grey(size.X, size.Y, uint8(s.n)), Due: time.Now()}, nil
}

func (s *steadySource) Close() error { s.closed = true; return nil }

// fakeEncoder notes what it is told. Its units are one byte, the picture's grey.
type fakeEncoder struct {
	mu       sync.Mutex
	takes    time.Duration
	opened   []h264.EncoderConfig
	keys     []time.Time
	bitrates []int
	rates    []float64
	closed   int
	fresh    bool
}

func (e *fakeEncoder) open(cfg h264.EncoderConfig) (h264.Encoder, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opened = append(e.opened, cfg)
	e.fresh = true
	return e, nil
}

func (e *fakeEncoder) Encode(img *image.YCbCr, key bool, _ time.Duration) (h264.Unit, error) {
	time.Sleep(e.takes)
	e.mu.Lock()
	defer e.mu.Unlock()
	key = key || e.fresh
	e.fresh = false
	if key {
		e.keys = append(e.keys, time.Now())
	}
	return h264.Unit{Data: []byte{img.Y[0]}, Key: key}, nil
}

func (e *fakeEncoder) SetBitrate(b int) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.bitrates = append(e.bitrates, b)
	return nil
}

func (e *fakeEncoder) SetFrameRate(r float64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rates = append(e.rates, r)
	return nil
}

func (e *fakeEncoder) SetQuantizer(int) error { return nil }

func (e *fakeEncoder) Close() error { e.closed++; return nil }

// sent is an encoded picture and when it left.
type sent struct {
	Encoded
	number int
	at     time.Time
}

// sendVideo runs a sender for a while and returns what it sent.
func sendVideo(t *testing.T, cfg VideoSenderConfig, enc *fakeEncoder, during func(*VideoSender)) []sent {
	t.Helper()
	var mu sync.Mutex
	var out []sent
	cfg.newEncoder = enc.open
	cfg.Send = func(e Encoded) {
		mu.Lock()
		defer mu.Unlock()
		out = append(out, sent{e, int(e.Data[0]), time.Now()})
	}
	s, err := NewVideoSender(cfg)
	if err != nil {
		t.Fatal(err)
	}
	during(s)
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	return out
}

func TestTheNewestFrameWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &steadySource{interval: 10 * time.Millisecond}
		enc := &fakeEncoder{takes: 35 * time.Millisecond}
		out := sendVideo(t, VideoSenderConfig{Source: src}, enc, func(*VideoSender) { time.Sleep(time.Second) })
		if len(out) < 25 || len(out) > 29 {
			t.Errorf("%d pictures were sent in 1 s at 35 ms each", len(out))
		}
		for i, e := range out {
			// At most 10 ms old when the encoder took it.
			if age := e.at.Sub(e.Due); age > 45*time.Millisecond {
				t.Errorf("picture %d was %v old", e.number, age)
			}
			if i > 0 && e.number <= out[i-1].number {
				t.Errorf("picture %d after %d", e.number, out[i-1].number)
			}
		}
		if !src.closed || enc.closed != 1 {
			t.Errorf("source closed: %v, encoder closed %d times", src.closed, enc.closed)
		}
	})
}

func TestKeyFramesComeOnRequestButNotTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		enc := &fakeEncoder{}
		start := time.Now()
		sendVideo(t, VideoSenderConfig{Source: &steadySource{interval: 20 * time.Millisecond}}, enc, func(s *VideoSender) {
			time.Sleep(1010 * time.Millisecond)
			for range 65 { // 650 ms
				s.RequestKeyFrame(FullSize)
				time.Sleep(10 * time.Millisecond)
			}
			time.Sleep(time.Second)
		})
		var at []time.Duration
		for _, k := range enc.keys {
			at = append(at, k.Sub(start))
		}
		// The first picture, then at once, then each 300 ms, and once there were three each second.
		want := []int64{20, 1020, 1320, 1620, 2020} // ms
		if len(at) != len(want) {
			t.Fatalf("key frames at %v", at)
		}
		for i := range at {
			if at[i].Milliseconds() != want[i] {
				t.Errorf("key frame %d came at %v, wanted %d ms", i, at[i], want[i])
			}
		}
	})
}

func TestTheEncoderIsToldTheRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		enc := &fakeEncoder{}
		sendVideo(t, VideoSenderConfig{Source: &steadySource{interval: 100 * time.Millisecond}, Bitrate: 500_000}, enc, func(s *VideoSender) {
			time.Sleep(2 * time.Second)
			s.SetBitrate(200_000)
			s.SetBitrate(0) // nonsense is ignored
			time.Sleep(10 * time.Second)
		})
		if len(enc.opened) != 1 || enc.opened[0] != (h264.EncoderConfig{Width: 64, Height: 48, Bitrate: 500_000, FrameRate: assumedFrameRate, Layers: h264.MaxLayers}) {
			t.Errorf("opened with %+v", enc.opened)
		}
		if len(enc.bitrates) != 1 || enc.bitrates[0] != 200_000 {
			t.Errorf("bitrates set: %v", enc.bitrates)
		}
		if len(enc.rates) != 1 || enc.rates[0] < 9.9 || enc.rates[0] > 10.1 {
			t.Errorf("frame rates set: %v, wanted 10 once", enc.rates)
		}
	})
}

func TestAStallIsNoNewFrameRate(t *testing.T) {
	m := rateMeter{told: 30}
	due := time.Now()
	feed := func(rate float64, pictures int) (told []float64) {
		for range pictures {
			due = due.Add(time.Duration(float64(time.Second) / rate))
			before := m.told
			if r := m.add(due); r != before {
				told = append(told, r)
			}
		}
		return told
	}
	for _, c := range []struct {
		rate     float64
		pictures int
		want     float64 // 0: nothing new
	}{
		{30, 100, 0},
		{10, 20, 0},
		{30, 100, 0},
		{31, 100, 0},
		{28, 200, 0},
		{60, 30, 60},
		{15, 5 * rateWindow, 15},
		{30, 2 * rateWindow, 30},
	} {
		told := feed(c.rate, c.pictures)
		switch last := len(told) - 1; {
		case c.want == 0 && last >= 0:
			t.Errorf("%d pictures at %.0f a second: told %v", c.pictures, c.rate, told)
		case c.want > 0 && (last < 0 || told[last] < 0.9*c.want || told[last] > 1.1*c.want):
			t.Errorf("%d pictures at %.0f a second: told %v", c.pictures, c.rate, told)
		}
	}
}

func TestAnotherSizeOpensAnotherEncoder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		enc, local := &fakeEncoder{}, &collectingSink{}
		out := sendVideo(t, VideoSenderConfig{
			Local:  local,
			Source: &steadySource{interval: 20 * time.Millisecond, size: func(n int) image.Point { return image.Pt(65+n/5*10, 49) }},
		}, enc, func(*VideoSender) { time.Sleep(210 * time.Millisecond) })
		if len(enc.opened) != 3 || enc.closed != 3 {
			t.Fatalf("opened %+v, closed %d", enc.opened, enc.closed)
		}
		for i, cfg := range enc.opened {
			if cfg.Width != 64+10*i || cfg.Height != 48 {
				t.Errorf("encoder %d is for %d×%d", i, cfg.Width, cfg.Height)
			}
		}
		for _, e := range out {
			if want := e.number == 1 || e.number%5 == 0; e.Key != want || e.Kind != Video {
				t.Errorf("picture %d: key frame %v, kind %v", e.number, e.Key, e.Kind)
			}
		}
		if got := local.numbers(); len(got) != 10 || local.closed != 0 {
			t.Errorf("the own picture showed %v, closed %d times", got, local.closed)
		}
	})
}

func TestASourceFailsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := make(chan error, 5)
		made := make(chan *VideoSender, 1)
		out := sendVideo(t, VideoSenderConfig{
			Source: &steadySource{interval: 20 * time.Millisecond, failAt: 3},
			Failed: func(err error) { failures <- errors.Join(err, (<-made).Close()) }, // closing in there is allowed
		}, &fakeEncoder{}, func(sender *VideoSender) {
			made <- sender
			time.Sleep(time.Second)
		})
		if len(out) != 3 || len(failures) != 1 || !errors.Is(<-failures, errUnplugged) {
			t.Errorf("%d pictures, %d failures", len(out), len(failures))
		}
	})
}

func TestASenderNeedsASourceAndAWayOut(t *testing.T) {
	for _, cfg := range []VideoSenderConfig{{}, {Source: &steadySource{}}, {Send: func(Encoded) {}}} {
		if s, err := NewVideoSender(cfg); err == nil {
			t.Error("a sender without source or way out was made")
			_ = s.Close()
		}
	}
}
