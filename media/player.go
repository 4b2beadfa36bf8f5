package media

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Player mixes what receivers deliver and plays it on one sink. Its one goroutine ends with Close.
type Player struct {
	sink   audioSink
	cancel context.CancelFunc
	done   chan struct{}

	mu        sync.Mutex
	closed    bool
	receivers []*AudioReceiver // replaced, never changed
	ring      *Ring            // nil: none
	once      *playedOnce      // nil: none
}

// audioSink takes mixed frames at its own pace.
type audioSink interface {
	// next waits until a frame is wanted and returns for when.
	next(ctx context.Context) (time.Time, error)
	write(frame *[FrameSamples]int16)
	close() error
}

// OpenPlayer opens a speaker by its spec, null, default, device:ID or file:OUT.wav, and starts pulling sound
// from its receivers, 20 ms at a time in real time. file: is complete at Close. "default" without any loudspeaker
// is ErrNoSpeaker, an unknown ID ErrUnknownDevice, a spec that cannot be understood ErrAudioSpec.
func OpenPlayer(ctx context.Context, spec string) (*Player, error) {
	s, err := parseSpeaker(spec)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sink, err := openSink(s)
	if err != nil {
		return nil, err
	}
	return newPlayer(sink), nil
}

func newPlayer(sink audioSink) *Player {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Player{sink: sink, cancel: cancel, done: make(chan struct{})}
	go p.run(ctx)
	return p
}

func (p *Player) run(ctx context.Context) {
	defer close(p.done)
	var (
		mix     mixer
		frame   [FrameSamples]int16
		ringing *Ring
		ringAt  int
	)
	for {
		now, err := p.sink.next(ctx)
		if err != nil {
			return
		}
		p.mu.Lock()
		receivers, ring, once := p.receivers, p.ring, p.once
		p.mu.Unlock()
		if ring != ringing {
			ringing, ringAt = ring, 0
		}
		if ring != nil {
			ringAt = ring.read(&frame, ringAt)
			mix.add(&frame)
		}
		if once.read(&frame) {
			mix.add(&frame)
		}
		for _, r := range receivers {
			if r.read(&frame, now) {
				mix.add(&frame)
			}
		}
		mix.mix(&frame)
		p.sink.write(&frame)
		handed := time.Now()
		for _, r := range receivers {
			r.handedOver(handed)
		}
	}
}

// NewReceiver adds a person's sound. Errors are ErrAudioClosed and ErrTooManyReceivers.
func (p *Player) NewReceiver() (*AudioReceiver, error) {
	r, err := newAudioReceiver(p)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, ErrAudioClosed
	case len(p.receivers) >= maxReceivers:
		return nil, ErrTooManyReceivers
	}
	p.receivers = append(slices.Clone(p.receivers), r)
	return r, nil
}

func (p *Player) remove(r *AudioReceiver) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.receivers = slices.DeleteFunc(slices.Clone(p.receivers), func(other *AudioReceiver) bool { return other == r })
}

// Close stops and waits; receivers too. It returns what went wrong with a file. It may be called twice.
func (p *Player) Close() error {
	p.mu.Lock()
	first := !p.closed
	p.closed = true
	receivers := p.receivers
	p.mu.Unlock()
	p.cancel()
	<-p.done
	if !first {
		return nil
	}
	var errs []error
	for _, r := range receivers {
		errs = append(errs, r.Close())
	}
	return errors.Join(append(errs, p.sink.close())...)
}
