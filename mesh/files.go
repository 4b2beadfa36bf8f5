package mesh

import (
	"context"
	"crypto/sha256"
	"io"

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
	Content io.ReaderAt // read by goroutines of the call, not at the same time
}

// FileSink takes a file that comes. Its methods are called by a goroutine of the call, one at a time.
type FileSink interface {
	// WriteAt takes a part, in any order; each is given once, but for what was lost with a restart.
	io.WriterAt
	// Have are the parts that are there already, from an earlier attempt at the same file (Transfer.SHA256): those are not asked for.
	Have() []FileRange
	// Sum is the SHA-256 of all that was written, once all has come. It may take a while; ctx ends with the call.
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
// ErrNotInCall before the call is established, ErrNobody if one of them is not in it or has an old client, ErrFile for a name, size
// or content that cannot be sent, ErrTooManyFiles, ErrEnded after.
func (c *Call) SendFile(f File, to ...flash.PeerID) (FileID, error) {
	return FileID{}, ErrNobody
}

// AcceptFile takes an offered file. ErrNoFile if there is no such offer (any more), ErrTooManyFiles, ErrEnded.
func (c *Call) AcceptFile(id FileID, into FileSink) error { return ErrNoFile }

// RejectFile answers an offer with no. ErrNoFile, ErrEnded.
func (c *Call) RejectFile(id FileID) error { return ErrNoFile }

// CancelFile ends a transfer half-way; one of ours, to all receivers. ErrNoFile, ErrEnded.
func (c *Call) CancelFile(id FileID) error { return ErrNoFile }

// Files are all transfers of the call, in the order in which they began.
func (c *Call) Files() []Transfer { return nil }
