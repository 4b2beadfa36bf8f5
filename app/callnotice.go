package app

import (
	"slices"
	"strings"
	"time"
)

// newsAtOnce is how many sentences are said together, the newest: of more, the pictures would be covered, and none be read.
const newsAtOnce = 4

// tell says softly who has come and gone, and who wants to speak.
func (c *callWindow) tell(news []string, hands []memberView) {
	fresh := slices.Clone(newLines(c.news, news))
	c.news = news
	for _, m := range hands {
		fresh = append(fresh, m.name+" raises a hand.")
	}
	if len(fresh) == 0 || !inCall(c.view.state) {
		return
	}
	fresh = fresh[max(len(fresh)-newsAtOnce, 0):]
	c.notice, c.noticeTill = notice{text: strings.Join(fresh, " "), tone: toneText}, c.u.now().Add(noticeStays)
}

// raisedBetween are those who were there before, and have raised their hands meanwhile.
func raisedBetween(before, now []memberView) (raised []memberView) {
	for _, m := range now {
		if m.hand && slices.ContainsFunc(before, func(was memberView) bool { return was.id == m.id && !was.hand }) {
			raised = append(raised, m)
		}
	}
	return raised
}

// notice is a sentence over the stage.
type notice struct {
	text    string
	tone    tone
	waiting bool // something is being tried meanwhile
}

// banner is the sentence over the stage: that of the state first, else a passing one.
func (c *callWindow) banner() notice {
	if c.view.banner != "" {
		return notice{c.view.banner, toneWaiting, c.view.waiting}
	}
	if c.u.now().Before(c.noticeTill) {
		return c.notice
	}
	return notice{}
}

// say shows a sentence over the stage for a while.
func (c *callWindow) say(text string, t tone) {
	c.notice, c.noticeTill = notice{text: text, tone: t}, c.u.now().Add(noticeStays)
	c.stage.overlays(c.banner(), c.barShown())
}

// hush takes a passing sentence away.
func (c *callWindow) hush() { c.noticeTill = time.Time{} }
