package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/media/h264"
)

// VideoSenderConfig is what a VideoSender needs.
type VideoSenderConfig struct {
	Source  VideoSource
	Bitrate int // bit/s at first; 0: 650,000
	// Send takes each access unit; it must not block. Data is valid during the call only.
	Send func(Encoded)
	// Local, if set, shows the near end's own picture. It is not closed.
	Local VideoSink
	// Failed, if set, is told once when the source fails for good, on a goroutine of its own.
	Failed func(error)

	newEncoder func(h264.EncoderConfig) (h264.Encoder, error) // nil: h264.NewEncoder
}

// VideoSender reads a source and encodes it: newest frame wins. One goroutine reads, another encodes; Close ends both.
type VideoSender struct {
	cfg    VideoSenderConfig
	cancel context.CancelFunc
	done   sync.WaitGroup
	failed sync.Once
	closed sync.Once
	err    error

	newest  chan VideoFrame // the one picture that waits for the encoder
	key     atomic.Bool     // a key frame is wanted
	bitrate atomic.Int64

	// The encoding goroutine's own.
	enc     h264.Encoder
	size    image.Point
	applied int64 // bit/s that the encoder was told
	rate    rateMeter
	first   time.Time // the first picture's moment
	lastKey time.Time // when the last key frame was encoded
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
	s := &VideoSender{cfg: cfg, cancel: cancel, newest: make(chan VideoFrame, 1), rate: rateMeter{told: assumedFrameRate}}
	if r, ok := cfg.Source.(frameRater); ok && r.FrameRate() > 0 {
		s.rate.told = r.FrameRate()
	}
	s.bitrate.Store(int64(cfg.Bitrate))
	s.done.Go(func() { s.read(ctx) })
	s.done.Go(func() { s.encode(ctx) })
	return s, nil
}

// RequestKeyFrame makes the next picture a key frame, though not more often than each 300 ms.
func (s *VideoSender) RequestKeyFrame() { s.key.Store(true) }

// SetBitrate changes the target, bit/s.
func (s *VideoSender) SetBitrate(bitsPerSecond int) {
	if bitsPerSecond > 0 {
		s.bitrate.Store(int64(bitsPerSecond))
	}
}

// Close stops capture and encoding and waits.
func (s *VideoSender) Close() error {
	s.closed.Do(func() {
		s.cancel()
		s.done.Wait()
		s.err = s.cfg.Source.Close()
		if s.enc != nil {
			s.err = errors.Join(s.err, s.enc.Close())
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
	for {
		f, err := s.cfg.Source.Read(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.fail(err)
			return
		}
		f.Image = evenCrop(f.Image)
		if s.cfg.Local != nil {
			s.cfg.Local.Put(f)
		}
		// Only this goroutine sends, so behind the second select there is room.
		select {
		case s.newest <- f:
			continue
		default:
		}
		select {
		case <-s.newest:
		default:
		}
		s.newest <- f
	}
}

func (s *VideoSender) encode(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-s.newest:
			if ctx.Err() != nil {
				return
			}
			if err := s.encodeOne(f); err != nil {
				s.fail(err)
				return
			}
		}
	}
}

func (s *VideoSender) encodeOne(f VideoFrame) error {
	if err := s.prepare(f); err != nil {
		return err
	}
	now := time.Now()
	key := s.key.Swap(false)
	if key && now.Sub(s.lastKey) < keyFrameSpacing {
		s.key.Store(true) // later
		key = false
	}
	unit, err := s.enc.Encode(f.Image, key, f.Due.Sub(s.first))
	if err != nil {
		return fmt.Errorf("encoding a picture: %w", err)
	}
	if len(unit.Data) == 0 {
		if key {
			s.key.Store(true)
		}
		return nil
	}
	if unit.Key {
		s.lastKey = now
	}
	s.cfg.Send(Encoded{Kind: Video, Key: unit.Key, Due: f.Due, Data: unit.Data})
	return nil
}

// prepare opens the encoder for the picture's size and tells it changes of rates.
func (s *VideoSender) prepare(f VideoFrame) error {
	rate, changed := s.rate.add(f.Due)
	bitrate := s.bitrate.Load()
	if size := f.Image.Rect.Size(); s.enc == nil || size != s.size {
		if s.enc != nil {
			if err := s.enc.Close(); err != nil {
				return err
			}
			s.enc = nil
		}
		enc, err := s.cfg.newEncoder(h264.EncoderConfig{Width: size.X, Height: size.Y, Bitrate: int(bitrate), FrameRate: rate})
		if err != nil {
			return err
		}
		s.enc, s.size, s.applied, s.first = enc, size, bitrate, f.Due
		return nil
	}
	if changed {
		if err := s.enc.SetFrameRate(rate); err != nil {
			return err
		}
	}
	if bitrate != s.applied {
		if err := s.enc.SetBitrate(int(bitrate)); err != nil {
			return err
		}
		s.applied = bitrate
	}
	return nil
}

// rateMeter measures how many pictures a second are really encoded, by their due times. It follows a higher rate at once, since then too many bits
// are sent, but a lower one only when it lasts: a moment's stall is no new rate.
type rateMeter struct {
	told  float64 // the rate that the encoder goes by
	since time.Time
	count int
	slow  int // windows in a row that were slower
}

// add counts a picture; changed says that the rate to go by is a new one.
func (m *rateMeter) add(due time.Time) (rate float64, changed bool) {
	if m.since.IsZero() {
		m.since = due
		return m.told, false
	}
	m.count++
	if m.count < rateWindow {
		return m.told, false
	}
	took := due.Sub(m.since).Seconds()
	measured := float64(m.count) / took
	m.since, m.count = due, 0
	if took <= 0 {
		return m.told, false
	}
	measured = min(max(measured, 1), h264.MaxFrameRate)
	if measured < m.told*(1-rateTolerance) {
		m.slow++
	} else {
		m.slow = 0
	}
	if measured < m.told*(1+rateTolerance) && m.slow < slowWindows {
		return m.told, false
	}
	m.told, m.slow = measured, 0
	return measured, true
}
