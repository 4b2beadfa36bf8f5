package media

import (
	"context"
	"fmt"
	"math"

	"sundog.dev/sundog/media/wav"
)

// OpenAudio opens a source by its spec: none (nil, nil), default, device:ID, tone[:HZ], file:SPEECH.wav (loops), silence.
// "default" without any microphone is ErrNoMicrophone, an unknown ID ErrUnknownDevice, a spec that
// cannot be understood ErrAudioSpec. A microphone that is lost later is reopened, and gives silence meanwhile.
func OpenAudio(ctx context.Context, spec string) (AudioSource, error) {
	s, err := parseAudioSource(spec)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch s.kind {
	case audioDefault, audioDeviceID:
		return openMicrophone(s)
	case audioTone:
		return newPacedSource(&tone{step: 2 * math.Pi * s.hertz / SampleRate}), nil
	case audioFile:
		pcm, err := wav.ReadFile(s.value)
		if err != nil {
			return nil, fmt.Errorf("opening the sound file: %w", err)
		}
		return newPacedSource(&loop{pcm: pcm}), nil
	case audioSilence:
		return newPacedSource(silence{}), nil
	}
	return nil, nil //nolint:nilnil // the contract: no source, no error
}

// signal makes samples.
type signal interface {
	fill(pcm []int16)
	skip(samples int64)
}

// pacedSource gives a signal in real time.
type pacedSource struct {
	signal signal
	frames *schedule
	closed *closer
}

func newPacedSource(s signal) *pacedSource {
	return &pacedSource{signal: s, frames: newSchedule(lateMost), closed: newCloser()}
}

// Read waits until the next frame is due. A reader that comes more than 100 ms late skips what is past.
func (s *pacedSource) Read(ctx context.Context, f *AudioFrame) error {
	due, skipped, err := s.frames.next(ctx, s.closed.c)
	if err != nil {
		return err
	}
	if skipped > 0 {
		s.signal.skip(skipped * FrameSamples)
	}
	s.signal.fill(f.PCM[:])
	f.Due = due
	return nil
}

// Close ends a Read that waits.
func (s *pacedSource) Close() error {
	s.closed.close()
	return nil
}

// tone is a sine.
type tone struct {
	phase, step float64 // radians
}

func (t *tone) fill(pcm []int16) {
	for i := range pcm {
		pcm[i] = int16(math.Round(toneAmplitude * math.Sin(t.phase)))
		t.skip(1)
	}
}

func (t *tone) skip(samples int64) {
	t.phase = math.Mod(t.phase+t.step*float64(samples), 2*math.Pi)
}

// loop is a recording, over and over.
type loop struct {
	pcm []int16 // not empty
	at  int
}

func (l *loop) fill(pcm []int16) {
	for len(pcm) > 0 {
		n := copy(pcm, l.pcm[l.at:])
		pcm = pcm[n:]
		l.at = (l.at + n) % len(l.pcm)
	}
}

func (l *loop) skip(samples int64) {
	l.at = int((int64(l.at) + samples) % int64(len(l.pcm)))
}

// silence is nothing.
type silence struct{}

func (silence) fill(pcm []int16) { clear(pcm) }
func (silence) skip(int64)       {}
