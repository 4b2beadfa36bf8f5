package device

/*
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gen2brain/malgo"
)

// stream keeps one device running. Its goroutine, ended by close, opens the device again whenever it falls silent.
type stream struct {
	kind     malgo.DeviceType
	id       string // "": follow the system's default
	backends []malgo.Backend
	data     malgo.DataProc // called on the sound system's thread; must not block

	start  time.Time    // zero of called
	called atomic.Int64 // when the last callback came, ns since start
	opened atomic.Int64 // how often opening was tried; the last one counts
	stand  atomic.Bool  // the default device stands in for the one with the id

	mu      sync.Mutex
	current *running // nil while there is none

	quit, done chan struct{}
	once       sync.Once
}

// running is an open device.
type running struct {
	sys *system
	dev *malgo.Device
}

// newStream opens the device and keeps it open.
func newStream(kind malgo.DeviceType, id string, backends []malgo.Backend, data malgo.DataProc) (*stream, error) {
	s := &stream{
		kind: kind, id: id, backends: backends, data: data, start: time.Now(),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	if err := s.open(false); err != nil {
		return nil, err
	}
	go s.watch()
	return s, nil
}

// open opens the wanted device or, if it is not there and standIn is set, the default one.
func (s *stream) open(standIn bool) error {
	sys, err := connect(s.backends)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNone, err)
	}
	stand := false
	cfg := malgo.DefaultDeviceConfig(s.kind)
	cfg.SampleRate = SampleRate
	cfg.PeriodSizeInMilliseconds = periodMillis
	cfg.Periods = periods
	cfg.PerformanceProfile = malgo.LowLatency
	cfg.Capture.Format, cfg.Capture.Channels = malgo.FormatS16, 1
	cfg.Playback.Format, cfg.Playback.Channels = malgo.FormatS16, 1
	cfg.Pulse.StreamNamePlayback, cfg.Pulse.StreamNameCapture = "Sundog", "Sundog"
	if s.id != "" {
		id, err := sys.find(s.kind, s.id)
		switch {
		case err == nil:
			p := id.Pointer() // C memory, copied by the device
			defer C.free(p)
			cfg.Capture.DeviceID, cfg.Playback.DeviceID = p, p
		case errors.Is(err, ErrUnknown) && standIn:
			stand = true
		default:
			sys.close()
			return err
		}
	}
	turn := s.opened.Add(1)
	dev, err := malgo.InitDevice(sys.ctx.Context, cfg, malgo.DeviceCallbacks{Data: func(out, in []byte, frames uint32) {
		if s.opened.Load() != turn {
			return // a device that had to be left behind came back to life
		}
		s.called.Store(int64(time.Since(s.start)))
		s.data(out, in, frames)
	}})
	if err != nil {
		sys.close()
		return fmt.Errorf("%w: %w", ErrNone, err)
	}
	s.called.Store(int64(time.Since(s.start)))
	if err := dev.Start(); err != nil {
		dev.Uninit()
		sys.close()
		return fmt.Errorf("%w: starting it: %w", ErrNone, err)
	}
	s.stand.Store(stand)
	s.mu.Lock()
	s.current = &running{sys, dev}
	s.mu.Unlock()
	return nil
}

// watch reopens the device when it is silent, and looks for the wanted one while another stands in.
func (s *stream) watch() {
	defer close(s.done)
	tick := time.NewTicker(watchTime)
	defer tick.Stop()
	looked := time.Now()
	for {
		select {
		case <-s.quit:
			s.release()
			return
		case <-tick.C:
		}
		switch {
		case s.silent() > stallTime:
			s.release()
			if !s.reopen() {
				return
			}
			looked = time.Now()
		case s.stand.Load() && time.Since(looked) > lookTime:
			looked = time.Now()
			if s.isBack() {
				s.release()
				if !s.reopen() {
					return
				}
			}
		}
	}
}

// silent is the time since the last callback.
func (s *stream) silent() time.Duration {
	return time.Since(s.start) - time.Duration(s.called.Load())
}

// reopen tries until it succeeds; false: the stream was closed.
func (s *stream) reopen() bool {
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		if s.open(true) == nil {
			return true
		}
		select {
		case <-s.quit:
			return false
		case <-time.After(wait):
		}
	}
}

// isBack reports whether the device with the wanted id is there.
func (s *stream) isBack() bool {
	sys, err := connect(s.backends)
	if err != nil {
		return false
	}
	defer sys.close()
	_, err = sys.find(s.kind, s.id)
	return err == nil
}

// release lets go of the device. A sound system that hangs is left behind after closeTime: a call must go on.
func (s *stream) release() {
	s.mu.Lock()
	r := s.current
	s.current = nil
	s.mu.Unlock()
	if r == nil {
		return
	}
	released := make(chan struct{})
	go func() {
		defer close(released)
		r.dev.Uninit()
		r.sys.close()
	}()
	select {
	case <-released:
	case <-time.After(closeTime):
	}
}

// close ends the stream and waits.
func (s *stream) close() {
	s.once.Do(func() { close(s.quit) })
	<-s.done
}
