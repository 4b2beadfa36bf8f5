package app

import (
	"context"
	"reflect"
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
	finder  *tile                    // what the own camera sees, while a code is looked for
	scan    atomic.Pointer[codeScan] // nil: no code is looked for
	now     func() time.Time
	post    func(func())      // runs a function on the UI thread, later
	show    func(frameUpdate) // on the UI thread
	pending atomic.Bool

	facts callFacts
	last  callView
	chat  []ChatLine
	proof Verification
	has   [3]bool // there is a picture: remote, local, finder
}

// frameUpdate is what is new in a call window.
type frameUpdate struct {
	view                callView
	chat                []ChatLine // all lines
	proof               Verification
	hasRemote, hasLocal bool // there is a picture at all
	hasFinder           bool
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
	sees := false
	if scan := l.scan.Load(); scan != nil && inCall(view.state) {
		scan.look(l.call.DrawLocal, now)
		sees = scan.last != 0
		if l.finder.draw(l.call.DrawLocal) {
			swaps = append(swaps, l.finder)
		}
	}
	has := [3]bool{!l.remote.empty(), !l.local.empty(), sees}
	proof := l.facts.proof
	if len(swaps) == 0 && has == l.has && view == l.last && slices.Equal(lines, l.chat) && reflect.DeepEqual(proof, l.proof) {
		return false
	}
	l.last, l.chat, l.has, l.proof = view, lines, has, proof
	update := frameUpdate{view: view, chat: lines, proof: proof, hasRemote: has[0], hasLocal: has[1], hasFinder: has[2]}
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
	l.facts.proof, l.facts.test = l.call.Verification(), l.call.Test()
	l.facts.other, _ = l.call.OtherIdentity()
	with := l.call.With()
	l.facts.colour, l.facts.contact, l.facts.status = with.Colour, with.Contact, l.call.Status()
	if members := l.facts.proof.Members; len(members) == 1 && members[0].Colour != 0 {
		l.facts.colour = members[0].Colour // of the key that is proved, not of the name that is given
	}
	if l.facts.status.FarLevel >= speakingLevel {
		l.facts.spoke = now
	}
}
