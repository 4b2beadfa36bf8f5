package media

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sundog.dev/sundog/media/device"
)

// AudioDevices lists microphones and loudspeakers. A machine without a sound system has none, and that is no error.
func AudioDevices(ctx context.Context) (mics, speakers []AudioDevice, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	in, out, err := device.List()
	if err != nil {
		return nil, nil, err
	}
	for _, d := range in {
		mics = append(mics, AudioDevice(d))
	}
	for _, d := range out {
		speakers = append(speakers, AudioDevice(d))
	}
	return mics, speakers, nil
}

// deviceError is what the user is told when a device cannot be opened; none is the sentence for "there is no such thing".
func deviceError(err error, none AudioError, s audioSpec) error {
	switch {
	case errors.Is(err, device.ErrUnknown):
		return fmt.Errorf("%w (%s)", ErrUnknownDevice, s.value)
	case errors.Is(err, device.ErrNone):
		return fmt.Errorf("%w (%w)", none, err)
	}
	return fmt.Errorf("opening a sound device: %w", err)
}

// micSource is a microphone.
type micSource struct {
	mic    *device.Microphone
	due    dueFilter
	ctx    context.Context // ends with the source
	cancel context.CancelFunc
}

func openMicrophone(s audioSpec) (AudioSource, error) {
	mic, err := device.OpenMicrophone(s.value)
	if err != nil {
		return nil, deviceError(err, ErrNoMicrophone, s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &micSource{mic: mic, ctx: ctx, cancel: cancel}, nil
}

// Read waits for the next frame. While the device is being reopened it gives silence.
func (m *micSource) Read(ctx context.Context, f *AudioFrame) error {
	ctx, cancel := mergeContexts(ctx, m.ctx)
	defer cancel()
	n, end, err := m.mic.Read(ctx, f.PCM[:], micKeep, m.patience())
	if err != nil {
		if m.ctx.Err() != nil {
			return ErrAudioClosed
		}
		return err
	}
	if n == 0 {
		clear(f.PCM[:])
		m.due.lost = true
	} else {
		m.due.lost = false
	}
	f.Due = m.due.smooth(end)
	return nil
}

// patience is how long to wait for sound before silence is given: long at first, then a frame.
func (m *micSource) patience() time.Duration {
	if m.due.lost {
		return FrameTime
	}
	return deviceSilence
}

// Close stops the microphone and waits.
func (m *micSource) Close() error {
	m.cancel()
	return m.mic.Close()
}

// mergeContexts ends with either.
func mergeContexts(a, b context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(a)
	stop := context.AfterFunc(b, cancel)
	return ctx, func() { stop(); cancel() }
}

// dueFilter steadies the times of a device's frames. Callbacks come late by chance but never early, so an early frame
// says more about the true times than a late one does.
type dueFilter struct {
	last time.Time
	lost bool // the device gives nothing
}

func (d *dueFilter) smooth(measured time.Time) time.Time {
	due := d.last.Add(FrameTime)
	switch err := measured.Sub(due); {
	case d.last.IsZero() || err > 3*FrameTime || err < -3*FrameTime: // the first, or sound was lost
		due = measured
	case err < 0:
		due = due.Add(err / 4)
	default:
		due = due.Add(err / 64)
	}
	d.last = due
	return due
}
