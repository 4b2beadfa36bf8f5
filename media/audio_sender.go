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
//
// In conferences it can save: see SetLight and SetSilent.
type AudioSender struct {
	cfg    AudioSenderConfig
	enc    *opus.Encoder
	muted  atomic.Bool
	light  atomic.Bool
	silent atomic.Bool
	rate   atomic.Int32 // bit/s
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
	s.rate.Store(int32(cfg.Bitrate))
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
	var voice voiceDetector
	var mark silenceMarker
	var first byte             // of the last packet
	light, silence := false, 0 // silence: frames that were not sent
	rate := int32(s.cfg.Bitrate)
	for {
		if err := s.cfg.Source.Read(ctx, &f); err != nil {
			return err
		}
		s.meter.add(f.PCM[:])
		if s.muted.Load() {
			continue
		}
		if want := s.light.Load(); want != light {
			if err := s.enc.SetLight(want); err != nil {
				return err
			}
			light = want
		}
		if want := s.rate.Load(); want != rate {
			if err := s.enc.SetBitrate(int(want)); err != nil {
				return err
			}
			rate = want
		}
		if speaks := voice.add(f.PCM[:]); !speaks && s.silent.Load() {
			if silence%silenceEvery == 0 || silence == 1 { // the first word twice: one that is lost is a fifth of a second of made-up sound
				s.cfg.Send(Encoded{Kind: Audio, Due: f.Due, Data: mark.after(first)})
			}
			silence++
			continue
		}
		silence = 0
		data, err := s.enc.Encode(&f.PCM)
		if err != nil {
			return err
		}
		first = data[0]
		s.cfg.Send(Encoded{Kind: Audio, Due: f.Due, Data: data})
	}
}

// silenceMarker makes packets that say that nothing is sent from now on: the first byte of the last one, for one frame of no bytes.
type silenceMarker [1]byte

// after is such a packet behind one, or behind none.
func (m *silenceMarker) after(first byte) []byte {
	m[0] = first &^ 3
	if first == 0 {
		m[0] = markConfig
	}
	return m[:]
}

// markConfig is the first byte of an Opus packet of one mono CELT frame of 20 ms, full band (RFC 6716 §3.1).
const markConfig = 31 << 3

// SetLight makes encoding cost a quarter, for 7 kbit/s more where the usual choice saves them: then Opus uses its transform codec for
// speech too (see opus.Encoder.SetLight). For conferences, whose processors have much to decode.
func (s *AudioSender) SetLight(light bool) { s.light.Store(light) }

// SetBitrate changes the target, bit/s. What is out of Opus's range is held to it.
func (s *AudioSender) SetBitrate(bitsPerSecond int) {
	s.rate.Store(int32(min(max(bitsPerSecond, opus.MinBitrate), opus.MaxBitrate)))
}

// SetSilent sends nothing while there is only the noise of the room, except for a word of one byte each 400 ms (at first two) that it is so. Receivers make comfort noise
// meanwhile. Only receivers of ours know that word: others would take it for loss.
func (s *AudioSender) SetSilent(silent bool) { s.silent.Store(silent) }

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
