package app

import (
	"context"
	"image"
	"maps"
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
	far     map[string]farPicture // by the member's ID
	local   *tile
	finder  *tile                    // what the own camera sees, while a code is looked for
	scan    atomic.Pointer[codeScan] // nil: no code is looked for
	now     func() time.Time
	post    func(func())      // runs a function on the UI thread, later
	show    func(frameUpdate) // on the UI thread
	pending atomic.Bool

	facts   callFacts
	last    callView
	members []memberView
	room    *ConferenceState
	chat    []ChatLine
	proof   Verification
	has     [2]bool // there is a picture: local, finder
	swaps   []*tile // what is new, until it is shown
}

// farPicture is the picture of a member, and where it comes from.
type farPicture struct {
	tile *tile
	draw func(dst *image.RGBA, last uint64) uint64
}

// frameUpdate is what is new in a call window.
type frameUpdate struct {
	view      callView
	members   []memberView
	room      *ConferenceState
	chat      []ChatLine // all lines
	proof     Verification
	hasLocal  bool // there is a picture at all
	hasFinder bool
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
	l.swaps = l.swaps[:0]
	members := l.drawMembers(now)
	if inCall(view.state) && l.local.draw(l.call.DrawLocal) {
		l.swaps = append(l.swaps, l.local)
	}
	sees := false
	if scan := l.scan.Load(); scan != nil && inCall(view.state) {
		scan.look(l.call.DrawLocal, now)
		sees = scan.last != 0
		if l.finder.draw(l.call.DrawLocal) {
			l.swaps = append(l.swaps, l.finder)
		}
	}
	has := [2]bool{!l.local.empty(), sees}
	proof := l.facts.proof
	if len(l.swaps) == 0 && has == l.has && view == l.last && reflect.DeepEqual(l.facts.room, l.room) && slices.Equal(members, l.members) && slices.Equal(lines, l.chat) && reflect.DeepEqual(proof, l.proof) {
		return false
	}
	l.last, l.members, l.room, l.chat, l.has, l.proof = view, members, l.facts.room, lines, has, proof
	update := frameUpdate{view: view, members: members, room: l.facts.room, chat: lines, proof: proof, hasLocal: has[0], hasFinder: has[1]}
	l.pending.Store(true)
	l.post(func() {
		for _, t := range l.swaps { // which is left alone until pending is taken back
			t.swap()
		}
		l.show(update)
		l.pending.Store(false)
	})
	return view.state == mesh.Ended
}

// drawMembers draws what is new of the members' pictures, and tells what their tiles show.
func (l *callLoop) drawMembers(now time.Time) []memberView {
	views := memberViews(l.facts, now)
	for i := range views {
		m := &views[i]
		far, known := l.far[m.id]
		if !known {
			id := m.id
			far = farPicture{newTile(), func(dst *image.RGBA, last uint64) uint64 { return l.call.DrawMember(id, dst, last) }}
			if l.far == nil {
				l.far = make(map[string]farPicture)
			}
			l.far[m.id] = far
		}
		m.tile = far.tile
		// A picture that stands still while its sender is being looked for is shown in a call of two only, where a banner lies on it.
		if !inCall(l.facts.status.State) || !m.camera || m.state != MemberHere && len(views) > 1 {
			continue
		}
		if far.tile.draw(far.draw) {
			l.swaps = append(l.swaps, far.tile)
		}
		m.picture = !far.tile.empty()
	}
	maps.DeleteFunc(l.far, func(id string, _ farPicture) bool {
		return !slices.ContainsFunc(views, func(m memberView) bool { return m.id == id })
	})
	return views
}

// look asks the call for its state.
func (l *callLoop) look(now time.Time) {
	f := &l.facts
	f.name, f.incoming = l.call.Name(), l.call.Incoming()
	f.proof, f.test = l.call.Verification(), l.call.Test()
	f.other, _ = l.call.OtherIdentity()
	with := l.call.With()
	f.colour, f.contact, f.status = with.Colour, with.Contact, l.call.Status()
	if members := f.proof.Members; len(members) == 1 && members[0].Colour != 0 {
		f.colour = members[0].Colour // of the key that is proved, not of the name that is given
	}
	f.members, f.room = l.call.Members(), nil
	if room := l.call.Conference(); room != nil {
		state := room.State()
		f.room = &state
	}
	if f.spoke == nil {
		f.spoke = make(map[string]time.Time)
	}
	for _, m := range f.members {
		if m.Level >= speakingLevel && m.State == MemberHere {
			f.spoke[m.ID] = now
		}
	}
	f.speaker = nextSpeaker(f.speaker, f.members, f.spoke, now)
	maps.DeleteFunc(f.spoke, func(id string, spoke time.Time) bool { return now.Sub(spoke) > speakerStays })
}
