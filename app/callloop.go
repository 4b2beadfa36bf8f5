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
	far     map[string]*farPicture // by the member's ID
	local   *tile
	self    *tile                    // our own picture among those of several
	name    string                   // our own, as others see it
	colour  uint32                   // of our own avatar
	finder  *tile                    // what the own camera sees, while a code is looked for
	scan    atomic.Pointer[codeScan] // nil: no code is looked for
	now     func() time.Time
	post    func(func())      // runs a function on the UI thread, later
	show    func(frameUpdate) // on the UI thread
	around  func()            // has what nobody tells looked at, on the UI thread; may be nil
	pending atomic.Bool
	hidden  atomic.Bool // nobody sees the window: nothing is drawn

	turned time.Time // around was last asked for

	looked  time.Time // the state was asked for
	fresh   bool      // it has changed since
	facts   callFacts
	last    callView
	own     memberView
	lines   []ChatLine // as last asked for
	told    []string   // the news as last asked for
	news    []string   // as last shown
	showing showing
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
	last uint64    // the number of the newest one
	drew time.Time // it came
}

// pictureStays is how long the last picture of one of several is shown when no other comes: they may send theirs only while they
// speak, and somebody who stands still looks as if the call were broken.
const pictureStays = 5 * time.Second

// frameUpdate is what is new in a call window.
type frameUpdate struct {
	view      callView
	members   []memberView
	own       memberView // for a call of several
	room      *ConferenceState
	chat      []ChatLine // all lines
	news      []string   // all
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
			l.fresh = true
		}
	}
}

// lookEvery is how often the call is asked for its state without having told that it changed: for how loud everybody is, which
// nobody follows more often than that.
const lookEvery = 100 * time.Millisecond

// step looks once. It reports whether the end of the call has been handed to the UI thread.
func (l *callLoop) step() (ended bool) {
	if l.pending.Load() {
		return false
	}
	now := l.now()
	l.lookAround(now)
	l.showing.tell(now, l.call)
	if l.fresh || now.Sub(l.looked) >= lookEvery {
		l.fresh = false
		l.look(now)
	}
	view := viewOf(l.facts, now)
	lines, news := l.lines, l.told
	l.swaps = l.swaps[:0]
	members := l.drawMembers(now)
	own := ownView(l.facts, l.name, l.colour)
	own.tile = l.self
	if inCall(view.state) && !l.hidden.Load() {
		local := l.local
		if len(members) > 1 {
			local = l.self
		}
		if local.draw(l.call.DrawLocal) {
			l.swaps = append(l.swaps, local)
		}
	}
	own.picture = inCall(view.state) && own.camera && !l.self.empty()
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
	same := has == l.has && view == l.last && own == l.own && slices.Equal(members, l.members) && slices.Equal(lines, l.chat) &&
		slices.Equal(news, l.news) && reflect.DeepEqual(l.facts.room, l.room) && reflect.DeepEqual(proof, l.proof)
	if len(l.swaps) == 0 && same {
		return false
	}
	l.last, l.members, l.own, l.room, l.chat, l.news, l.has, l.proof = view, members, own, l.facts.room, lines, news, has, proof
	update := frameUpdate{
		view: view, members: members, own: own, room: l.facts.room, chat: lines, news: news, proof: proof, hasLocal: has[0], hasFinder: has[1],
	}
	l.pending.Store(true)
	l.post(func() {
		for _, t := range l.swaps { // which is left alone until pending is taken back
			t.swap()
		}
		if !same { // else nothing but pictures is new, many times a second
			l.show(update)
		}
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
			far = &farPicture{tile: newTile(), draw: func(dst *image.RGBA, last uint64) uint64 { return l.call.DrawMember(id, dst, last) }}
			if l.far == nil {
				l.far = make(map[string]*farPicture)
			}
			l.far[m.id] = far
		}
		m.tile = far.tile
		// A picture that stands still while its sender is being looked for is shown in a call of two only, where a banner lies on it.
		if !inCall(l.facts.status.State) || !m.camera || m.state != MemberHere && len(views) > 1 {
			continue
		}
		hidden := l.hidden.Load()
		if !hidden && far.tile.draw(far.draw) {
			l.swaps = append(l.swaps, far.tile)
		}
		if far.tile.number != far.last || hidden { // and when it is seen again, another will come soon
			far.last, far.drew = far.tile.number, now
		}
		m.picture = !far.tile.empty() && (len(views) == 1 || m.screen || now.Sub(far.drew) < pictureStays)
	}
	maps.DeleteFunc(l.far, func(id string, _ *farPicture) bool {
		return !slices.ContainsFunc(views, func(m memberView) bool { return m.id == id })
	})
	return views
}

// lookAround has the window looked at.
func (l *callLoop) lookAround(now time.Time) {
	if l.around != nil && now.Sub(l.turned) >= lookEvery {
		l.turned = now
		l.around()
	}
}

// look asks the call for its state.
func (l *callLoop) look(now time.Time) {
	f := &l.facts
	l.looked, l.lines, l.told = now, l.call.Chat(), l.call.News()
	f.name, f.incoming = l.call.Name(), l.call.Incoming()
	f.proof, f.test = l.call.Verification(), l.call.Test()
	f.other, _ = l.call.OtherIdentity()
	with := l.call.With()
	f.colour, f.contact, f.status = with.Colour, with.Contact, l.call.Status()
	if members := f.proof.Members; len(members) == 1 && members[0].Colour != 0 {
		f.colour = members[0].Colour // of the key that is proved, not of the name that is given
	}
	f.company, f.members, f.room = l.call.Company(), l.call.Members(), nil
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
	f.mic = f.mic.next(f.status.Muted && inCall(f.status.State), f.status.MicLevel, now)
	f.speaker = nextSpeaker(f.speaker, f.members, f.spoke, now)
	maps.DeleteFunc(f.spoke, func(id string, spoke time.Time) bool { return now.Sub(spoke) > speakerStays })
}
