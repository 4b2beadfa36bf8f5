package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"runtime"
	"sync"
	"time"

	"sundog.dev/sundog/media/h264"
)

// VideoReceiverConfig is what a VideoReceiver needs.
type VideoReceiverConfig struct {
	Sinks []VideoSink // owned: closed with the receiver
	// RequestKeyFrame asks the sender; called when decoding cannot go on. It must not block.
	RequestKeyFrame func()

	newDecoder func() (h264.Decoder, error) // nil: h264.NewDecoder
}

// VideoReceiver decodes one person's pictures. Push queues; one goroutine puts the units in order, decodes them and hands the pictures to the sinks at once.
// When a unit is lost that others need it shows nothing new before the next key frame, which it asks for; when one is lost that none needs it just goes on.
// When the decoder does not keep up, pictures that no other needs are left out, so that the others are seen at once.
// Many receivers may be at work: they decode in turns, one fewer at once than there are processors. Close ends the goroutine.
type VideoReceiver struct {
	cfg    VideoReceiverConfig
	dec    h264.Decoder
	queue  *videoQueue
	stats  videoMeter
	cancel context.CancelFunc
	done   sync.WaitGroup
	closed sync.Once
	err    error

	// The decoding goroutine's own.
	order   videoOrder
	waiting bool      // for a key frame
	asked   time.Time // when the last request went
	asks    int       // requests since the last unit came
}

// NewVideoReceiver starts a receiver.
func NewVideoReceiver(cfg VideoReceiverConfig) (*VideoReceiver, error) {
	if cfg.newDecoder == nil {
		cfg.newDecoder = h264.NewDecoder
	}
	dec, err := cfg.newDecoder()
	if err != nil {
		return nil, fmt.Errorf("media: the video decoder: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &VideoReceiver{cfg: cfg, dec: dec, queue: newVideoQueue(), cancel: cancel, waiting: true}
	r.stats.since = time.Now()
	r.done.Go(func() { r.run(ctx) })
	return r, nil
}

// Push takes an access unit, which belongs to the receiver. It never blocks: the queue is bounded, and when frames are lost the receiver asks for a key frame.
func (r *VideoReceiver) Push(e Encoded) {
	r.stats.drop(r.queue.push(e, time.Now()))
}

// Stats is a snapshot since the previous call.
func (r *VideoReceiver) Stats() VideoStats { return r.stats.snapshot(time.Now()) }

// Close stops and waits, and closes the sinks.
func (r *VideoReceiver) Close() error {
	r.closed.Do(func() {
		r.cancel()
		r.done.Wait()
		r.err = r.dec.Close()
		for _, s := range r.cfg.Sinks {
			r.err = errors.Join(r.err, s.Close())
		}
	})
	return r.err
}

func (r *VideoReceiver) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		var wake <-chan time.Time
		if wait := r.step(time.Now()); wait == 0 {
			if ctx.Err() != nil {
				return
			}
			continue
		} else if wait > 0 {
			timer.Reset(wait)
			wake = timer.C
		}
		select {
		case <-ctx.Done():
			return
		case <-r.queue.more:
		case <-wake:
		}
	}
}

// forever is a step's answer when only a new unit can change anything.
const forever = time.Duration(-1)

// step deals with the unit at the queue's head; it returns 0 when there may be more to do, or how long to wait for another unit.
func (r *VideoReceiver) step(now time.Time) time.Duration {
	e, came, ok := r.queue.head()
	if !ok {
		return r.askAgain(now)
	}
	verdict := r.order.judge(e, r.waiting)
	if verdict == unitEarly {
		if left := reorderWindow - now.Sub(came); left > 0 {
			return left
		}
		verdict = r.order.missing()
	}
	if !r.queue.take(e) {
		return 0 // another unit came before it meanwhile
	}
	r.asks = 0
	if verdict == unitNext && now.Sub(came) > decodeLate && r.order.spare() {
		verdict = unitUseless
	}
	switch verdict {
	case unitNext:
		r.show(e, now)
	case unitLate, unitUseless:
		r.stats.drop(1)
	default:
		r.stats.drop(1)
		r.lost(now)
	}
	return 0
}

func (r *VideoReceiver) show(e Encoded, now time.Time) {
	f, size, err := r.decode(e)
	if err != nil {
		r.stats.drop(1)
		r.lost(now)
		return
	}
	r.waiting = false
	r.order.shown(e)
	if f.Image != nil {
		for _, s := range r.cfg.Sinks {
			s.Put(f)
		}
	}
	r.stats.show(size, e.Due, time.Now())
}

// decode decodes a unit when its turn has come; without an image while no sink looks.
func (r *VideoReceiver) decode(e Encoded) (f VideoFrame, size image.Point, err error) {
	decodeTurns <- struct{}{}
	defer func() { <-decodeTurns }()
	f.Due = e.Due
	if !r.watched() {
		size, err = r.dec.Follow(e.Data)
		return f, size, err
	}
	if f.Image, err = r.dec.Decode(e.Data); err == nil {
		size = f.Image.Rect.Size()
	}
	return f, size, err
}

// watched reports whether any sink looks at the pixels.
func (r *VideoReceiver) watched() bool {
	for _, s := range r.cfg.Sinks {
		if p, ok := s.(pixelless); !ok || p.needsPixels() {
			return true
		}
	}
	return false
}

// decodeTurns lets only so many decoders of this process work at once, that the sound's goroutines find a processor free.
var decodeTurns = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1))

// lost waits for a key frame and asks for it, but not more often than keyFrameRetry.
func (r *VideoReceiver) lost(now time.Time) {
	r.waiting = true
	if now.Sub(r.asked) >= keyFrameRetry {
		r.ask(now)
	}
}

// askAgain repeats the request while nothing comes, for some seconds: a sender that has switched its camera off needs no reminders.
func (r *VideoReceiver) askAgain(now time.Time) time.Duration {
	if !r.waiting || r.asked.IsZero() || r.asks >= keyFrameRetries {
		return forever
	}
	if left := keyFrameRetry - now.Sub(r.asked); left > 0 {
		return left
	}
	r.ask(now)
	return keyFrameRetry
}

func (r *VideoReceiver) ask(now time.Time) {
	r.asked = now
	r.asks++
	if r.cfg.RequestKeyFrame != nil {
		r.cfg.RequestKeyFrame()
	}
}
