package incall

import "time"

// Chat reaches each member once and in order: every author numbers his lines, keeps them until the other end says that it has
// them, and sends them again on a new link; the other end drops what it has had.

const (
	// maxUnheard bounds lines that somebody has not confirmed: longer conversations do not survive a broken link whole.
	maxUnheard = 200
	// maxSequence leaves room above every number.
	maxSequence = 1 << 62
)

// Outbox is the lines for one member that he has not confirmed.
type Outbox struct {
	last  uint64
	lines []Chat
}

// Add numbers a line, to be sent now (and again, by Again). Numbers begin with the time in ms, so that they rise even if the
// program has forgotten the last one.
func (o *Outbox) Add(now time.Time, c Chat) Chat {
	o.last = max(o.last+1, uint64(max(1, now.UnixMilli())))
	c.Sequence, c.At = o.last, now
	if len(o.lines) == maxUnheard {
		o.lines = o.lines[1:]
	}
	o.lines = append(o.lines, c)
	return c
}

// Have takes the other end's word that it has all up to a number.
func (o *Outbox) Have(m ChatHave) {
	for len(o.lines) > 0 && o.lines[0].Sequence <= m.Sequence {
		o.lines = o.lines[1:]
	}
}

// Again are the lines to be sent on a new link, in order.
func (o *Outbox) Again() []Chat { return append([]Chat(nil), o.lines...) }

// Inbox drops what one member has said before.
type Inbox struct{ last uint64 }

// Take reports whether a line is new, and what to tell its author in any case.
func (i *Inbox) Take(c Chat) (ChatHave, bool) {
	fresh := c.Sequence > i.last
	i.last = max(i.last, c.Sequence)
	return ChatHave{i.last}, fresh
}
