package main

import (
	"slices"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
)

// files are those that are given in the call, in the order in which they were offered. One of ours for several is one file.
func (c *deskCall) files() []app.File { return filesOf(c.call.Files()) }

func filesOf(transfers []phone.Transfer) []app.File {
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
		files[i].Parts = append(files[i].Parts, app.FilePart{Who: t.Peer, Done: t.Done, State: fileStates[t.State], Reason: t.Sentence})
	}
	return files
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
func (r deskRoom) DeclineFile(id string) error { return r.c.say(r.c.call.RejectFile(id)) }

// StopFile implements app.Conference.
func (r deskRoom) StopFile(id string) error { return r.c.say(r.c.call.CancelFile(id)) }
