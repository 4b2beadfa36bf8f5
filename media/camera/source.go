package camera

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"

	"sundog.dev/sundog/media/spare"
)

// Source delivers the pictures of one camera or screen, always the newest. Its goroutine owns the driver from start to end, and closes it.
type Source struct {
	newest chan Picture
	stop   chan struct{}
	once   sync.Once
	done   chan struct{}
	err    error // why it ended; valid when done is closed
	spare  spare.Pictures
}

// start opens a driver and begins to capture.
func start(d driver.Driver, rate float64, isScreen bool) (s *Source, err error) {
	recorder, ok := d.(driver.VideoRecorder)
	if !ok {
		return nil, errors.New("it delivers no video")
	}
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("its driver failed: %v", p)
		}
	}()
	if err := d.Open(); err != nil {
		return nil, err
	}
	mode, ok := choose(d.Properties(), isScreen)
	if !ok {
		_ = d.Close()
		return nil, errors.New("it offers no picture format that can be used")
	}
	if isScreen {
		mode.FrameRate = float32(rate)
	}
	reader, err := recorder.VideoRecord(mode)
	if err != nil {
		_ = d.Close()
		return nil, err
	}
	c := converter{fullRange: mode.FrameFormat == "MJPEG", maxWidth: maxWidth, maxHeight: maxHeight}
	if isScreen {
		c.maxWidth, c.maxHeight = screenWidth, screenHeight
	}
	c.spare = spare.New()
	return run(reader, d.Close, c.convert, rate, c.spare), nil
}

// run starts the goroutine that reads, converts, into the memory of old pictures, and at the end closes.
func run(r video.Reader, closeDevice func() error, convert convertFunc, rate float64, old spare.Pictures) *Source {
	s := &Source{newest: make(chan Picture, 1), stop: make(chan struct{}), done: make(chan struct{}), spare: old}
	go func() {
		defer close(s.done)
		err := s.capture(r, convert, time.Duration(float64(time.Second)/rate))
		s.err = errors.Join(err, closeDevice())
	}()
	return s
}

// capture reads until stopped; drivers that deliver faster than the rate, or at once, are slowed down.
func (s *Source) capture(r video.Reader, convert convertFunc, interval time.Duration) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the driver failed: %v", p)
		}
	}()
	var last time.Time // when the last read began
	failures := 0
	for !s.stopped(0) {
		// A quarter less than the interval, so that a driver that keeps the rate itself is left alone.
		if s.stopped(time.Until(last.Add(interval * 3 / 4))) {
			return nil
		}
		last = time.Now()
		img, release, err := r.Read()
		at := time.Now()
		if err == nil {
			p, err2 := convert(img)
			release()
			if err = err2; err == nil {
				s.offer(Picture{Image: p, At: at})
				failures = 0
				continue
			}
		}
		if failures++; failures == readTries {
			return fmt.Errorf("reading a picture: %w", err)
		}
		if s.stopped(readPause) {
			return nil
		}
	}
	return nil
}

// stopped waits up to d for Close.
func (s *Source) stopped(d time.Duration) bool {
	if d <= 0 {
		select {
		case <-s.stop:
			return true
		default:
			return false
		}
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.stop:
		return true
	case <-t.C:
		return false
	}
}

func (s *Source) offer(p Picture) {
	select {
	case s.newest <- p:
		return
	default:
	}
	select {
	case unseen := <-s.newest:
		s.Recycle(unseen.Image)
	default:
	}
	s.newest <- p
}

// Read waits for a picture that was not read yet. When the device has failed it says why.
func (s *Source) Read(ctx context.Context) (Picture, error) {
	select {
	case p := <-s.newest:
		return p, nil
	case <-ctx.Done():
		return Picture{}, ctx.Err()
	case <-s.done:
		if s.err != nil {
			return Picture{}, s.err
		}
		return Picture{}, errors.New("the camera was closed")
	}
}

// Recycle takes a picture back that was read and that nobody looks at any more, so that another can be painted into its memory.
func (s *Source) Recycle(img *image.YCbCr) { s.spare.Recycle(img) }

// Close ends capturing and gives the device back. A driver that hangs is left behind with ErrStuck.
func (s *Source) Close() error {
	s.once.Do(func() { close(s.stop) })
	t := time.NewTimer(closeTime)
	defer t.Stop()
	select {
	case <-s.done:
		return nil
	case <-t.C:
		return ErrStuck
	}
}

// choose picks the mode nearest to what a call needs. Formats that are cheap to take apart come first.
func choose(modes []prop.Media, isScreen bool) (prop.Media, bool) {
	best, bestCost, ok := prop.Media{}, 0.0, false
	for _, m := range modes {
		cost, usable := modeCost(m)
		if isScreen {
			cost, usable = 0, m.Width > 0 && m.Height > 0
		}
		if usable && (!ok || cost < bestCost) {
			best, bestCost, ok = m, cost, true
		}
	}
	return best, ok
}

// modeCost: 1 is worth about a picture of twice or half the area.
func modeCost(m prop.Media) (cost float64, usable bool) {
	switch m.FrameFormat {
	case "I420", "NV12", "NV21", "YUYV", "YUY2", "UYVY":
	case "MJPEG":
		cost += 0.3 // decoding costs time, but some cameras reach 30 a second only so
	default:
		return 0, false
	}
	if m.Width < 16 || m.Height < 16 || m.Width > maxWidth || m.Height > maxHeight {
		return 0, false
	}
	area := float64(m.Width*m.Height) / (wantWidth * wantHeight)
	if area < 1 {
		cost += 2 * (1/area - 1) // too small hurts more
	} else {
		cost += area - 1
	}
	if rate := float64(m.FrameRate); rate > 0 && rate < wantRate-1 {
		cost += 4 * (wantRate/rate - 1)
	} else if rate > wantRate+1 {
		cost += 0.2 * (rate/wantRate - 1)
	}
	return cost, true
}
