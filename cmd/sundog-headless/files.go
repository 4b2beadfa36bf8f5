package main

import (
	"errors"
	"sync"
	"time"

	"sundog.dev/sundog/internal/phone"
)

// diskTimeout bounds how long the end of a call waits for a file that is being opened, or read to be offered.
const diskTimeout = 3 * time.Second

// fileDesk sends and takes the files of a call. What reads or writes disks goes on beside the call's events; close waits for it, though
// not for a disk that does not answer: the call is over then, and whatever it still does to a file comes to nothing.
type fileDesk struct {
	call   *phone.Call
	runner *runner
	wg     sync.WaitGroup
}

func newFileDesk(f *followed) *fileDesk { return &fileDesk{call: f.call, runner: f.runner} }

func (d *fileDesk) close() {
	done := make(chan struct{})
	go func() {
		d.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(diskTimeout):
		d.runner.printError("file", errors.New("a disk does not answer; its file is left as it is"))
	}
}

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
