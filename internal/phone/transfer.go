package phone

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"sundog.dev/sundog/mesh"
)

// Transfer is a file on its way between us and one other person in the call. A file to all is one for each, with one ID.
type Transfer struct {
	ID       string // to answer or cancel it by
	PeerID   string // of the other one, as Participant.ID
	Peer     string // and the name
	Name     string // of the file
	Path     string // of the whole file that has come, and of one that we send; else ""
	Size     int64  // bytes
	Done     int64  // of them that have come there
	Outgoing bool
	ToAll    bool
	State    FileState
	Reason   FileReason
	Sentence string // of one that has failed: what happened, and what to do
}

// FileChanged is the event of a transfer; Call.Transfer has it for users.
type FileChanged = mesh.FileChanged

// FileState is how a transfer stands.
type FileState = mesh.FileState

// States of transfers that the phone's faces act on.
const (
	FileOffered = mesh.FileOffered
	FileGoing   = mesh.FileGoing
	FileWaiting = mesh.FileWaiting
	FileDone    = mesh.FileDone
	FileFailed  = mesh.FileFailed
)

// FileReason is why a transfer has failed.
type FileReason = mesh.FileReason

// The reasons that do not mean that something is wrong, and one that does.
const (
	FileDeclined  = mesh.FileDeclined
	FileCancelled = mesh.FileCancelled
	FileLost      = mesh.FileLost
)

var errNoSpace = errors.New("there is too little space on the disk")

// SendFile offers a file to all, later comers included while it goes on, or to some (Participant.ID). The file is read to its end
// before, which takes as long as its disk does, and must stay as it is until it is there. The error is a sentence.
func (c *Call) SendFile(path string, to ...string) (id string, err error) {
	peers, err := c.peersOf(to)
	if err != nil {
		return "", err
	}
	file, err := os.Open(path)
	if err != nil {
		return "", sendFileError(path, err)
	}
	f, err := describe(file)
	if err == nil {
		var sent mesh.FileID
		if sent, err = c.call.SendFile(f, peers...); err == nil {
			id = hex.EncodeToString(sent[:])
			c.mu.Lock()
			c.outgoing[sent] = file
			c.mu.Unlock()
			c.closeFilesOfEnded()
			return id, nil
		}
	}
	return "", sendFileError(path, errors.Join(err, file.Close()))
}

// errNoFile is about a folder, a device, and the like.
var errNoFile = errors.New("no file")

// describe is a file as it is offered.
func describe(file *os.File) (mesh.File, error) {
	info, err := file.Stat()
	if err != nil {
		return mesh.File{}, err
	}
	if !info.Mode().IsRegular() {
		return mesh.File{}, errNoFile
	}
	f := mesh.File{Name: filepath.Base(file.Name()), Size: info.Size(), Content: file}
	h := sha256.New()
	if n, err := io.Copy(h, file); err != nil || n != f.Size {
		return mesh.File{}, errors.Join(fmt.Errorf("%d bytes read of %d", n, f.Size), err)
	}
	h.Sum(f.SHA256[:0])
	return f, nil
}

func sendFileError(path string, err error) error {
	name := filepath.Base(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &sentence{fmt.Sprintf("There is no file %s.", path), err}
	case errors.Is(err, fs.ErrPermission):
		return &sentence{fmt.Sprintf("%s may not be read.", name), err}
	case errors.Is(err, errNoFile):
		return &sentence{fmt.Sprintf("%s is no file. To send a folder, pack it into a file first.", name), err}
	case errors.Is(err, mesh.ErrFile):
		return &sentence{fmt.Sprintf("%s is too large to be sent.", name), err}
	case errors.Is(err, mesh.ErrTooManyFiles):
		return &sentence{fmt.Sprintf("%s was not sent, since too many files are on their way there. Wait until one has come, or give one up.", name), err}
	case errors.Is(err, mesh.ErrNobody):
		return &sentence{"Nobody in the call can be sent files: their programs are too old, or they have gone.", err}
	case errors.Is(err, mesh.ErrEnded), errors.Is(err, mesh.ErrNotInCall):
		return callError(err)
	}
	return &sentence{fmt.Sprintf("%s could not be read. Try again.", name), err}
}

// Files are all transfers of the call, in the order in which they began.
func (c *Call) Files() []Transfer {
	var all []Transfer
	for _, t := range c.call.Files() {
		all = append(all, c.Transfer(t))
	}
	return all
}

// Transfer is a transfer as the user sees it.
func (c *Call) Transfer(t mesh.Transfer) Transfer {
	one := Transfer{
		ID: hex.EncodeToString(t.ID[:]), PeerID: t.Peer.String(), Peer: c.NameOfPeer(t.Peer), Name: t.Name, Size: t.Size, Done: t.Done,
		Outgoing: t.Outgoing, ToAll: t.ToAll, State: t.State, Reason: t.Reason,
	}
	c.mu.Lock()
	file, part := c.outgoing[t.ID], c.parts[t.ID]
	c.mu.Unlock()
	switch {
	case t.Outgoing && file != nil:
		one.Path = file.Name()
	case part != nil:
		one.Path = part.whole()
	}
	if t.State == FileFailed {
		one.Sentence = fileSentence(one)
	}
	return one
}

// fileSentence tells why a transfer has failed.
func fileSentence(t Transfer) string {
	who, whose, again := "You", "your", "ask "+t.Peer+" to send it again"
	if t.Outgoing {
		who, whose, again = t.Peer, "their", "send it again"
	}
	switch t.Reason {
	case mesh.FileDeclined:
		return fmt.Sprintf("%s did not take %s.", who, t.Name)
	case mesh.FileTooLarge:
		return fmt.Sprintf("%s is too large to be sent.", t.Name)
	case mesh.FileNoSpace:
		return fmt.Sprintf("%s could not be written on %s disk. Make room there, then %s: what has come is kept.", t.Name, whose, again)
	case mesh.FileBroken:
		return fmt.Sprintf("%s has changed on the way, or while it was sent, and was thrown away: %s.", t.Name, again)
	case mesh.FileTooMany:
		return fmt.Sprintf("%s was not taken, since too many files are on their way. Send it again later.", t.Name)
	case mesh.FileLost:
		if t.Done == 0 {
			return fmt.Sprintf("The call with %s was over before %s was on its way: %s in the next call.", t.Peer, t.Name, again)
		}
		return fmt.Sprintf("The call with %s was over before all of %s was there. What has come is kept: %s in the next call.", t.Peer, t.Name, again)
	}
	return fmt.Sprintf("The sending of %s was cancelled.", t.Name)
}

// AcceptFile takes an offered file into a folder. What has come of it in an earlier call is not sent again. The error is a sentence.
func (c *Call) AcceptFile(id, folder string) error {
	t, ok := c.offered(id)
	if !ok {
		return errFileGone
	}
	part, err := openPart(folder, t)
	if err != nil {
		return partError(t, folder, err)
	}
	c.mu.Lock()
	c.parts[t.ID] = part // first, since the whole file may be there at once
	c.mu.Unlock()
	if err := c.call.AcceptFile(t.ID, part); err != nil {
		c.letPartGo(t.ID)
		if errors.Is(err, mesh.ErrTooManyFiles) {
			return &sentence{"Too many files are on their way. Wait until one is there.", err}
		}
		return &sentence{errFileGone.text, err}
	}
	return nil
}

func partError(t mesh.Transfer, folder string, err error) error {
	switch {
	case errors.Is(err, errNoSpace):
		return &sentence{fmt.Sprintf("%s needs %s more on the disk of %s. Make room there, or choose another folder.", t.Name, bytesText(t.Size), folder), err}
	case errors.Is(err, errBeingWritten):
		return &sentence{fmt.Sprintf("%s is being received already.", t.Name), err}
	}
	return &sentence{fmt.Sprintf("%s cannot be written into %s. Choose another folder.", t.Name, folder), err}
}

// bytesText is a size as people read it.
func bytesText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d kB", (n+999)/1000)
}

// errFileGone is about a file that is not offered, or not on its way.
var errFileGone = &sentence{"This file is not offered any more.", mesh.ErrNoFile}

// offered finds a file that is offered to us.
func (c *Call) offered(id string) (mesh.Transfer, bool) {
	for _, t := range c.call.Files() {
		if hex.EncodeToString(t.ID[:]) == id && !t.Outgoing && t.State == FileOffered {
			return t, true
		}
	}
	return mesh.Transfer{}, false
}

// RejectFile does not take an offered file. The error is a sentence.
func (c *Call) RejectFile(id string) error {
	return c.endFile(id, c.call.RejectFile)
}

// CancelFile ends a transfer half-way; one of ours, to all. What has come of it is thrown away. The error is a sentence.
func (c *Call) CancelFile(id string) error {
	return c.endFile(id, func(sent mesh.FileID) error {
		c.mu.Lock()
		part := c.parts[sent]
		delete(c.parts, sent) // or fileChanged would keep what has come
		c.mu.Unlock()
		err := c.call.CancelFile(sent)
		switch {
		case part == nil:
		case err != nil: // it has ended already
			c.mu.Lock()
			c.parts[sent] = part
			c.mu.Unlock()
			c.closeFilesOfEnded()
		default:
			if problem := part.throwAway(); problem != nil {
				c.phone.log.Warn("what has come of a file was not thrown away", "error", problem)
			}
		}
		return err
	})
}

func (c *Call) endFile(id string, end func(mesh.FileID) error) error {
	var sent mesh.FileID
	raw, err := hex.DecodeString(id)
	if err != nil || copy(sent[:], raw) != len(sent) {
		return errFileGone
	}
	switch err := end(sent); {
	case err == nil:
		return nil
	case errors.Is(err, mesh.ErrNoFile):
		return errFileGone
	default:
		return callError(err)
	}
}

// fileChanged lets go of a part file that is not written any more.
func (c *Call) fileChanged(t mesh.Transfer) {
	if !t.Outgoing && t.State == FileFailed {
		c.letPartGo(t.ID)
	}
}

func (c *Call) letPartGo(id mesh.FileID) {
	c.mu.Lock()
	part := c.parts[id]
	delete(c.parts, id)
	c.mu.Unlock()
	if part == nil {
		return
	}
	if err := part.close(); err != nil {
		c.phone.log.Warn("a file was not kept as it came", "error", err)
	}
}

// closeFilesOfEnded is for whoever has added a file: if the call has ended, its files may have been closed before that.
func (c *Call) closeFilesOfEnded() {
	select {
	case <-c.call.Done():
		c.closeFiles()
	default:
	}
}

// closeFiles lets go of all files, at the end of a call.
func (c *Call) closeFiles() {
	c.mu.Lock()
	parts, files := c.parts, c.outgoing
	c.parts, c.outgoing = map[mesh.FileID]*partFile{}, map[mesh.FileID]*os.File{}
	c.mu.Unlock()
	err := patiently(diskPatience, func() (err error) {
		for _, f := range files {
			err = errors.Join(err, f.Close())
		}
		var all sync.WaitGroup
		problems := make(chan error, len(parts))
		for _, p := range parts {
			all.Go(func() { problems <- p.close() })
		}
		all.Wait()
		close(problems)
		for one := range problems {
			err = errors.Join(err, one)
		}
		return err
	})
	if err != nil {
		c.phone.log.Warn("a file was not closed well", "error", err)
	}
}
