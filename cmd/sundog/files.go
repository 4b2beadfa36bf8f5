package main

import (
	"slices"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
)

// files are those that are given in the call, in the order in which they were offered. One of ours for several is one file.
func (c *deskCall) files() []app.File {
	transfers := c.call.Files()
	c.mu.Lock()
	defer c.mu.Unlock()
	return filesOf(transfers, c.ended)
}

func filesOf(transfers []phone.Transfer, ended map[string]bool) []app.File {
	var files []app.File
	for _, t := range transfers {
		i := slices.IndexFunc(files, func(f app.File) bool { return t.Outgoing && f.Mine && f.ID == t.ID })
		if i < 0 {
			i = len(files)
			files = append(files, app.File{ID: t.ID, Name: t.Name, Size: t.Size, Mine: t.Outgoing, Private: !t.ToAll})
			if !t.Outgoing {
				files[i].From, files[i].Path = t.Peer, t.Path
			}
		}
		part := app.FilePart{Who: t.Peer, Done: t.Done, State: fileStates[t.State], Reason: t.Sentence}
		if t.State == phone.FileFailed && ended[t.ID] {
			switch {
			case t.Reason == phone.FileCancelled:
				part.Ours, part.Reason = true, "You stopped it."
			case t.Reason == phone.FileDeclined && !t.Outgoing:
				part.Ours, part.Reason = true, "You declined it."
			}
		}
		files[i].Parts = append(files[i].Parts, part)
	}
	return files
}

// ends remembers that the user wants no more of a file.
func (c *deskCall) ends(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended[id] = true
}

var fileStates = map[phone.FileState]app.FileState{
	phone.FileOffered: app.FileOffered, phone.FileGoing: app.FileGoing, phone.FileWaiting: app.FileWaiting,
	phone.FileDone: app.FileDone, phone.FileFailed: app.FileFailed,
}

// SendFile implements app.Conference.
func (r deskRoom) SendFile(path, to string) error {
	var err error
	if to == "" {
		_, err = r.c.call.SendFile(path)
	} else {
		_, err = r.c.call.SendFile(path, to)
	}
	return r.c.say(err)
}

// SaveFile implements app.Conference.
func (r deskRoom) SaveFile(id, folder string) error { return r.c.say(r.c.call.AcceptFile(id, folder)) }

// DeclineFile implements app.Conference.
func (r deskRoom) DeclineFile(id string) error {
	r.c.ends(id)
	return r.c.say(r.c.call.RejectFile(id))
}

// StopFile implements app.Conference.
func (r deskRoom) StopFile(id string) error {
	r.c.ends(id)
	return r.c.say(r.c.call.CancelFile(id))
}
