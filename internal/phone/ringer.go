package phone

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

// ringer makes the loudspeaker ring while somebody calls, and lets the caller hear when it rings over there. Its one
// goroutine, which opens the loudspeaker, ends with close.
type ringer struct {
	room   *mediaRoom
	wake   chan struct{}
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}

	ring, ringback *media.Ring
	join, leave    *media.Ring // of doorbell
	quiet          atomic.Bool // which is switched off

	mu    sync.Mutex
	calls map[*Call]*media.Ring // those that ring now
}

func newRinger(room *mediaRoom) *ringer {
	r := &ringer{
		room: room, wake: make(chan struct{}, 1), done: make(chan struct{}),
		ring: media.NewRingTone(), ringback: media.NewRingbackTone(),
		join: media.NewJoinTone(), leave: media.NewLeaveTone(),
		calls: map[*Call]*media.Ring{},
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	go r.run()
	return r
}

// close ends the ring and waits, but not for ever: a driver that hangs must not keep the program from ending.
func (r *ringer) close() {
	r.cancel()
	select {
	case <-r.done:
	case <-time.After(r.room.open.closePatience):
		r.room.log.Warn("the loudspeaker does not close")
	}
}

// follow is told each new state of a call.
func (r *ringer) follow(c *Call, st Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case st.State == mesh.Ringing:
		r.calls[c] = r.ring
	case st.State == mesh.Calling && st.Detail == mesh.DetailRinging:
		r.calls[c] = r.ringback
	default:
		delete(r.calls, c)
	}
	poke(r.wake)
}

// wanted is what should be heard now, nil for nothing. A call that comes in wins over one that goes out.
func (r *ringer) wanted() (ring *media.Ring) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ring = range r.calls {
		if ring == r.ring {
			break
		}
	}
	return ring
}

func (r *ringer) run() {
	var player *media.Player
	hush := func() {
		if player != nil {
			_ = player.Close() // a loudspeaker keeps nothing that could be lost
			player = nil
		}
	}
	defer close(r.done)
	defer hush()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-r.wake:
		}
		ring := r.wanted()
		if ring == nil {
			hush()
			continue
		}
		if player == nil {
			player = r.open()
		}
		if player != nil {
			player.Ring(ring)
		}
	}
}

// audible reports whether a loudspeaker's spec is a real one. A file is for what others say, not for what the phone says.
func audible(speaker string) bool {
	return speaker == "default" || strings.HasPrefix(speaker, "device:")
}

// open opens the chosen loudspeaker, nil where there is none.
func (r *ringer) open() *media.Player {
	speaker := r.room.speaker()
	if !audible(speaker) {
		return nil
	}
	player, err := r.room.open.player(r.ctx, speaker)
	if err != nil && !errors.Is(err, media.ErrNoSpeaker) {
		r.room.log.Warn("the ring cannot be heard", "error", err)
	}
	if err != nil {
		return nil
	}
	return player
}
