package media

import (
	"context"
	"time"
)

// Sound is 48 kHz mono, 16 bit; a frame is 20 ms.
const (
	SampleRate   = 48000
	FrameSamples = 960
	FrameTime    = 20 * time.Millisecond
)

// AudioFrame is 20 ms of sound and the moment its last sample was due.
type AudioFrame struct {
	PCM [FrameSamples]int16
	Due time.Time
}

// AudioSource is a microphone, file, tone or silence. Read and Close may be called by different goroutines.
type AudioSource interface {
	// Read fills f with the next frame, in real time. It returns ctx's error, ErrAudioClosed after Close, or what broke the source.
	Read(ctx context.Context, f *AudioFrame) error
	Close() error
}

// AudioDevice is a microphone or loudspeaker.
type AudioDevice struct {
	ID, Label string
	Default   bool
}

// samplesTime is how long so many samples last.
func samplesTime(samples int) time.Duration {
	return time.Duration(samples) * time.Second / SampleRate
}
