package media

import (
	"context"
	"errors"
	"sync/atomic"

	"sundog.dev/sundog/media/opus"
)

// AudioSenderConfig is what an AudioSender needs.
type AudioSenderConfig struct {
	Source  AudioSource
	Bitrate int // bit/s; 0: 32,000
	// Send takes each packet; it must not block. Data is valid during the call only.
	Send func(Encoded)
	// Failed, if set, is told when the source fails for good. It must not call Close.
	Failed func(error)
}

// AudioSender reads a source and encodes it to Opus, 20 ms packets. Its one goroutine ends with Close, or when the source fails.
type AudioSender struct {
	cfg    AudioSenderConfig
	enc    *opus.Encoder
	muted  atomic.Bool
	meter  meter
	cancel context.CancelFunc
	done   chan struct{}
}

// NewAudioSender starts sending; it owns the source, and closes it even if it returns an error.
func NewAudioSender(cfg AudioSenderConfig) (*AudioSender, error) {
	if cfg.Source == nil {
		return nil, ErrNoAudioSource
	}
	if cfg.Bitrate == 0 {
		cfg.Bitrate = defaultAudioBitrate
	}
	enc, err := opus.NewEncoder(opus.EncoderConfig{Bitrate: cfg.Bitrate})
	if err != nil {
		return nil, errors.Join(err, cfg.Source.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &AudioSender{cfg: cfg, enc: enc, cancel: cancel, done: make(chan struct{})}
	go s.run(ctx)
	return s, nil
}

func (s *AudioSender) run(ctx context.Context) {
	defer close(s.done)
	if err := s.pump(ctx); ctx.Err() == nil && s.cfg.Failed != nil {
		s.cfg.Failed(err)
	}
}

// pump sends until something fails.
func (s *AudioSender) pump(ctx context.Context) error {
	var f AudioFrame
	for {
		if err := s.cfg.Source.Read(ctx, &f); err != nil {
			return err
		}
		s.meter.add(f.PCM[:])
		if s.muted.Load() {
			continue
		}
		data, err := s.enc.Encode(&f.PCM)
		if err != nil {
			return err
		}
		s.cfg.Send(Encoded{Kind: Audio, Due: f.Due, Data: data})
	}
}

// SetMuted stops sending (the source is still read and its level is measured).
func (s *AudioSender) SetMuted(muted bool) { s.muted.Store(muted) }

// Level is the loudness of the last frames, 0..1 (for meters), muted or not.
func (s *AudioSender) Level() float64 { return s.meter.level() }

// Close stops, waits and closes the source. It may be called twice.
func (s *AudioSender) Close() error {
	s.cancel()
	<-s.done
	s.enc.Close()
	return s.cfg.Source.Close()
}
