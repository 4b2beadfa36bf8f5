// Package transfer is both ends of a file transfer in a call, as state machines without a file, a link or a clock: who sends to seven
// members has seven Senders.
//
// The receiver steers: it asks for ranges, a window at a time, and the sender sends nothing that was not asked for. So a transfer
// goes on where it broke off, on a new link or after a restart, by another request; and it takes the memory of a few ranges, however
// large the file.
//
//	s := transfer.NewSender(offer)                  // send offer; then hand it what comes, and when the link has room:
//	part, ok := s.Next(incall.MaxChunk)             // read that part of the file, send it as a Chunk
//
//	r, err := transfer.NewReceiver(offer, most)     // the user accepts: send r.Accept(now)
//	write, replies, err := r.Chunk(now, chunk)      // write it at write.From; send the replies
//	if r.Complete() { replies = r.Verified(sum) }   // sum: the SHA-256 of what was written
package transfer

import (
	"crypto/sha256"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
)

const (
	// Window is how much a receiver asks for ahead, in bytes: at 2 Mbit/s one second, and never so much that a sender who takes
	// the request literally could fill a link's queue for long.
	Window = 256 << 10
	// askAgain is the silence after which the receiver asks again: the sender gives way to sound and picture, so some is usual.
	askAgain = 10 * time.Second
	// maxHoles bounds what is remembered of a file that comes in pieces: chunks come in order, so more than a few holes are made
	// on purpose. What would make one more is dropped, and asked for again.
	maxHoles = 64
	// maxAsked bounds the ranges that have been asked for and have not come.
	maxAsked = 3 * incall.MaxRanges
)

type transferError string

func (e transferError) Error() string { return string(e) }

// The errors.
const (
	ErrTooLarge  = transferError("transfer: the file is larger than we take")
	ErrUnasked   = transferError("transfer: a piece that was not asked for")
	ErrOver      = transferError("transfer: it is over")
	ErrRequest   = transferError("transfer: a request beyond the file's end, or for more than a window")
	ErrNotOurs   = transferError("transfer: of another transfer")
	ErrNotNeeded = transferError("transfer: a piece that is there already")
)

// Receiver is the receiving end.
type Receiver struct {
	offer   incall.Offer
	missing []incall.Range // ascending, apart, not empty
	asked   []incall.Range // of the last request, less what has come
	quiet   time.Time      // when we ask again
	over    bool
	failed  bool
}

// NewReceiver begins to receive a file of at most so many bytes. have is what is there from an earlier attempt, in any order; the caller
// knows it to be of the same file, by its SHA-256.
func NewReceiver(offer incall.Offer, most uint64, have ...incall.Range) (*Receiver, error) {
	if offer.Size > min(most, incall.MaxFile) {
		return nil, ErrTooLarge
	}
	r := &Receiver{offer: offer}
	if offer.Size > 0 {
		r.missing = []incall.Range{{From: 0, To: offer.Size}}
	}
	for _, h := range have {
		r.missing = without(r.missing, h)
	}
	if len(r.missing) > maxHoles {
		r.missing = []incall.Range{{From: r.missing[0].From, To: offer.Size}}
	}
	return r, nil
}

// Name is the file's name as it may be used (TidyName).
func (r *Receiver) Name() string { return TidyName(r.offer.Name) }

// Missing are the parts that have not come: to be kept for going on after a restart.
func (r *Receiver) Missing() []incall.Range { return append([]incall.Range(nil), r.missing...) }

// Received is how many bytes have come.
func (r *Receiver) Received() uint64 { return r.offer.Size - length(r.missing) }

// Complete reports whether all has come. Then Verified is to be called.
func (r *Receiver) Complete() bool { return len(r.missing) == 0 }

// Over reports whether the transfer has ended, and whether the file is whole and right.
func (r *Receiver) Over() (over, right bool) { return r.over, r.over && !r.failed && r.Complete() }

// Accept takes the offer.
func (r *Receiver) Accept(now time.Time) []incall.Message {
	return append([]incall.Message{incall.Accept{ID: r.offer.ID}}, r.ask(now, true)...)
}

// Linked goes on, on a new link to the sender.
func (r *Receiver) Linked(now time.Time) []incall.Message {
	if r.over {
		return nil
	}
	return r.Accept(now)
}

// Tick tells the time, every second or so.
func (r *Receiver) Tick(now time.Time) []incall.Message {
	if r.over || now.Before(r.quiet) {
		return nil
	}
	return r.ask(now, true)
}

// ask asks for what is missing and has not been asked for, until a window is asked for; or anew.
func (r *Receiver) ask(now time.Time, anew bool) []incall.Message {
	r.quiet = now.Add(askAgain)
	if anew {
		r.asked = nil
	}
	more := r.missing
	for _, a := range r.asked {
		more = without(more, a)
	}
	m := incall.Request{ID: r.offer.ID, Have: r.offer.Size, Anew: anew}
	if len(r.missing) > 0 {
		m.Have = r.missing[0].From
	}
	left := Window - min(Window, length(r.asked))
	for _, part := range more {
		if left == 0 || len(m.Ranges) == incall.MaxRanges || len(r.asked) == maxAsked {
			break
		}
		part.To = min(part.To, part.From+left)
		left -= part.To - part.From
		m.Ranges = append(m.Ranges, part)
		r.asked = append(r.asked, part)
	}
	if len(m.Ranges) == 0 {
		return nil
	}
	return []incall.Message{m}
}

// Chunk takes a piece. What it returns is where its data belong, and what to send. The errors mean that nothing is to be written; a
// sender who goes on sending what was not asked for may be cut off.
func (r *Receiver) Chunk(now time.Time, c incall.Chunk) (write incall.Range, replies []incall.Message, err error) {
	part := incall.Range{From: c.From, To: c.From + uint64(len(c.Data))}
	switch {
	case c.ID != r.offer.ID:
		return incall.Range{}, nil, ErrNotOurs
	case r.over:
		return incall.Range{}, nil, ErrOver
	case part.To < part.From || part.To > r.offer.Size:
		return incall.Range{}, nil, ErrUnasked
	case !within(r.asked, part):
		if !overlaps(r.missing, part) {
			return incall.Range{}, nil, ErrNotNeeded
		}
		return incall.Range{}, nil, ErrUnasked
	}
	missing := without(r.missing, part)
	if len(missing) > maxHoles {
		return incall.Range{}, nil, ErrUnasked
	}
	r.missing, r.asked = missing, without(r.asked, part)
	r.quiet = now.Add(askAgain)
	if length(r.asked) <= Window/2 && len(r.missing) > 0 { // in time, so that the sender never waits for us
		replies = r.ask(now, false)
	}
	return part, replies, nil
}

// Verified tells the SHA-256 of what was written, once all has come. If it is not the one that was offered the transfer has failed:
// whatever was written is to be thrown away.
func (r *Receiver) Verified(sum [sha256.Size]byte) []incall.Message {
	if r.over || !r.Complete() {
		return nil
	}
	r.over, r.failed = true, sum != r.offer.SHA256
	return []incall.Message{incall.Done{ID: r.offer.ID, OK: !r.failed}}
}

// Cancel ends the transfer by our wish.
func (r *Receiver) Cancel(why incall.FileReason) []incall.Message {
	if r.over {
		return nil
	}
	r.over, r.failed = true, true
	return []incall.Message{incall.Cancel{ID: r.offer.ID, Reason: why}}
}

// Cancelled takes the sender's Cancel.
func (r *Receiver) Cancelled(c incall.Cancel) {
	if c.ID == r.offer.ID && !r.over {
		r.over, r.failed = true, true
	}
}
