// Package incall is the messages that the members of a call send each other once they hear each other: what one sends and shows, a
// raised hand, chat, reactions, and the offers and pieces of files. docs/call-protocol.md is their description.
//
// It encodes and parses, and keeps chat in order; it knows no link and no clock.
//
//	b := incall.Chat{ID: id, Sequence: n, Text: "hello"}.Append(nil)
//	m, err := incall.Parse(b) // errors.Is(err, incall.ErrUnknown): a later version's, to be ignored
//	switch m := m.(type) {
//	case incall.Chat: …
//	}
package incall

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"sundog.dev/sundog/mesh/internal/octets"
)

// The types of messages, their first byte. Those of the roster (16 to 20) and link reports (24) belong to package room.
const (
	TypeHello    = 1
	TypeState    = 2
	TypeShowing  = 3
	TypeChat     = 4
	TypeChatHave = 5
	TypeReaction = 6
	TypeOffer    = 32
	TypeAccept   = 33
	TypeReject   = 34
	TypeCancel   = 35
	TypeRequest  = 36
	TypeChunk    = 37
	TypeDone     = 38
)

// Versions of this protocol, for Hello.
const (
	Version    = 1
	MinVersion = 1
)

// Bounds. A message beyond them is refused whole.
const (
	MaxMessage      = 16 << 10 // bytes
	MaxCapabilities = 512      // bytes
	MaxText         = 12000    // bytes of a line of chat: 4000 runes of most scripts
	MaxReaction     = 64       // bytes: one emoji, however many it is joined of
	MaxFileName     = 200      // bytes: file systems have 255, and a number may be added
	MaxRanges       = 16       // of one request
	MaxChunk        = 8 << 10  // bytes of a file in one message: seven packets, so that sound waits for a few of them at most
	MaxFile         = 1 << 40  // bytes: beyond it is nonsense; what a receiver takes is its own matter
)

type incallError string

func (e incallError) Error() string { return string(e) }

// The errors of Parse.
const (
	ErrMessage = incallError("incall: malformed message")
	ErrUnknown = incallError("incall: a type of message that we do not know")
)

// Message is one of the types of this package.
type Message interface {
	// Append writes the message.
	Append(b []byte) []byte
}

// Hello is the first message on a link: which versions and extensions a member speaks, and in which call. The lower of both
// versions counts; a member whose version is below our MinVersion is TooOld. It comes again when the same two members go on in
// another call over the link: what follows, of the types of this package, is about that one.
type Hello struct {
	Version, MinVersion uint16
	Capabilities        string // words
	Call                [16]byte
}

// Speak is the version that both speak; false: none.
func (m Hello) Speak() (uint16, bool) {
	v := min(m.Version, Version)
	return v, v >= MinVersion && v >= m.MinVersion
}

// State is all that a member says about himself for everybody to see. The one of the highest sequence number counts.
type State struct {
	Sequence uint32
	Sound    bool // sends sound
	Picture  bool // sends a picture
	Muted    bool // has muted his microphone; nobody else can
	Screen   bool // what he sends is (also) his screen
	Hand     bool // has raised his hand
	Speaking bool
	HandAt   time.Time // since when, by his clock: orders raised hands; zero: unknown
	// Packet is how much sound goes in each of his datagrams: 40 or 60 ms; 0: a frame, 20 ms.
	Packet time.Duration
}

// Showing is what a member shows of whom he sends this to, so that nobody sends more than that.
type Showing struct {
	Sequence      uint32
	Width, Height uint16 // of the tile, in pixels; 0: not shown
	Pinned        bool   // or large for another reason: comes before others when the uplink is short
}

// Chat is a line of text.
type Chat struct {
	ID       [8]byte // random; names the line
	Sequence uint64  // of its author: rises with each line, across restarts too; see Outbox
	Private  bool    // to this one member only
	At       time.Time
	Text     string
}

// ChatHave says up to which of the other's lines all have come.
type ChatHave struct{ Sequence uint64 }

// Reaction is an emoji for a moment.
type Reaction struct {
	Sequence uint32
	Emoji    string
}

// FileID names a transfer.
type FileID [16]byte

// Offer offers a file.
type Offer struct {
	ID     FileID
	Size   uint64 // bytes
	SHA256 [sha256.Size]byte
	ToAll  bool
	Name   string // as the sender says: see transfer.TidyName
}

// Accept says that the file is wanted; requests follow, now or later.
type Accept struct{ ID FileID }

// FileReason is why a transfer does not happen.
type FileReason uint8

// The reasons. Numbers that we do not know count as FileDeclined.
const (
	FileDeclined  FileReason = 0
	FileTooLarge  FileReason = 1
	FileNoSpace   FileReason = 2
	FileBroken    FileReason = 3 // it cannot be read, or has changed meanwhile
	FileTooMany   FileReason = 4 // too many transfers at once
	FileCancelled FileReason = 5 // by the user, half-way
)

// Reject says that the file is not wanted.
type Reject struct {
	ID     FileID
	Reason FileReason
}

// Cancel ends a transfer from either side.
type Cancel struct {
	ID     FileID
	Reason FileReason
}

// Range is a part of a file.
type Range struct{ From, To uint64 } // From ≤ x < To

// Request asks for more parts of a file, and acknowledges: all up to Have has come.
type Request struct {
	ID     FileID
	Have   uint64
	Anew   bool    // what was asked for before is to be forgotten
	Ranges []Range // ascending, apart from each other, not empty
}

// Chunk is a piece of a file.
type Chunk struct {
	ID   FileID
	From uint64
	Data []byte // in the memory of the parsed message
}

// Done says that all has come, and whether its SHA-256 is right.
type Done struct {
	ID FileID
	OK bool
}

// maxTime is the last time that is taken, in Unix ms: it fits every clock and every number.
const maxTime = 1 << 52

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.BigEndian.AppendUint64(b, 0)
	}
	return binary.BigEndian.AppendUint64(b, uint64(max(0, min(t.UnixMilli(), maxTime))))
}

func readTime(r *octets.Reader) time.Time {
	ms := r.U64()
	if ms > maxTime {
		r.Fail()
	}
	if ms == 0 || r.Bad() {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms)).UTC()
}
