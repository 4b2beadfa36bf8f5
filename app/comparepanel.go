package app

import (
	"context"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/theme"
)

// comparePanel is where the members of a call find out whether somebody sits in between: by words read aloud, or by a code that
// one shows and another scans (comparecodes.go). In a wide window it lies beside the pictures, so that one sees who reads.
type comparePanel struct {
	visit   visit
	c       *callWindow
	content *fyne.Container
	title   *label
	shut    *iconButton
	scroll  *container.Scroll
	body    *fyne.Container
	foot    *fyne.Container
	view    compareView
	page    comparePage

	// The page with the words.
	lead, next *paragraph
	said       *paragraph // of what was done: it went wrong, or it was copied
	dots       *dots
	words      *words
	emoji      *fyne.Container
	rows       *fyne.Container
	inRoom     *fyne.Container
	more       *button
	experts    *fyne.Container

	match, differ, again, leave, done *button

	codes compareCodes
}

// comparePage is what the panel shows.
type comparePage int

const (
	wordsPage comparePage = iota
	showPage              // our own code
	scanPage              // the picture of our camera, to scan theirs
)

func newComparePanel(c *callWindow) *comparePanel {
	p := &comparePanel{c: c}
	p.title = newLabel(theme.Stage, "", theme.TextStrong, asText).strong()
	p.shut = newIconButton(theme.Stage, theme.Close, "Close", asSecond, p.close)
	p.lead = newParagraph(theme.Stage, "", theme.TextBody, asText)
	p.next = newParagraph(theme.Stage, "", theme.TextSmall, asSecond)
	p.said = newParagraph(theme.Stage, "", theme.TextSmall, asSecond)
	p.dots = newDots(theme.Stage)
	p.words = newWords(theme.Stage)
	p.emoji = container.New(emojiRows{})
	p.rows = newColumn(theme.SpaceInside)
	p.experts = newColumn(theme.CallGap)
	p.more = newButton(theme.Stage, "", quietButton, p.toggleExperts).low()
	p.match = newButton(theme.Stage, "They match", primaryButton, func() { p.tell(c.call.Confirm) })
	p.differ = newButton(theme.Stage, "They differ", plainButton, func() { p.tell(c.call.Deny) })
	p.again = newButton(theme.Stage, "Compare once more", primaryButton, func() { p.tell(c.call.CompareAgain) })
	p.leave = newButton(theme.Stage, "Hang up", dangerButton, c.hangUp)
	p.done = newButton(theme.Stage, "Done", plainButton, p.close)
	p.inRoom = p.codes.build(p)
	p.body = newColumn(theme.CallGap, p.lead, p.dots, p.words, p.emoji, p.next, p.said, p.rows, p.inRoom, p.codes.page, p.more, p.experts)
	p.foot = container.New(sideBySide{gap: theme.SpaceInside}, p.match, p.differ, p.again, p.leave, p.done, p.codes.back)
	p.scroll = container.NewVScroll(container.New(inset{theme.SpaceBetween, 0, theme.SpaceBetween, theme.SpaceInside}, p.body))
	p.content = container.NewStack(newBackdrop(theme.Stage, asSurface, theme.Corner), framed(
		container.New(inset{theme.SpaceBetween, theme.SpaceInside, theme.SpaceInside, theme.SpaceTight}, container.New(beside{gap: theme.SpaceInside, right: true}, p.title, p.shut)),
		p.scroll,
		container.New(inset{theme.SpaceBetween, theme.SpaceInside, theme.SpaceBetween, theme.SpaceBetween}, p.foot)))
	p.experts.Hide()
	p.content.Hide()
	for _, b := range []*pressable{
		&p.shut.pressable, &p.more.pressable, &p.match.pressable, &p.differ.pressable, &p.again.pressable, &p.leave.pressable, &p.done.pressable,
		&p.codes.show.pressable, &p.codes.scan.pressable, &p.codes.retry.pressable, &p.codes.camera.pressable, &p.codes.back.pressable,
	} {
		b.keys = c.key // Escape, and the keys of the call
	}
	return p
}

func (p *comparePanel) isOpen() bool { return p.content.Visible() }

// toggle opens or closes the panel. Before there is anybody to compare with there is nothing to open.
func (p *comparePanel) toggle() {
	if p.isOpen() {
		p.close()
		return
	}
	if !inCall(p.c.view.state) || p.c.call.Test() {
		return
	}
	p.c.chat.close()
	p.say("", toneQuiet)
	p.content.Show()
	p.turnTo(wordsPage)
	p.scroll.ScrollToTop()
	p.c.hush()
	p.c.poke()
	p.c.stage.content.Refresh()
	p.visit.begin(p.c.win.Canvas(), nil)
	p.focusFirst()
	p.visit.first = p.c.win.Canvas().Focused()
}

// escape leaves the page of a code, else the panel.
func (p *comparePanel) escape() {
	if p.page != wordsPage {
		p.turnTo(wordsPage)
		p.focusFirst()
		return
	}
	p.close()
}

func (p *comparePanel) close() {
	p.codes.stop()
	if !p.isOpen() {
		return
	}
	p.content.Hide()
	p.visit.end(p.c.win.Canvas(), p.content, p.c.stage.top.words)
	p.c.poke()
	p.c.stage.content.Refresh()
}

// focusFirst puts the focus where the keys are wanted next: never on what says that the words match, since somebody may
// press Enter without having compared.
func (p *comparePanel) focusFirst() {
	for _, b := range []*button{p.again, p.done, p.codes.back} {
		if b.Visible() {
			p.c.win.Canvas().Focus(b)
			return
		}
	}
	p.c.win.Canvas().Focus(p.shut)
}

// show paints what the call tells now.
func (p *comparePanel) show(v Verification, finder bool) {
	view := compareViewOf(v, p.c.u.now())
	p.codes.saw(finder)
	if reflect.DeepEqual(view, p.view) {
		return
	}
	turned := view.stage != p.view.stage
	p.view = view
	if turned && view.stage != compareDone {
		p.say("", toneQuiet)
	}
	if view.code == "" && p.page != wordsPage {
		p.turnTo(wordsPage)
	}
	if p.isOpen() {
		p.fill()
		if turned && p.page == wordsPage {
			p.scroll.ScrollToTop()
			p.focusFirst()
		}
	}
}

// turnTo shows another page.
func (p *comparePanel) turnTo(page comparePage) {
	p.codes.stop()
	p.page = page
	p.title.set(map[comparePage]string{wordsPage: "Compare words", showPage: "Show my code", scanPage: "Scan their code"}[page])
	p.codes.turned()
	p.fill()
	p.scroll.ScrollToTop()
	if page != wordsPage {
		p.focusFirst()
	}
}

// fill puts the view into the widgets.
func (p *comparePanel) fill() {
	v, onWords := p.view, p.page == wordsPage
	p.lead.set(v.lead, leadRole(v))
	p.next.set(v.next, asSecond)
	p.words.set(v.words)
	p.showEmoji(v.emoji)
	p.showRows(v.rows)
	p.showExperts(v.experts)
	p.more.setText("Details for experts ▾")
	if p.experts.Visible() {
		p.more.setText("Details for experts ▴")
	}
	for o, shown := range map[fyne.CanvasObject]bool{
		p.lead: onWords, p.next: onWords && v.next != "", p.dots: onWords && v.waiting, p.words: onWords && len(v.words) > 0,
		p.emoji: onWords && len(v.emoji) > 0, p.rows: onWords, p.said: p.said.text != "", p.more: onWords,
		p.inRoom: onWords && v.code != "", p.codes.page: !onWords, p.codes.back: !onWords,
		p.match: onWords && v.stage == compareNow, p.differ: onWords && (v.stage == compareNow || v.stage == compareDone),
		p.again: onWords && (v.stage == compareDiffers || v.stage == compareFailed || v.stage == compareIdle), p.leave: onWords && v.stage == compareDiffers,
		p.done: onWords && (v.stage == compareDone || v.stage == compareCannot || v.stage == compareWaits),
	} {
		setShown(o, shown)
	}
	if !onWords && p.experts.Visible() {
		p.experts.Hide()
	}
	p.again.setText("Compare once more")
	if v.stage == compareIdle {
		p.again.setText("Make words to compare")
	}
	p.done.setText("Done")
	if v.stage != compareDone {
		p.done.setText("Close")
	}
	p.dots.run(p.dots.Visible() && p.isOpen())
	p.content.Refresh()
}

func leadRole(v compareView) role {
	if v.tone == toneQuiet {
		return asText
	}
	return v.tone.role()
}

func (p *comparePanel) showRows(rows []memberRow) {
	p.rows.RemoveAll()
	for _, r := range rows {
		p.rows.Add(newMemberLine(theme.Stage, r))
	}
}

func (p *comparePanel) showExperts(groups []expertGroup) {
	p.experts.RemoveAll()
	if p.experts.Hidden {
		return
	}
	for _, g := range groups {
		p.experts.Add(newParagraph(theme.Stage, g.title, theme.TextSmall, asText).strong())
		for _, l := range g.lines {
			p.experts.Add(newHexLine(theme.Stage, l, func(text string) {
				p.c.u.app.Clipboard().SetContent(text)
				p.say("Copied: "+l.name+".", toneGood)
			}, p.c.key))
		}
	}
}

func (p *comparePanel) showEmoji(list []trust.Emoji) {
	for i, e := range list {
		if i == len(p.emoji.Objects) {
			p.emoji.Add(newEmojiTile(theme.Stage, e))
			continue
		}
		p.emoji.Objects[i].(*emojiTile).set(e)
	}
	p.emoji.Objects = p.emoji.Objects[:len(list)]
}

func (p *comparePanel) toggleExperts() {
	setShown(p.experts, !p.experts.Visible())
	p.fill()
}

// tell passes on what the user says of the words.
func (p *comparePanel) tell(do func() error) {
	p.say("", toneQuiet)
	p.c.u.background(func(context.Context) func() {
		err := do()
		return func() {
			if err != nil {
				p.say(err.Error(), toneBad)
			}
		}
	})
}

// say tells how something went.
func (p *comparePanel) say(text string, t tone) {
	if p.said.text == text {
		return
	}
	p.said.set(text, t.role())
	setShown(p.said, text != "")
	p.content.Refresh()
}
