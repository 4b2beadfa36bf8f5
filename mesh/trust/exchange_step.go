package trust

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"time"
)

// Handle takes a message that came over the session of a member, or of one who will be a member when the roster reaches
// us. The error says why the message was refused or what it made fail; it is for the log, State tells what became of the
// attempt. Nothing of a refused message is passed on.
func (x *Exchange) Handle(now time.Time, from Identity, message []byte) ([]Send, error) {
	err := x.handle(now, from, message)
	return x.take(), err
}

func (x *Exchange) handle(now time.Time, from Identity, message []byte) error {
	m, err := parseSigned(message)
	if err != nil {
		return err
	}
	if m.author == x.self {
		return ErrOwnIdentity
	}
	if !x.roster.has(m.author) || m.epoch != x.roster.epoch(x.cfg.Call, m.attempt) {
		x.keep(from, message)
		return ErrEpoch
	}
	if m.attempt < x.attempt || m.attempt == x.attempt && x.state == Stopped {
		return ErrStale
	}
	if m.attempt == x.attempt && x.held(m.typ)[m.author] == m {
		return nil // seen, checked and passed on
	}
	if err := m.verify(); err != nil {
		return err
	}
	if m.attempt > x.attempt {
		x.wanted = max(x.wanted, m.attempt)
		if !x.mayBegin(m.attempt) || m.attempt > x.attempt+maxLeap {
			x.keep(from, message)
			return nil
		}
		x.failure = Failure{Superseded, int(x.attempt), []Identity{m.author}}
		x.breakOff()
		x.begin(now, m.attempt)
		if x.attempt != m.attempt || x.state == Stopped { // what had come early has made it fail
			return ErrStale
		}
	}
	return x.accept(now, from, m)
}

// accept takes a message of this attempt whose signature is good.
func (x *Exchange) accept(now time.Time, from Identity, m signed) error {
	held := x.held(m.typ)
	switch old, ok := held[m.author]; {
	case ok && old.value == m.value:
		return nil // signed twice, with other randomness
	case ok:
		x.fail(now, Equivocated, m.author)
		return ErrAttemptOver
	}
	held[m.author] = m
	to := x.roster.without(x.self, from, m.author)
	if x.cfg.Reaches != nil {
		to = slices.DeleteFunc(to, func(who Identity) bool { return x.cfg.Reaches(m.author, who) })
	}
	if len(to) > 0 {
		x.out = append(x.out, Send{to, m.append(nil)})
	}
	if !x.opens(m.author) {
		x.fail(now, WrongReveal, m.author)
		return ErrAttemptOver
	}
	x.advance(now)
	if x.state == Stopped {
		return ErrAttemptOver
	}
	return nil
}

// opens reports whether the member's reveal, if both are here, is what he committed himself to.
func (x *Exchange) opens(member Identity) bool {
	c, committed := x.commits[member]
	r, revealed := x.reveals[member]
	return !committed || !revealed || commitment(x.epoch, member, r.value) == c.value
}

// advance goes on to the reveal when all commitments are held, and to the string when all reveals are. This is the only
// place where r leaves.
func (x *Exchange) advance(now time.Time) {
	if x.state == Committing && len(x.commits) == len(x.roster) {
		if !x.publish(now, typeReveal, x.r) {
			return
		}
		x.automatic++
		x.futile = 0
		x.state, x.deadline = Revealing, now.Add(revealWait)
	}
	if x.state == Revealing && len(x.reveals) == len(x.roster) {
		x.short = x.roster.shortString(x.epoch, func(i Identity) [32]byte { return x.reveals[i].value })
		x.state, x.deadline, x.failure = Compared, time.Time{}, Failure{}
	}
}

// publish signs a message of ours, holds it and sends it to all.
func (x *Exchange) publish(now time.Time, typ byte, value [32]byte) bool {
	m, err := signed{typ: typ, epoch: x.epoch, attempt: x.attempt, author: x.self, value: value}.signWith(x.cfg.Key)
	if err != nil {
		x.stop(NoKey, x.self)
		return false
	}
	x.held(typ)[x.self] = m
	x.out = append(x.out, Send{x.roster.without(x.self), m.append(nil)})
	return true
}

// mayBegin reports whether an attempt may be begun without the user: as long as few enough have been broken off after we had
// revealed, the present one included, since only those give somebody in between a guess.
func (x *Exchange) mayBegin(attempt uint32) bool {
	broken := x.broken
	if x.state == Revealing || x.state == Compared {
		broken++
	}
	return broken < AutomaticAttempts && x.automatic < maxAutomatic && attempt <= maxAttempt
}

// proceed begins the next attempt, or leaves that to the user.
func (x *Exchange) proceed(now time.Time) {
	next := x.attempt + 1
	switch {
	case x.mayBegin(next) && x.futile < AutomaticAttempts:
		x.begin(now, next)
	case x.attempt == 0, x.failure.Reason == "":
		x.stop(Exhausted)
	default:
		x.stop(x.failure.Reason, x.failure.Members...)
	}
}

// begin begins an attempt: fresh randomness, and the commitment to it for all.
func (x *Exchange) begin(now time.Time, attempt uint32) {
	x.clear()
	x.attempt = attempt
	x.epoch = x.roster.epoch(x.cfg.Call, attempt)
	x.state, x.deadline = Committing, now.Add(commitWait)
	if _, err := io.ReadFull(x.cfg.Random, x.r[:]); err != nil {
		x.stop(NoKey, x.self)
		return
	}
	if x.publish(now, typeCommit, commitment(x.epoch, x.self, x.r)) {
		x.replay(now)
	}
}

// fail ends the attempt and begins the next one, if that may be done without the user.
func (x *Exchange) fail(now time.Time, why Reason, due ...Identity) {
	slices.SortFunc(due, Identity.Compare)
	x.failure = Failure{why, int(x.attempt), due}
	if x.state == Committing {
		x.futile++
	}
	x.breakOff()
	x.proceed(now)
}

// breakOff counts an attempt that comes to an end after we have revealed.
func (x *Exchange) breakOff() {
	if x.state == Revealing || x.state == Compared {
		x.broken++
		x.state = Idle
	}
}

// stop ends the attempt and waits for the user.
func (x *Exchange) stop(why Reason, due ...Identity) {
	x.failure = Failure{why, int(x.attempt), due}
	x.clear()
	x.state = Stopped
}

func (x *Exchange) held(typ byte) map[Identity]signed {
	if typ == typeReveal {
		return x.reveals
	}
	return x.commits
}

// keep remembers a message that may be of a roster which has not reached us, or of an attempt that our user has not begun.
// Each sender has room for one whole attempt; newer messages push out older ones.
func (x *Exchange) keep(from Identity, message []byte) {
	queue, known := x.early[from]
	if !known && len(x.early) >= maxEarlySenders && !x.makeRoom() {
		return
	}
	if slices.ContainsFunc(queue, func(old []byte) bool { return bytes.Equal(old, message) }) {
		return
	}
	if len(queue) == maxEarly {
		queue = queue[1:]
	}
	x.early[from] = append(queue, bytes.Clone(message))
}

// makeRoom forgets what somebody has sent who is not in the roster.
func (x *Exchange) makeRoom() bool {
	for _, from := range x.earlySenders() {
		if !x.roster.has(from) {
			delete(x.early, from)
			return true
		}
	}
	return false
}

// replay handles what came early. What is still early is kept again.
func (x *Exchange) replay(now time.Time) {
	early, senders := x.early, x.earlySenders()
	x.early = make(map[Identity][][]byte)
	attempt := x.attempt
	for _, from := range senders {
		for _, message := range early[from] {
			if x.attempt == attempt {
				_ = x.handle(now, from, message)
			} else {
				x.keep(from, message)
			}
		}
	}
}

// earlySenders are those of whom something is kept, in one order.
func (x *Exchange) earlySenders() []Identity {
	return slices.SortedFunc(maps.Keys(x.early), Identity.Compare)
}
