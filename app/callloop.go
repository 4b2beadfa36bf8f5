package app

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/mesh"
)

// callLoop is the one goroutine behind a call window: some 30 times a second it draws new pictures and looks at the
// call's state, off the UI thread, and only where something is new hands one update to it. While an update waits
// there, nothing more is drawn, so that a slow screen loses pictures and not time. It ends with its context, or
// when the call's end was shown.
type callLoop struct {
	call    Call
	remote  *tile
	local   *tile
	now     func() time.Time
	post    func(func())      // runs a function on the UI thread, later
	show    func(frameUpdate) // on the UI thread
	pending atomic.Bool

	facts callFacts
	last  callView
	chat  []ChatLine
	has   [2]bool // there is a picture: remote, local
}

// frameUpdate is what is new in a call window.
type frameUpdate struct {
	view                callView
	chat                []ChatLine // all lines
	hasRemote, hasLocal bool       // there is a picture at all
}

func (l *callLoop) run(ctx context.Context) {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		ended := l.step()
		if ended {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-l.call.Changed():
		}
	}
}

// step looks once. It reports whether the end of the call has been handed to the UI thread.
func (l *callLoop) step() (ended bool) {
	if l.pending.Load() {
		return false
	}
	now := l.now()
	l.look(now)
	view := viewOf(l.facts, now)
	lines := l.call.Chat()
	var swaps []*tile
	if inCall(view.state) {
		if l.remote.draw(l.call.DrawRemote) {
			swaps = append(swaps, l.remote)
		}
		if l.local.draw(l.call.DrawLocal) {
			swaps = append(swaps, l.local)
		}
	}
	has := [2]bool{!l.remote.empty(), !l.local.empty()}
	if len(swaps) == 0 && has == l.has && view == l.last && slices.Equal(lines, l.chat) {
		return false
	}
	l.last, l.chat, l.has = view, lines, has
	update := frameUpdate{view: view, chat: lines, hasRemote: has[0], hasLocal: has[1]}
	l.pending.Store(true)
	l.post(func() {
		for _, t := range swaps {
			t.swap()
		}
		l.show(update)
		l.pending.Store(false)
	})
	return view.state == mesh.Ended
}

// look asks the call for its state.
func (l *callLoop) look(now time.Time) {
	l.facts.name, l.facts.incoming = l.call.Name(), l.call.Incoming()
	l.facts.proved, l.facts.test = l.call.Proved(), l.call.Test()
	l.facts.colour, l.facts.status = l.call.With().Colour, l.call.Status()
	if l.facts.status.FarLevel >= speakingLevel {
		l.facts.spoke = now
	}
}
