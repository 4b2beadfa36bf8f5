package media

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/media/opus"
)

// brokenSource fails after some frames.
type brokenSource struct {
	AudioSource
	left   int
	closed atomic.Bool
}

var errBroken = errors.New("the cable is cut")

func (s *brokenSource) Read(ctx context.Context, f *AudioFrame) error {
	if s.left--; s.left < 0 {
		return errBroken
	}
	return s.AudioSource.Read(ctx, f)
}

func (s *brokenSource) Close() error {
	s.closed.Store(true)
	return s.AudioSource.Close()
}

func TestASenderSendsAPacketEachTwentyMilliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		source, err := OpenAudio(t.Context(), "tone")
		if err != nil {
			t.Fatal(err)
		}
		var sent []Encoded
		s, err := NewAudioSender(AudioSenderConfig{Source: source, Send: func(e Encoded) {
			e.Data = slices.Clone(e.Data)
			sent = append(sent, e)
		}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second + time.Millisecond)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if len(sent) != 50 {
			t.Fatalf("%d packets in a second, want 50", len(sent))
		}
		for i, e := range sent {
			if e.Kind != Audio || e.Key || !e.Due.Equal(start.Add(time.Duration(i+1)*FrameTime)) || opus.Check(e.Data) != nil {
				t.Fatalf("packet %d: %+v", i, e)
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	})
}

func TestAMutedSenderSendsNothingAndStillMeasures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, err := OpenAudio(t.Context(), "tone")
		if err != nil {
			t.Fatal(err)
		}
		var sent atomic.Int32
		s, err := NewAudioSender(AudioSenderConfig{Source: source, Send: func(Encoded) { sent.Add(1) }})
		if err != nil {
			t.Fatal(err)
		}
		s.SetMuted(true)
		time.Sleep(500*time.Millisecond + time.Millisecond)
		if n := sent.Load(); n != 0 {
			t.Errorf("%d packets were sent while muted", n)
		}
		if l := s.Level(); l < 0.7 || l > 0.9 { // −12 dB of 60
			t.Errorf("level %.2f while muted, want 0.8", l)
		}
		s.SetMuted(false)
		time.Sleep(500 * time.Millisecond)
		if n := sent.Load(); n != 25 {
			t.Errorf("%d packets in half a second after muting", n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestASourceThatFailsIsReportedOnceAndClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tone, err := OpenAudio(t.Context(), "tone")
		if err != nil {
			t.Fatal(err)
		}
		source := &brokenSource{AudioSource: tone, left: 3}
		var failures []error
		sent := 0
		s, err := NewAudioSender(AudioSenderConfig{
			Source: source, Send: func(Encoded) { sent++ }, Failed: func(err error) { failures = append(failures, err) },
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if sent != 3 || len(failures) != 1 || !errors.Is(failures[0], errBroken) || !source.closed.Load() {
			t.Errorf("%d packets, failures %v, closed %v", sent, failures, source.closed.Load())
		}
	})
}

func TestCloseIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, err := OpenAudio(t.Context(), "silence")
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewAudioSender(AudioSenderConfig{Source: source, Send: func(Encoded) {}, Failed: func(err error) { t.Errorf("failed: %v", err) }})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestBadSendersAreRefused(t *testing.T) {
	if _, err := NewAudioSender(AudioSenderConfig{}); !errors.Is(err, ErrNoAudioSource) {
		t.Errorf("without a source: %v", err)
	}
	tone, err := OpenAudio(t.Context(), "tone")
	if err != nil {
		t.Fatal(err)
	}
	source := &brokenSource{AudioSource: tone}
	if _, err := NewAudioSender(AudioSenderConfig{Source: source, Bitrate: 1}); !errors.Is(err, opus.ErrBitrate) || !source.closed.Load() {
		t.Errorf("with 1 bit/s: %v, source closed: %v", err, source.closed.Load())
	}
}

func TestTheMeterRisesAtOnceAndFallsSlowly(t *testing.T) {
	loud, quiet := make([]int16, FrameSamples), make([]int16, FrameSamples)
	for i := range loud {
		loud[i] = int16(30000 * (1 - 2*(i/50%2)))
	}
	var m meter
	if m.add(quiet); m.level() != 0 {
		t.Errorf("silence: %v", m.level())
	}
	if m.add(loud); m.level() != 1 {
		t.Errorf("as loud as can be: %v", m.level())
	}
	if m.add(quiet); m.level() < 0.8 {
		t.Errorf("one frame later: %v", m.level())
	}
	for range 40 {
		m.add(quiet)
	}
	if m.level() != 0 {
		t.Errorf("0.8 s later: %v", m.level())
	}
}
