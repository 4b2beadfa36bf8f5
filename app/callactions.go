package app

import (
	"context"
	"time"
)

// What the user does in a call's window, by button or key.

func (c *callWindow) toggleMute() {
	if !inCall(c.view.state) {
		return
	}
	c.poke()
	if c.talking { // from now on they are heard without holding anything
		c.talking = false
		return
	}
	c.setMuted(!c.view.muted)
	if c.view.muted && !c.toldToHold {
		c.toldToHold = true
		c.say("You are muted. Press M to be heard again, or hold Space for as long as you talk.", toneText)
	}
}

// mutedEchoes is how long the call may take to tell what we have told it: until then, what it tells may be from before.
const mutedEchoes = 300 * time.Millisecond

// setMuted shows at once what is asked for: a click is answered by the next picture on the screen, not by the one after the call has
// told us.
func (c *callWindow) setMuted(on bool) {
	c.call.SetMuted(on)
	c.mutedWish, c.mutedTill = on, c.u.now().Add(mutedEchoes)
	c.view.muted = on
	c.bar.show(c.view)
}

func (c *callWindow) toggleCamera() {
	if !inCall(c.view.state) || c.bar.camera.disabled {
		return
	}
	on := !c.view.cameraOn
	c.bar.camera.setEnabled(false)
	c.poke()
	c.u.background(func(context.Context) func() {
		err := c.call.SetCamera(on)
		return func() {
			if c.closed {
				return
			}
			c.bar.camera.setEnabled(true)
			if err != nil {
				c.say(err.Error(), toneWaiting)
			}
		}
	})
}

func (c *callWindow) toggleChat() {
	if !inCall(c.view.state) {
		return
	}
	if c.chat.isOpen() {
		c.chat.close()
	} else {
		c.compare.close()
		c.people.close()
		c.chat.open()
	}
	c.bar.show(c.view)
	c.poke()
	c.stage.content.Refresh()
}

// togglePeople opens or closes the panel of people, where there is more to tell than the upper edge does.
func (c *callWindow) togglePeople() {
	switch {
	case c.people.isOpen():
		c.people.close()
	case !inCall(c.view.state) || !c.view.conference && !c.view.several:
		return
	default:
		c.chat.close()
		c.compare.close()
		c.people.open()
	}
	c.poke()
	c.stage.content.Refresh()
}

// addPeople opens the panel of people with the field to add some.
func (c *callWindow) addPeople() {
	if !inCall(c.view.state) || !c.view.mayAdd {
		return
	}
	if !c.people.isOpen() {
		c.togglePeople()
	}
	c.people.addMore(true)
	c.people.adding.search.swallow()
}

// addFirst adds those whom the command line names to the call with the first of them.
func (c *callWindow) addFirst() {
	if !c.u.dialled || len(c.u.first) == 0 || !c.view.mayAdd || c.call.Incoming() {
		return
	}
	names := c.u.first
	c.u.first = nil
	for _, name := range names {
		who := Person{ID: name, Name: name}
		if known := named(c.u.main.known, name); len(known) > 0 {
			who = known[0]
		}
		c.people.do(func(room Conference) error { return room.Add(who) })
	}
}

// copyLink copies what others need to join.
func (c *callWindow) copyLink() { c.linkTo(c.say) }

// linkTo is copyLink, which tells by say how that went.
func (c *callWindow) linkTo(say func(string, tone)) {
	room := c.call.Conference()
	if room == nil {
		return
	}
	c.u.background(func(context.Context) func() {
		link, err := room.Link()
		return func() {
			if err != nil {
				say(err.Error(), toneBad)
				return
			}
			c.u.app.Clipboard().SetContent(link.Text)
			say("Copied. Whoever has the link can join.", toneGood)
		}
	})
}

// toggleCompare opens or closes the panel to compare words, in the place of that of people.
func (c *callWindow) toggleCompare() {
	c.people.close()
	c.compare.toggle()
	c.stage.content.Refresh()
}

// pin gives a member the large tile, or takes it back from the one who has it.
func (c *callWindow) pin(id string) {
	if c.pinned == id {
		id = ""
	}
	c.pinned = id
	c.poke()
	c.stage.showTiles(c.members, c.own)
}

// pinNumber is pin for the member of that number, from 1.
func (c *callWindow) pinNumber(n int) {
	if inCall(c.view.state) && n <= len(c.members) && len(c.members) > 1 {
		c.pin(c.members[n-1].id)
	}
}

// toggleSpeaker gives who speaks the large tile, or shows all equally large.
func (c *callWindow) toggleSpeaker() {
	if !inCall(c.view.state) || len(c.members) < 2 {
		return
	}
	c.speakerLarge, c.pinned = !c.speakerLarge, ""
	c.poke()
	c.stage.showTiles(c.members, c.own)
}

func (c *callWindow) toggleFullScreen() {
	c.win.SetFullScreen(!c.win.FullScreen())
	c.stage.full.setIcon(fullScreenIcon(c.win.FullScreen()))
	c.poke()
}
