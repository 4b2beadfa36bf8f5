package media

import (
	"context"
	"fmt"
	"time"

	"sundog.dev/sundog/media/device"
	"sundog.dev/sundog/media/wav"
)

// fileGapMost is the most silence that stands for a time in which the machine slept, in frames: a minute.
const fileGapMost = 3000

func openSink(s audioSpec) (audioSink, error) {
	switch s.kind {
	case audioDefault, audioDeviceID:
		speaker, err := device.OpenSpeaker(s.value)
		if err != nil {
			return nil, deviceError(err, ErrNoSpeaker, s)
		}
		return &deviceSink{speaker: speaker}, nil
	case audioFile:
		w, err := wav.Create(s.value)
		if err != nil {
			return nil, fmt.Errorf("opening the sound file: %w", err)
		}
		return &fileSink{frames: newSchedule(sinkLateMost), wav: w}, nil
	}
	return &nullSink{frames: newSchedule(sinkLateMost)}, nil
}

// nullSink takes frames in real time and keeps none.
type nullSink struct {
	frames *schedule
}

func (s *nullSink) next(ctx context.Context) (time.Time, error) {
	due, _, err := s.frames.next(ctx, nil)
	return due, err
}

func (s *nullSink) write(*[FrameSamples]int16) {}
func (s *nullSink) close() error               { return nil }

// fileSink writes a WAV file whose time is real time: the file's end is the moment of Close.
type fileSink struct {
	frames *schedule
	wav    *wav.Writer
	err    error // the first of writing, told at close
}

func (s *fileSink) next(ctx context.Context) (time.Time, error) {
	due, skipped, err := s.frames.next(ctx, nil)
	var silence [FrameSamples]int16
	for range min(skipped, fileGapMost) {
		s.write(&silence)
	}
	return due, err
}

func (s *fileSink) write(frame *[FrameSamples]int16) {
	if err := s.wav.Write(frame[:]); err != nil && s.err == nil {
		s.err = err
	}
}

func (s *fileSink) close() error {
	if err := s.wav.Close(); s.err == nil {
		return err
	}
	return s.err
}

// deviceSink plays on a loudspeaker, which sets the pace.
type deviceSink struct {
	speaker *device.Speaker
	lost    bool // the device takes nothing
}

func (s *deviceSink) next(ctx context.Context) (time.Time, error) {
	patience := deviceSilence
	if s.lost {
		patience = FrameTime // a timer sets the pace until the device is back
	}
	wanted, err := s.speaker.Wait(ctx, patience)
	s.lost = !wanted
	return time.Now(), err
}

func (s *deviceSink) write(frame *[FrameSamples]int16) { s.speaker.Write(frame[:]) }
func (s *deviceSink) close() error                     { return s.speaker.Close() }
