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

// AudioSource is a microphone, file, tone or silence.
type AudioSource interface {
	// Read fills f with the next frame, in real time.
	Read(ctx context.Context, f *AudioFrame) error
	Close() error
}

// OpenAudio opens a source by its spec: none (nil, nil), default, device:ID, tone[:HZ], file:SPEECH.wav (loops), silence.
func OpenAudio(ctx context.Context, spec string) (AudioSource, error) { panic("stub") }

// CheckAudioSpec and CheckSpeakerSpec say what is wrong with a spec, without opening it.
func CheckAudioSpec(spec string) error { panic("stub") }

// CheckSpeakerSpec says what is wrong with a speaker's spec.
func CheckSpeakerSpec(spec string) error { panic("stub") }

// AudioDevice is a microphone or loudspeaker.
type AudioDevice struct {
	ID, Label string
	Default   bool
}

// AudioDevices lists microphones and loudspeakers.
func AudioDevices(ctx context.Context) (mics, speakers []AudioDevice, err error) { panic("stub") }

// AudioSenderConfig is what an AudioSender needs.
type AudioSenderConfig struct {
	Source  AudioSource
	Bitrate int // bit/s; 0: 32,000
	// Send takes each packet; it must not block. Data is valid during the call only.
	Send func(Encoded)
	// Failed, if set, is told when the source fails for good.
	Failed func(error)
}

// AudioSender reads a source and encodes it to Opus, 20 ms packets.
type AudioSender struct{}

// NewAudioSender starts sending; it owns the source.
func NewAudioSender(cfg AudioSenderConfig) (*AudioSender, error) { panic("stub") }

// SetMuted stops sending (the source is still read and its level is measured).
func (s *AudioSender) SetMuted(muted bool) { panic("stub") }

// Level is the loudness of the last frames, 0..1 (for meters).
func (s *AudioSender) Level() float64 { panic("stub") }

// Close stops and waits.
func (s *AudioSender) Close() error { panic("stub") }

// Player mixes what receivers deliver and plays it on one sink.
type Player struct{}

// OpenPlayer opens a speaker by its spec, null, default, device:ID or file:OUT.wav, and starts pulling sound
// from its receivers, 20 ms (or the device's period) at a time in real time. file: is complete at Close.
func OpenPlayer(ctx context.Context, spec string) (*Player, error) { panic("stub") }

// NewReceiver adds a person's sound.
func (p *Player) NewReceiver() (*AudioReceiver, error) { panic("stub") }

// Close stops and waits; receivers too.
func (p *Player) Close() error { panic("stub") }

// AudioReceiver is one person's jitter buffer and decoder.
type AudioReceiver struct{}

// Push takes a packet, which belongs to the receiver; never blocks, bounded.
func (r *AudioReceiver) Push(e Encoded) { panic("stub") }

// Level is the loudness of what was played last, 0..1.
func (r *AudioReceiver) Level() float64 { panic("stub") }

// Stats is a snapshot since the previous call.
func (r *AudioReceiver) Stats() AudioStats { panic("stub") }

// Close removes the person's sound.
func (r *AudioReceiver) Close() error { panic("stub") }

// AudioStats describes received sound.
type AudioStats struct {
	// Latency is the median from Due to the hand-over to the sink, behind the jitter buffer, by the system clock.
	Latency   time.Duration
	Concealed float64 // share of played frames that had to be made up, 0..1
	Buffered  time.Duration
}
