package app

import (
	"context"
	"maps"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
)

// The files of the chat: those that are given, and those that wait to go with the next line.

// showFiles tells how it is with the files that have a card, and returns those that have none yet.
func (p *chatPanel) showFiles(files []File) (fresh []File) {
	changed := false
	for _, f := range files {
		if card := p.files[f.ID]; card != nil {
			changed = card.set(f) || changed
		} else {
			fresh = append(fresh, f)
		}
	}
	// Files end and are forgotten, and their cards are in time pruned.
	maps.DeleteFunc(p.files, func(id string, card *fileCard) bool {
		return !slices.ContainsFunc(files, func(f File) bool { return f.ID == id }) && !slices.Contains(p.lines.Objects, fyne.CanvasObject(card.content))
	})
	if changed {
		p.lines.Refresh()
		p.follow()
	}
	return fresh
}

// pick asks for a file.
func (p *chatPanel) pick() {
	d := dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
		switch {
		case err != nil:
			p.c.say("The folder cannot be read. Drop the file on this window instead.", toneWaiting)
		case f != nil:
			_ = f.Close() // only its place is wanted
			p.take([]string{f.URI().Path()})
		}
	}, p.c.win)
	d.SetConfirmText("Choose")
	d.Show()
}

// dropped is called when files were dropped on the window.
func (p *chatPanel) dropped(_ fyne.Position, uris []fyne.URI) {
	if !p.room || !inCall(p.c.view.state) {
		p.c.say("Files can be sent once the call stands, to people who have a program like yours.", toneWaiting)
		return
	}
	var paths []string
	for _, u := range uris {
		paths = append(paths, u.Path())
	}
	p.take(paths)
}

// take lets files wait for the next line, with the chat open to see to whom they go.
func (p *chatPanel) take(paths []string) {
	if !p.isOpen() {
		p.c.toggleChat()
	}
	pending := slices.Clone(p.pending)
	for _, path := range paths {
		f, refused := pendingOf(path)
		switch {
		case refused != "":
			p.c.say(refused, toneWaiting)
		case len(pending) == maxPending:
			p.c.say("Send these first: "+number(maxPending)+" files at once is the most.", toneWaiting)
		case !slices.Contains(pending, f):
			pending = append(pending, f)
		}
	}
	p.hold(pending)
	p.focus()
}

// hold shows the files that wait to be sent.
func (p *chatPanel) hold(pending []pendingFile) {
	p.pending = pending
	p.waiting.RemoveAll()
	for _, f := range pending {
		p.waiting.Add(newPendingLine(f, p.c.key, func() {
			p.hold(slices.DeleteFunc(slices.Clone(p.pending), func(other pendingFile) bool { return other == f }))
			p.focus()
		}))
	}
	setShown(p.waiting, len(pending) > 0)
	p.content.Refresh()
	p.follow()
}

func (p *chatPanel) save(f File) {
	p.focus() // the buttons go
	p.do(func(room Conference) error { return room.SaveFile(f.ID, downloadFolder()) })
}

func (p *chatPanel) decline(f File) {
	p.focus()
	p.do(func(room Conference) error { return room.DeclineFile(f.ID) })
}

func (p *chatPanel) stop(f File) {
	p.focus()
	p.do(func(room Conference) error { return room.StopFile(f.ID) })
}

// do does something with the conference off the UI thread, and tells if that fails.
func (p *chatPanel) do(what func(Conference) error) {
	room := p.c.call.Conference()
	if room == nil {
		return
	}
	p.c.u.background(func(context.Context) func() {
		err := what(room)
		return func() {
			if err != nil {
				p.c.say(err.Error(), toneWaiting)
			}
		}
	})
}
