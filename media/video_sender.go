package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"sundog.dev/sundog/media/h264"
)

// VideoSenderConfig is what a VideoSender needs.
type VideoSenderConfig struct {
	Source  VideoSource
	Bitrate int // bit/s of the full size at first; 0: 650,000
	// Send takes each access unit; it must not block. Data is valid during the call only. Of one source picture comes the full size first,
	// then the small one, each with the same Due. What to give to whom is not decided here.
	Send func(Encoded)
	// Sharp says that of a source like a screen, with text, sharpness counts more than the rate: there are as few pictures as there are bits
	// (sizeEncoder.waits), a new page is there soon, though coarse, and becomes sharp while it stands (sharpener). All are in layer 0.
	Sharp bool
	// Local, if set, shows the near end's own picture. It is not closed.
	Local VideoSink
	// Failed, if set, is told once when the source fails for good, on a goroutine of its own.
	Failed func(error)

	newEncoder func(h264.EncoderConfig) (h264.Encoder, error) // nil: h264.NewEncoder
}

// VideoSender reads a source and encodes it, in three temporal layers and in up to two sizes: each picture at most once per size, and a size only
// while it is wanted. Newest frame wins. One goroutine reads, another encodes; Close ends both.
//
// At first the full size is wanted with all layers. A conference says what its receivers want together, as often as it likes:
//
//	s.SetWish(VideoWish{FrameRate: 20, Sizes: [Sizes]SizeWish{
//		FullSize:  {Bitrate: 450_000, MaxLayer: TopLayer},
//		SmallSize: {Bitrate: 120_000, MaxLayer: 1}, // 10 pictures a second
//	}})
type VideoSender struct {
	cfg    VideoSenderConfig
	cancel context.CancelFunc
	done   sync.WaitGroup
	failed sync.Once
	closed sync.Once
	err    error

	newest chan *heldFrame // the one picture that waits for the encoder
	sizes  [Sizes]sizeEncoder

	mu   sync.Mutex
	wish VideoWish

	// The encoding goroutine's own.
	rate  rateMeter
	pace  pictureFilter
	scale [Sizes]scaler
}

// NewVideoSender starts sending; it owns the source.
func NewVideoSender(cfg VideoSenderConfig) (*VideoSender, error) {
	if cfg.Source == nil || cfg.Send == nil {
		return nil, errors.New("media: a video sender needs a source and a function to send with")
	}
	if cfg.newEncoder == nil {
		cfg.newEncoder = h264.NewEncoder
	}
	if cfg.Bitrate <= 0 {
		cfg.Bitrate = defaultVideoBitrate
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &VideoSender{cfg: cfg, cancel: cancel, newest: make(chan *heldFrame, 1), rate: rateMeter{told: assumedFrameRate}}
	if r, ok := cfg.Source.(frameRater); ok && r.FrameRate() > 0 {
		s.rate.told = r.FrameRate()
	}
	s.wish.Sizes[FullSize] = SizeWish{Bitrate: cfg.Bitrate, MaxLayer: TopLayer}
	for i := range s.sizes {
		s.sizes[i].size, s.sizes[i].open, s.sizes[i].sharp = Size(i), cfg.newEncoder, cfg.Sharp
		s.sizes[i].sent.since = time.Now()
	}
	s.done.Go(func() { s.read(ctx) })
	s.done.Go(func() { s.encode(ctx) })
	return s, nil
}

// SetWish says what is encoded from the next picture on. A size that was not wanted before begins with a key frame. The small size of a source that is
// so small itself is never encoded (see SmallSizeOf); no Encoded of it comes then. Values out of range are held to it.
func (s *VideoSender) SetWish(w VideoWish) {
	for i := range w.Sizes {
		w.Sizes[i].Bitrate, w.Sizes[i].Height = max(w.Sizes[i].Bitrate, 0), max(w.Sizes[i].Height, 0)
		w.Sizes[i].MaxLayer = min(max(w.Sizes[i].MaxLayer, 0), TopLayer)
	}
	w.FrameRate = max(w.FrameRate, 0)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wish = w
}

// Wish is what is wanted now.
func (s *VideoSender) Wish() VideoWish {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wish
}

// RequestKeyFrame makes the next picture of a size a key frame, though not more often than each 300 ms, and each second when that is asked for again and again.
func (s *VideoSender) RequestKeyFrame(size Size) {
	if size < Sizes {
		s.sizes[size].key.Store(true)
	}
}

// SetBitrate changes the target of the full size, bit/s, and leaves all else of the wish.
func (s *VideoSender) SetBitrate(bitsPerSecond int) {
	if bitsPerSecond <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wish.Sizes[FullSize].Bitrate = bitsPerSecond
}

// Stats is what was handed to Send since the previous call.
func (s *VideoSender) Stats() (stats VideoSent) {
	now := time.Now()
	for i := range s.sizes {
		stats.Sizes[i] = s.sizes[i].sent.snapshot(now)
	}
	return stats
}

// Close stops capture and encoding and waits.
func (s *VideoSender) Close() error {
	s.closed.Do(func() {
		s.cancel()
		s.done.Wait()
		s.err = s.cfg.Source.Close()
		for i := range s.sizes {
			s.err = errors.Join(s.err, s.sizes[i].close())
		}
	})
	return s.err
}

func (s *VideoSender) fail(err error) {
	s.failed.Do(func() {
		s.cancel()
		if s.cfg.Failed != nil {
			go s.cfg.Failed(err)
		}
	})
}

func (s *VideoSender) read(ctx context.Context) {
	var again func(*image.YCbCr)
	if r, ok := s.cfg.Source.(recycler); ok {
		again = r.Recycle
	}
	var shown *heldFrame // by Local
	for {
		f, err := s.cfg.Source.Read(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.fail(err)
			return
		}
		h := &heldFrame{VideoFrame: VideoFrame{Image: evenCrop(f.Image), Due: f.Due}, source: f.Image, recycle: again}
		h.users.Store(1)
		if s.cfg.Local != nil {
			h.users.Store(2)
			s.cfg.Local.Put(h.VideoFrame)
			if shown != nil {
				shown.release()
			}
			shown = h
		}
		// Only this goroutine sends, so behind the second select there is room.
		select {
		case s.newest <- h:
			continue
		default:
		}
		select {
		case old := <-s.newest:
			old.release()
		default:
		}
		s.newest <- h
	}
}

func (s *VideoSender) encode(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case h := <-s.newest:
			if ctx.Err() != nil {
				return
			}
			err := s.encodeOne(h.VideoFrame)
			h.release()
			if err != nil {
				s.fail(err)
				return
			}
		}
	}
}

// encodeOne encodes a picture in the sizes that are wanted.
func (s *VideoSender) encodeOne(f VideoFrame) error {
	wish := s.Wish()
	if !s.pace.pass(f.Due, wish.FrameRate) {
		return nil
	}
	rate := s.rate.add(f.Due)
	source, img := f.Image.Rect.Size(), f.Image
	for i := range s.sizes {
		e := &s.sizes[i]
		want, ok := SmallSizeOf(source)
		if e.size == FullSize {
			want, ok = e.follow(source, wish.Sizes[i].Height, f.Due), true
		}
		if wish.Sizes[i].Bitrate == 0 || !ok {
			if err := e.close(); err != nil {
				return err
			}
			continue
		}
		if e.waits(f.Due) {
			continue
		}
		// The small size is made of the full one, if there is one: that has fewer samples than the source.
		if scaled := s.scale[i].shrink(img, want); scaled != nil {
			img = scaled
		} else if img = s.scale[i].shrink(f.Image, want); img == nil {
			return fmt.Errorf("media: a picture of %v cannot be made %v", source, want)
		}
		if err := e.encode(img, f.Due, wish.Sizes[i], rate, s.cfg.Send); err != nil {
			return err
		}
	}
	return nil
}
