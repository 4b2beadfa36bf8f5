package trust

import (
	"crypto"
	"crypto/rand"
	"io"
	"maps"
	"slices"
	"time"
)

// Exchange is one member's side of the short string: commit, reveal, compare. It is a state machine without a clock or a
// link: every method returns what is now to be sent. It is not safe for concurrent use.
type Exchange struct {
	cfg  ExchangeConfig
	self Identity

	roster    roster
	attempt   uint32 // of this roster; 0: none yet
	former    []formerRoster
	broken    int    // attempts of this roster that came to an end after we had revealed, while the roster was the same
	automatic int    // attempts in which we have revealed, of all rosters, since the user last asked for one
	futile    int    // attempts in a row in which we have not revealed, since the roster or a missing member came
	wanted    uint32 // the highest attempt that a member has begun and we have not joined

	state    State
	failure  Failure
	deadline time.Time
	epoch    Epoch
	r        [32]byte
	commits  map[Identity]signed
	reveals  map[Identity]signed // those of members whose commitment is missing are unchecked yet
	short    ShortString

	early map[Identity][][]byte // by who passed them to us: of a roster or attempt that is not ours yet
	out   []Send
}

// ExchangeConfig is what an Exchange needs to know.
type ExchangeConfig struct {
	Call   CallID
	Key    crypto.Signer // our identity key
	Random io.Reader     // nil: the system's
	// Reaches reports whether two members hear each other, as far as is known: what comes from one of them is then not passed on to
	// the other. nil: nobody knows, and everything is passed on to all.
	Reaches func(a, b Identity) bool
}

// Send is a message and to whom it goes.
type Send struct {
	To      []Identity
	Message []byte
}

// NewExchange makes the machine; it begins with the first SetRoster.
func NewExchange(cfg ExchangeConfig) (*Exchange, error) {
	self, err := IdentityOf(cfg.Key)
	if err != nil {
		return nil, err
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	return &Exchange{cfg: cfg, self: self, early: make(map[Identity][][]byte)}, nil
}

// State is where the exchange stands.
func (x *Exchange) State() State { return x.state }

// Attempt is the number of the present attempt of this roster, from 1; 0 before the first.
func (x *Exchange) Attempt() int { return int(x.attempt) }

// ShortString is the string of the present roster, once State is Compared.
func (x *Exchange) ShortString() (ShortString, bool) { return x.short, x.state == Compared }

// Failure is why the last attempt failed; its Reason is empty if none has, for this roster.
func (x *Exchange) Failure() Failure { return x.failure }

// Asked reports whether a member has begun an attempt that waits for our user's Start.
func (x *Exchange) Asked() bool { return x.wanted > x.attempt }

// Deadline is when Tick is next needed; zero: not before something else happens.
func (x *Exchange) Deadline() time.Time { return x.deadline }

// SetRoster tells who is in the call, ourselves included. Another roster, or another peer ID of a member, voids what has been
// going on and the string, and begins anew. Fewer than two members: nothing to compare. ErrRoster or ErrWeakKey for members
// who cannot be a room: then there is none, and no string.
func (x *Exchange) SetRoster(now time.Time, members []Member) ([]Send, error) {
	r, err := newRoster(members, x.self)
	if err == nil && slices.Equal(r, x.roster) {
		return nil, nil
	}
	x.remember()
	before := x.attemptsOf(r)
	x.roster, x.attempt, x.broken, x.futile, x.wanted, x.failure = r, before.attempt, before.broken, 0, 0, Failure{}
	x.clear()
	x.state = Idle
	if len(r) >= 2 {
		x.proceed(now)
	}
	return x.take(), err
}

// formerRoster is a roster that the room has had, and its attempts.
type formerRoster struct {
	key     Epoch // of attempt 0, which there never is
	attempt uint32
	broken  int
}

// remember notes the attempts of a roster that ends. Should the room come back to it (somebody was gone for a moment, or seemed to
// be), the next attempt goes on from there: to begin at 1 again would be to sign a second commitment for an attempt, and a member who
// has not noticed anything would have to take us for a liar.
func (x *Exchange) remember() {
	if x.attempt == 0 {
		return
	}
	key := x.roster.epoch(x.cfg.Call, 0)
	x.former = slices.DeleteFunc(x.former, func(f formerRoster) bool { return f.key == key })
	if len(x.former) == maxFormerRosters {
		x.former = x.former[1:]
	}
	x.former = append(x.former, formerRoster{key, x.attempt, x.broken})
}

// attemptsOf is what there was of a roster before; nothing for a new one.
func (x *Exchange) attemptsOf(r roster) formerRoster {
	key := r.epoch(x.cfg.Call, 0)
	for _, f := range x.former {
		if f.key == key {
			return f
		}
	}
	return formerRoster{}
}

// Start begins another attempt because the user asked for one: after a failure, or to compare again. ErrRoster with nobody to
// compare with, ErrAttempt after too many: the call must be made anew.
func (x *Exchange) Start(now time.Time) ([]Send, error) {
	next := max(x.attempt+1, x.wanted)
	switch {
	case len(x.roster) < 2:
		return nil, ErrRoster
	case next > maxAttempt:
		return nil, ErrAttempt
	}
	x.automatic, x.futile = 0, 0
	x.begin(now, next)
	return x.take(), nil
}

// Tick tells the time. It does nothing before Deadline.
func (x *Exchange) Tick(now time.Time) []Send {
	if x.deadline.IsZero() || now.Before(x.deadline) {
		return nil
	}
	if x.state == Committing {
		x.fail(now, NoCommitment, x.missing(x.commits)...)
	} else {
		x.fail(now, NoReveal, x.missing(x.reveals)...)
	}
	return x.take()
}

// Linked tells that a member can be reached from now on, and returns all that he may have missed. If he was missing when the exchange
// stopped, it goes on.
func (x *Exchange) Linked(now time.Time, member Identity) []Send {
	if x.state == Stopped && x.futile > 0 && slices.Contains(x.failure.Members, member) && x.mayBegin(x.attempt+1) {
		x.futile = 0
		x.begin(now, x.attempt+1)
		return x.take()
	}
	if member == x.self || !x.roster.has(member) || x.state != Committing && x.state != Revealing && x.state != Compared {
		return nil
	}
	var sends []Send
	for _, held := range []map[Identity]signed{x.commits, x.reveals} {
		for _, m := range x.roster {
			if message, ok := held[m.Identity]; ok && m.Identity != member {
				sends = append(sends, Send{[]Identity{member}, message.append(nil)})
			}
		}
	}
	return sends
}

// take hands over what is to be sent.
func (x *Exchange) take() []Send {
	out := x.out
	x.out = nil
	return out
}

// clear forgets the present attempt.
func (x *Exchange) clear() {
	clear(x.r[:])
	x.short, x.epoch, x.deadline = ShortString{}, Epoch{}, time.Time{}
	x.commits, x.reveals = make(map[Identity]signed), make(map[Identity]signed)
}

// missing are the members of whom nothing is held.
func (x *Exchange) missing(held map[Identity]signed) []Identity {
	return x.roster.without(slices.Collect(maps.Keys(held))...)
}
