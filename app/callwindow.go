package app

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/theme"
)

// callWindow is one call, from its ring or dial to what is said at its end. All but the loop belongs to the UI thread.
type callWindow struct {
	sheets
	u    *ui
	call Call
	loop *callLoop
	stop context.CancelFunc
	// dialled is how this call was made; nil: it came in.
	dialled func() (Call, error)

	stage   *stage
	bar     *callBar
	chat    *chatPanel
	people  *roomPanel
	compare *comparePanel

	view         callView
	members      []memberView
	own          memberView
	news         []string // as last told
	pinned       string   // whose tile is large, by their ID; empty: nobody's
	speakerLarge bool     // who speaks has a large tile, in a call of several
	title        string
	opened       time.Time
	moved        time.Time // the last sign of life from mouse or keys
	hovered      int       // bar buttons that have pointer or focus
	held         heldKeys
	talking      bool // while Space is held
	toldToHold   bool // that Space does that
	keysSheet    *sheet
	mutedWish    bool
	mutedTill    time.Time // until then that counts, and not what the call tells
	sight        sight
	outOfSight   func() bool // nobody sees the window
	notice       notice      // passing, over the stage
	noticeTill   time.Time
	wide         bool   // the window has its size for pictures
	ownColour    uint32 // of our own avatar
	closed       bool
}

const (
	callWidth  = 960 // with callHeight, a 16:9 picture fits without bars
	callHeight = 548
	ringWidth  = 380
	ringHeight = 480

	// barStays is how long the call bar is shown after the last movement.
	barStays = 3 * time.Second
	// noticeStays is how long a passing sentence is shown.
	noticeStays = 6 * time.Second
	// refusalStays is that of why pictures are held back, which is longer; the panel of people says it all the time.
	refusalStays = 12 * time.Second
	// enterGuard is how long Enter does not accept a call after the window came up: somebody may just have been
	// typing elsewhere.
	enterGuard = 700 * time.Millisecond
)

func newCallWindow(u *ui, call Call) *callWindow {
	c := &callWindow{u: u, call: call, opened: u.now(), moved: u.now(), held: heldKeys{}}
	c.win, c.skin = u.app.NewWindow("Sundog"), theme.Stage
	c.win.SetPadded(false)
	c.keys = newShortcuts(c.win.Canvas())
	c.ownColour = u.phone.Colour()
	c.loop = &callLoop{call: call, local: newTile(), self: newTile(), finder: newTile(), name: u.phone.Settings().Name, colour: c.ownColour, now: u.now, post: u.onUI, show: c.show, around: (&coalesced{post: u.onUI, run: c.lookAround}).ask}
	c.outOfSight = func() bool { return c.sight.hidden(c.win, c.waitsForPaint(), u.now()) }
	c.bar = newCallBar(c)
	c.chat = newChatPanel(c)
	c.people = newRoomPanel(c)
	c.compare = newComparePanel(c)
	c.stage = newStage(c)
	c.win.SetContent(container.NewThemeOverride(c.stage.content, theme.ForStage()))
	c.win.Canvas().SetOnTypedKey(c.key)
	c.win.Canvas().SetOnTypedRune(c.typedRune)
	c.keys.on(fyne.KeyH, fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift, c.hangUp)
	if d, ok := c.win.Canvas().(desktop.Canvas); ok {
		d.SetOnKeyDown(c.keyDown)
		d.SetOnKeyUp(c.keyUp)
	}
	c.win.SetCloseIntercept(c.hangUp)
	c.win.SetOnClosed(c.gone)
	c.win.SetOnDropped(c.chat.dropped)
	return c
}

// open shows the window and starts its loop.
func (c *callWindow) open() {
	c.loop.look(c.u.now())
	c.show(frameUpdate{view: viewOf(c.loop.facts, c.u.now()), proof: c.loop.facts.proof})
	if c.view.state == mesh.Ringing {
		c.win.Resize(fyne.NewSize(ringWidth, ringHeight))
	} else {
		c.widen()
	}
	c.win.CenterOnScreen()
	c.win.Show()
	c.win.RequestFocus()
	ctx, stop := context.WithCancel(c.u.ctx)
	c.stop = stop
	c.u.work.Go(func() { c.loop.run(ctx) })
}

// widen gives the window its size for pictures.
func (c *callWindow) widen() {
	if !c.wide {
		c.wide = true
		c.win.Resize(fyne.NewSize(callWidth, callHeight))
	}
}

// close closes the window; the call must be over or hung up.
func (c *callWindow) close() {
	if !c.closed {
		c.closed = true
		c.win.Close()
	}
}

// gone is called when the window has been closed by whomever.
func (c *callWindow) gone() {
	c.closed = true
	c.compare.codes.stop()
	if c.stop != nil {
		c.stop()
	}
	delete(c.u.calls, c)
	c.u.main.refresh()
}

// hangUp ends the call as its state asks (cancel, decline, hang up), and the window with it: whoever ends a call
// need not be told how it ended.
func (c *callWindow) hangUp() {
	if c.closed {
		return
	}
	if c.view.state != mesh.Ended {
		c.call.HangUp()
	}
	c.close()
}

func (c *callWindow) accept() {
	if c.view.state != mesh.Ringing {
		return
	}
	if err := c.call.Accept(); err != nil {
		c.say(err.Error(), toneWaiting)
	}
}

// show paints what is new.
func (c *callWindow) show(f frameUpdate) {
	if c.closed {
		return
	}
	before := c.view
	c.view, c.own = f.view, f.own
	c.view.talking = c.talking
	if c.u.now().Before(c.mutedTill) {
		c.view.muted = c.mutedWish
	}
	hands := raisedBetween(c.members, f.members)
	c.members = f.members
	if f.view.title != c.title {
		c.title = f.view.title
		c.win.SetTitle(c.title)
	}
	if before.state == mesh.Ringing && f.view.state != mesh.Ringing && f.view.state != mesh.Ended {
		c.widen()
		c.win.CenterOnScreen()
	}
	if before.state != f.view.state {
		c.poke()
		if f.view.state == mesh.Ended {
			c.hush()
			c.chat.close()
			c.compare.close()
			c.people.close()
			if c.sheet != nil {
				c.sheet.close()
			}
			c.win.Canvas().Unfocus()
			c.u.main.refresh()
			if f.view.changed {
				c.changed()
			}
		}
	}
	if f.view.problem != "" && f.view.problem != before.problem {
		c.notice, c.noticeTill = notice{text: f.view.problem, tone: toneWaiting}, c.u.now().Add(noticeStays)
	}
	if f.view.refusal != "" && before.refusal == "" {
		c.notice, c.noticeTill = notice{text: f.view.refusal, tone: toneWaiting}, c.u.now().Add(refusalStays)
	}
	if f.view.hint != "" && f.view.hint != before.hint {
		c.notice, c.noticeTill = notice{text: f.view.hint, tone: toneText}, c.u.now().Add(hintStays)
	}
	c.tell(f.news, hands)
	c.addFirst()
	c.chat.show(f.chat, f.members, f.room)
	c.compare.show(f.proof, f.hasFinder)
	c.people.show(f.room)
	c.bar.show(c.view)
	c.stage.show(f, c.banner(), c.barShown())
}

// barShown reports whether the call bar is to be seen: always, but in a call that nobody has touched for a while.
func (c *callWindow) barShown() bool {
	if c.view.state != mesh.InCall || c.hovered > 0 || c.chat.isOpen() || c.people.isOpen() || c.compare.isOpen() {
		return true
	}
	return c.u.now().Sub(c.moved) < barStays
}

// poke is a sign of life: the bar comes back.
func (c *callWindow) poke() {
	c.moved = c.u.now()
	if c.stage != nil {
		c.stage.overlays(c.banner(), c.barShown())
	}
}

// hold counts what keeps the bar there: pointer or key focus on one of its buttons.
func (c *callWindow) hold(on bool) {
	if on {
		c.hovered++
	} else {
		c.hovered = max(c.hovered-1, 0)
	}
	c.poke()
}

// again calls the same person once more, or goes into the same room; this window goes when the new one is there.
func (c *callWindow) again() {
	if c.view.changed {
		c.changed()
		return
	}
	dial := c.dialled // which may have been into a room, by its link
	if dial == nil {
		dial = func() (Call, error) { return c.u.phone.Call(c.call.With(), true) }
	}
	c.dial(dial)
}

// dial calls in a new window; this one goes when that is there.
func (c *callWindow) dial(dial func() (Call, error)) {
	c.stage.retry.setEnabled(false)
	c.u.startCall(dial, c.close, func(why string) {
		c.stage.retry.setEnabled(true)
		c.say(why, toneWaiting)
	})
}

// inCall reports whether a call stands, even if it is being mended.
func inCall(s mesh.State) bool { return s == mesh.InCall || s == mesh.Reconnecting }
