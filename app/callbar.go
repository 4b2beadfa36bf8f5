package app

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/theme"
)

// callBar is the round buttons at the bottom of a call window, the same ones at the same places in every call.
type callBar struct {
	content *fyne.Container
	mute    *roundButton
	camera  *roundButton
	share   *roundButton
	people  *roundButton
	chat    *roundButton
	leave   *roundButton
	uplink  *label // what our uplink carries
	carries string // the same, with all its parts
}

func newCallBar(c *callWindow) *callBar {
	b := &callBar{
		mute:   newRoundButton(theme.Stage, theme.Mic, "Mute", plainButton, c.toggleMute),
		camera: newRoundButton(theme.Stage, theme.Camera, "Camera", plainButton, c.toggleCamera),
		share:  newRoundButton(theme.Stage, theme.Share, "Share", plainButton, c.toggleShare),
		people: newRoundButton(theme.Stage, theme.People, "People", plainButton, c.togglePeople),
		chat:   newRoundButton(theme.Stage, theme.Chat, "Chat", plainButton, c.toggleChat),
		leave:  newRoundButton(theme.Stage, theme.Leave, "Hang up", dangerButton, c.hangUp),
	}
	row := container.New(barRow{})
	for _, r := range []*roundButton{b.mute, b.camera, b.share, b.people, b.chat, b.leave} {
		r.keys, r.onHover, r.onFocus = c.key, c.hold, c.holdByKeys
		row.Add(r)
	}
	b.uplink = newLabel(theme.Stage, "", theme.TextSmall, asSecond).centred().shortened()
	b.uplink.Hide()
	b.content = newPill(20, inset{theme.CallGap, theme.CallGap, theme.CallGap, theme.SpaceInside},
		newColumn(theme.SpaceTight, row, b.uplink))
	return b
}

// newPill is a dark, slightly see-through ground under things on the stage.
func newPill(corner float32, in inset, o fyne.CanvasObject) *fyne.Container {
	return container.NewStack(newBackdrop(theme.Stage, pillColour, corner), container.New(in, o))
}

// barRow keeps buttons in the middle of a bar that is wider than they are, and closer together in a narrower one.
type barRow struct{}

func (barRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	m := barRow{}.MinSize(objects)
	width := min(m.Width, size.Width)
	sideBySide{}.Layout(objects, fyne.NewSize(width, m.Height))
	for _, o := range objects {
		o.Move(o.Position().AddXY((size.Width-width)/2, 0))
	}
}

func (barRow) MinSize(objects []fyne.CanvasObject) fyne.Size { return sideBySide{}.MinSize(objects) }

// show sets the buttons to a call's state.
func (b *callBar) show(v callView) {
	stands := inCall(v.state)
	for _, r := range []*roundButton{b.mute, b.camera, b.share, b.chat} {
		setShown(r, stands)
	}
	setShown(b.people, stands && (v.conference || v.several))
	b.people.setDot(v.broken)
	b.share.show(theme.Share, "Share", false)
	b.share.light(v.sharing)
	if v.sharing {
		b.share.show(theme.Share, "Stop", false)
	}
	b.uplink.role = asSecond
	if v.refusal != "" {
		b.uplink.role = toneWaiting.role()
	}
	b.carries = v.uplink
	b.fit(b.content.Size().Width)
	setShown(b.uplink, v.uplink != "")
	b.mute.light(v.talking)
	switch {
	case v.talking:
		b.mute.show(theme.Mic, "Talking", false)
	case v.muted:
		b.mute.show(theme.MicOff, "Unmute", true)
		b.mute.name = "Unmute, or hold Space to talk"
	default:
		b.mute.show(theme.Mic, "Mute", false)
	}
	if v.cameraOn {
		b.camera.show(theme.Camera, "Camera", false)
	} else {
		b.camera.show(theme.CameraOff, "Camera", true)
	}
	switch v.state {
	case mesh.Calling, mesh.Connecting:
		b.leave.show(theme.Leave, "Cancel", false)
	default:
		b.leave.show(theme.Leave, "Hang up", false)
		if v.several { // the others go on without us
			b.leave.show(theme.Leave, "Leave", false)
		}
	}
}

// fit tells of the uplink what fits into a bar of that width: all, or without the rate, or only what it carries.
func (b *callBar) fit(width float32) {
	fits := func(text string) bool {
		return fyne.MeasureText(text, b.uplink.size, fyne.TextStyle{}).Width <= width-2*theme.CallGap
	}
	text := b.carries
	if !fits(text) {
		text, _, _ = strings.Cut(text, " · ")
	}
	if !fits(text) {
		text = strings.Replace(text, "Your uplink carries", "Uplink:", 1)
	}
	b.uplink.set(text)
}
