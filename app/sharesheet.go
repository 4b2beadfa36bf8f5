package app

import (
	"context"

	"sundog.dev/sundog/theme"
)

// toggleShare stops showing the screen, or asks whether to begin: a key or a click by mistake must not show it to everybody.
func (c *callWindow) toggleShare() {
	switch {
	case !inCall(c.view.state) || c.bar.share.disabled || c.sheet != nil:
	case c.view.sharing:
		c.share(false)
	default:
		c.talk(false)
		var s *sheet
		s = c.openSheet("Show your screen?",
			newParagraph(theme.Stage, shareQuestion(c.view.name, c.view.several), theme.TextBody, asSecond),
			choices(newButton(theme.Stage, "Not now", plainButton, func() { s.close() }), // has the focus first
				newButton(theme.Stage, "Share", primaryButton, func() {
					s.close()
					c.share(true)
				}).withIcon(theme.Share)))
	}
}

// shareQuestion says what it means to show the screen.
func shareQuestion(name string, several bool) string {
	who := name + " sees"
	if several {
		who = "Everybody in the call sees"
	}
	return who + " all of your screen then, and whatever comes up on it, until you stop."
}

// share sends the screen, or the camera's picture again.
func (c *callWindow) share(on bool) {
	if !inCall(c.view.state) {
		return
	}
	c.bar.share.setEnabled(false)
	c.poke()
	c.u.background(func(context.Context) func() {
		err := c.call.ShareScreen(on)
		return func() {
			if c.closed {
				return
			}
			c.bar.share.setEnabled(true)
			switch {
			case err != nil:
				c.say(err.Error(), toneWaiting)
			case on && c.view.several:
				c.say("Everybody in the call sees your screen now.", toneText)
			case on:
				c.say(c.view.name+" sees your screen now.", toneText)
			}
		}
	})
}
