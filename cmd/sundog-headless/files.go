package main

import (
	"sync"

	"sundog.dev/sundog/internal/phone"
)

// fileDesk sends and takes the files of a call. What reads or writes disks goes on beside the call's events; close waits for it.
type fileDesk struct {
	call   *phone.Call
	runner *runner
	wg     sync.WaitGroup
}

func newFileDesk(f *followed) *fileDesk { return &fileDesk{call: f.call, runner: f.runner} }

func (d *fileDesk) close() { d.wg.Wait() }

// send offers a file.
func (d *fileDesk) send(path string, to []string) {
	d.wg.Go(func() {
		if _, err := d.call.SendFile(path, to...); err != nil {
			d.runner.printError("file "+path, err)
		}
	})
}

// takeFile tells of a file on its way, and answers an offer: into the folder of --files, or not at all.
func (f *followed) takeFile(t phone.Transfer) {
	direction := "in"
	if t.Outgoing {
		direction = "out"
	}
	f.runner.out.print("file", "id", t.ID, "peer", t.Peer, "peer_id", t.PeerID, "direction", direction, "name", t.Name,
		"size", t.Size, "done", t.Done, "state", string(t.State), "reason", string(t.Reason), "path", t.Path, "sentence", t.Sentence)
	if t.Outgoing || t.State != phone.FileOffered {
		return
	}
	f.files.wg.Go(func() {
		folder := f.runner.files
		if folder == "" {
			_ = f.call.RejectFile(t.ID) // or it is not offered any more
			return
		}
		if err := f.call.AcceptFile(t.ID, folder); err != nil {
			f.runner.printError("file "+t.Name, err)
			_ = f.call.RejectFile(t.ID)
		}
	})
}
