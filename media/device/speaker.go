package device

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gen2brain/malgo"
)

// Speaker plays. One goroutine writes.
type Speaker struct {
	s      *stream
	ring   ring
	wanted chan struct{} // holds a token after sound was taken

	primed    atomic.Bool  // sound has been written since the device was opened
	underruns atomic.Int64 // periods that found too little
	low       int          // samples below which more is wanted; the writer's
	seen      int64        // underruns that low accounts for; the writer's
	calm      int          // waits without an underrun since low was changed; the writer's
}

const (
	// lowFirst is the level at which the next 20 ms are fetched: then the ring holds 10 to 30 ms, and a writer may be 10 ms late.
	lowFirst = 2 * periodSamples
	// lowMost bounds what underruns may raise that to.
	lowMost = 10 * periodSamples
	// calmWaits without an underrun, 30 s, lower it again by a period.
	calmWaits = 1500
)

// OpenSpeaker opens the loudspeaker with an id, or the system's default one for "". Errors are ErrNone (there is no
// loudspeaker or no sound system) and ErrUnknown (none with this id).
func OpenSpeaker(id string) (*Speaker, error) { return openSpeaker(id, backends()) }

func openSpeaker(id string, backends []malgo.Backend) (*Speaker, error) {
	p := &Speaker{wanted: make(chan struct{}, 1), low: lowFirst}
	s, err := newStream(malgo.Playback, id, backends, func(out, _ []byte, _ uint32) { p.play(samples(out)) })
	if err != nil {
		return nil, err
	}
	p.s = s
	return p, nil
}

// play fills a period, on the sound system's thread; what is missing is silence.
func (p *Speaker) play(pcm []int16) {
	n := p.ring.read(pcm)
	clear(pcm[n:])
	if n < len(pcm) && p.primed.Load() {
		p.underruns.Add(1)
	}
	select {
	case p.wanted <- struct{}{}:
	default:
	}
}

// Wait waits until more sound is wanted, which keeps 10 to 30 ms in the ring (more where the system takes it in bursts). It returns
// false if nothing was wanted for silence: the device is being reopened.
func (p *Speaker) Wait(ctx context.Context, silence time.Duration) (bool, error) {
	if u := p.underruns.Load(); u != p.seen {
		p.seen, p.low, p.calm = u, min(p.low+periodSamples, lowMost), 0
	} else if p.calm++; p.calm >= calmWaits {
		p.low, p.calm = max(p.low-periodSamples, lowFirst), 0
	}
	var timeout <-chan time.Time
	for p.ring.buffered() >= p.low {
		if timeout == nil {
			t := time.NewTimer(silence)
			defer t.Stop()
			timeout = t.C
		}
		select {
		case <-p.wanted:
		case <-timeout:
			return false, ctx.Err()
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return true, ctx.Err()
}

// Write hands over sound; what does not fit (the device is being reopened) is dropped.
func (p *Speaker) Write(pcm []int16) {
	p.ring.write(pcm)
	p.primed.Store(true)
}

// Buffered is how much sound waits in the ring, before the system's own buffer.
func (p *Speaker) Buffered() time.Duration {
	return time.Duration(p.ring.buffered()) * time.Second / SampleRate
}

// Replaced reports whether the system's default device stands in for the one that was asked for.
func (p *Speaker) Replaced() bool { return p.s.stand.Load() }

// Close stops playing and waits; sound that still waits is dropped.
func (p *Speaker) Close() error {
	p.s.close()
	return nil
}
