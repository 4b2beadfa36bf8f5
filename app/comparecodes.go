package app

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/theme"
)

// compareCodes are the pages of the panel on which people in one room compare by codes: one shows theirs, the other scans it.
type compareCodes struct {
	p    *comparePanel
	page *fyne.Container
	text *paragraph
	note *paragraph // what the scan sees
	qr   *fyne.Container
	find *fyne.Container // the picture of the own camera

	show, scan, retry, camera, back *button

	cancel context.CancelFunc // of the scan; nil: there is none
	began  time.Time          // of the scan
	shown  string             // the text of the code that is shown
	seen   bool               // the camera brings a picture
}

const (
	showText = "For people in one room: let the other phone scan this from your screen, by “Scan their code”. Then scan theirs."
	scanText = "For people in one room: hold your camera before the code that the other phone shows."
	aimText  = "Looking for a code…"
)

// build makes the widgets, and returns those of the page with the words.
func (k *compareCodes) build(p *comparePanel) *fyne.Container {
	k.p = p
	k.text = newParagraph(theme.Stage, "", theme.TextBody, asText)
	k.note = newParagraph(theme.Stage, "", theme.TextBody, asSecond)
	k.qr = container.New(centred{})
	k.find = container.New(wide{}, newBackdrop(theme.Stage, asWindow, theme.Corner), p.c.loop.finder.raster)
	k.show = newButton(theme.Stage, "Show my code", plainButton, func() { p.turnTo(showPage) }).low()
	k.scan = newButton(theme.Stage, "Scan their code", plainButton, func() { p.turnTo(scanPage) }).low()
	k.retry = newButton(theme.Stage, "Scan again", primaryButton, k.start)
	k.camera = newButton(theme.Stage, "Turn on the camera", primaryButton, p.c.toggleCamera).withIcon(theme.Camera)
	k.back = newButton(theme.Stage, "Back to the words", plainButton, func() {
		p.turnTo(wordsPage)
		p.focusFirst()
	})
	k.page = newColumn(theme.CallGap, k.text, k.qr, k.find, k.note, k.retry, k.camera)
	return newColumn(theme.SpaceInside, newParagraph(theme.Stage, "In one room? Codes are quicker, and leave nothing to the ear.", theme.TextSmall, asSecond),
		container.New(sideBySide{gap: theme.SpaceInside}, k.show, k.scan))
}

// turned fits the widgets to the page that the panel has turned to.
func (k *compareCodes) turned() {
	showing, scanning := k.p.page == showPage, k.p.page == scanPage
	for o, shown := range map[fyne.CanvasObject]bool{
		k.qr: showing, k.find: scanning, k.note: scanning, k.retry: false, k.camera: false,
	} {
		setShown(o, shown)
	}
	switch {
	case showing:
		k.text.set(showText, asText)
		if code := k.p.view.code; code != k.shown {
			k.shown = code
			k.qr.Objects = []fyne.CanvasObject{newQRCode(codeOf(code))}
		}
	case scanning:
		k.text.set(scanText, asText)
		k.start()
		k.saw(false)
	}
}

// start looks for a code, in the pictures of the own camera.
func (k *compareCodes) start() {
	k.stop()
	c := k.p.c
	k.began, k.seen = c.u.now(), false
	setShown(k.retry, false)
	k.say(aimText, toneQuiet)
	ctx, cancel := context.WithCancel(c.u.ctx)
	k.cancel = cancel
	scan := newCodeScan(func(text string) { k.check(ctx, text) })
	c.loop.scan.Store(scan)
	c.u.work.Go(func() { scan.run(ctx) })
}

// stop looks no longer.
func (k *compareCodes) stop() {
	if k.cancel != nil {
		k.cancel()
		k.cancel = nil
		k.p.c.loop.scan.Store(nil)
	}
}

// check passes on what a code says. It runs on the scan's goroutine.
func (k *compareCodes) check(ctx context.Context, text string) {
	err := k.p.c.call.CheckCode(text)
	k.p.c.u.onUI(func() {
		if ctx.Err() != nil {
			return // the user has turned away meanwhile
		}
		if err != nil {
			k.failed(err.Error())
			return
		}
		k.p.turnTo(wordsPage)
		k.p.say("The codes match.", toneGood)
		k.p.focusFirst()
	})
}

// failed ends the scan with a sentence, and offers another.
func (k *compareCodes) failed(why string) {
	k.stop()
	setShown(k.retry, true)
	k.say(why, toneBad)
}

// saw looks whether the scan gets anywhere. It is called with each update of the call; finder says that there is a picture.
func (k *compareCodes) saw(finder bool) {
	if k.p.page != scanPage {
		return
	}
	c := k.p.c
	k.seen = k.seen || finder && c.view.cameraOn
	setShown(c.loop.finder.raster, finder && c.view.cameraOn)
	off := !c.view.cameraOn
	if off != k.camera.Visible() {
		setShown(k.camera, off)
		k.p.content.Refresh()
	}
	if k.cancel == nil {
		return
	}
	passed := c.u.now().Sub(k.began)
	switch {
	case off:
		k.began = c.u.now()
		k.say("Your camera is off.", toneWaiting)
	case !k.seen && passed > scanWantsPicture:
		k.failed("No picture comes from your camera. Choose another one in Settings, or read the words to each other instead.")
	case passed > scanGivesUp:
		k.failed("No code was seen. Make the other screen brighter, hold it still, and come nearer until the code fills a third of the picture.")
	default:
		k.say(aimText, toneQuiet)
	}
}

func (k *compareCodes) say(text string, t tone) {
	if k.note.text != text {
		k.note.set(text, t.role())
		k.p.content.Refresh()
	}
}

// wide gives all its objects the full width, at 16:9.
type wide struct{}

func (wide) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		place(o, 0, 0, size.Width, size.Width*9/16)
	}
}

func (wide) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := float32(160)
	if len(objects) > 0 && objects[0].Size().Width > 0 {
		width = objects[0].Size().Width
	}
	return fyne.NewSize(160, width*9/16)
}
