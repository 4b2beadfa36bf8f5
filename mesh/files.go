package mesh

import (
	"context"
	"crypto/sha256"
	"io"
	"slices"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/rtmfp/flash"
)

// FileID names the transfer of a file, to however many members.
type FileID = incall.FileID

// FileRange is a part of a file: From ≤ x < To, in bytes.
type FileRange = incall.Range

// File is a file to be sent. Content must stay as it is until the call has ended or the transfer to all has.
type File struct {
	Name    string // receivers get it tidied; without a path
	Size    int64  // bytes
	SHA256  [sha256.Size]byte
	Content io.ReaderAt // read by goroutines of the call, one for each receiver; a ReadAt that does not return keeps nobody waiting at its end
}

// FileSink takes a file that comes. Its methods are called one at a time, and none begins after the call's end (Done) or that of the
// transfer. One that does not return is waited for diskPatience at the end of the call, and then left to itself: it may return later.
type FileSink interface {
	// WriteAt takes a part, in any order; each is given once, but for what was lost with a restart.
	io.WriterAt
	// Have are the parts that are there already, from an earlier attempt at the same file (Transfer.SHA256): those are not asked for.
	Have() []FileRange
	// Sum is the SHA-256 of all that is there, once all has come. It may take a while; ctx ends with the call.
	Sum(ctx context.Context) ([sha256.Size]byte, error)
}

// FileState is how a transfer stands.
type FileState string

// The states of a transfer.
const (
	FileOffered FileState = "offered" // the receiver has not answered yet
	FileGoing   FileState = "going"
	FileWaiting FileState = "waiting" // accepted, and the other one cannot be reached at the moment
	FileDone    FileState = "done"    // whole, by its SHA-256
	FileFailed  FileState = "failed"  // see Reason
)

// FileReason is why a transfer has failed.
type FileReason string

// The reasons.
const (
	FileDeclined  FileReason = "declined"  // by the receiver
	FileCancelled FileReason = "cancelled" // by either, half-way
	FileTooLarge  FileReason = "too_large" // for the receiver
	FileNoSpace   FileReason = "no_space"  // the receiver could not write it
	FileBroken    FileReason = "broken"    // it could not be read, or is not the one that was offered
	FileTooMany   FileReason = "too_many"  // transfers at once
	FileLost      FileReason = "lost"      // the other one, or we, have left the call
)

// Transfer is one file on its way between us and one other member.
type Transfer struct {
	ID       FileID
	Name     string // fit to be a name in a folder
	Size     int64  // bytes
	SHA256   [sha256.Size]byte
	Peer     flash.PeerID // the other member
	Outgoing bool         // we send it
	ToAll    bool         // it is offered to all
	Done     int64        // bytes that have come, as far as we know
	State    FileState
	Reason   FileReason // when failed
}

// FileChanged tells how a transfer stands now.
type FileChanged struct{ Transfer Transfer }

func (FileChanged) meshEvent() {}

// SendFile offers a file to those members or, without any, to all: those who come into the call later too, while it goes on.
// ErrNotInCall before the call is established, ErrNobody if one of them is not in it, or has an old client, or nobody can take
// files, ErrFile for a name, size or content that cannot be sent, ErrTooManyFiles if one of them, or everybody,
// has not got many others yet, ErrEnded after.
func (c *Call) SendFile(f File, to ...flash.PeerID) (id FileID, err error) {
	if f.Content == nil || f.Name == "" || f.Size < 0 || f.Size > incall.MaxFile {
		return FileID{}, ErrFile
	}
	err = c.ask(func() (err error) {
		id, err = c.sendFile(f, to)
		return err
	})
	return id, err
}

// AcceptFile takes an offered file. ErrNoFile if there is no such offer (any more), ErrEnded.
func (c *Call) AcceptFile(id FileID, into FileSink) error {
	have := into.Have()
	return c.ask(func() error { return c.acceptFile(id, into, have) })
}

// RejectFile answers an offer with no. ErrNoFile, ErrEnded.
func (c *Call) RejectFile(id FileID) error {
	return c.ask(func() error { return c.endFile(id, FileDeclined) })
}

// CancelFile ends a transfer half-way; one of ours, to all receivers. ErrNoFile, ErrEnded.
func (c *Call) CancelFile(id FileID) error {
	return c.ask(func() error { return c.endFile(id, FileCancelled) })
}

// Files are all transfers of the call, in the order in which they began. Those that were not done at its end have failed.
func (c *Call) Files() []Transfer {
	t := &c.files
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []Transfer
	for _, e := range t.all() {
		all = append(all, e.now(t.over))
	}
	return all
}

// wireReasons are the reasons in the order of their numbers.
var wireReasons = []FileReason{
	incall.FileDeclined: FileDeclined, incall.FileTooLarge: FileTooLarge, incall.FileNoSpace: FileNoSpace,
	incall.FileBroken: FileBroken, incall.FileTooMany: FileTooMany, incall.FileCancelled: FileCancelled,
}

// wire is the reason's number.
func (r FileReason) wire() incall.FileReason {
	return incall.FileReason(max(0, slices.Index(wireReasons, r)))
}
