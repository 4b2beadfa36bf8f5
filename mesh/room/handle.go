package room

import (
	"slices"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// Handle takes a message (see IsMessage) from somebody whose session is proved and of whom Linked has told. The error is why it was
// refused, wholly or in part, for the log: what it returns should be sent all the same.
func (r *Roster) Handle(now time.Time, from trust.Member, b []byte) ([]Send, error) {
	if r.state == Out {
		return nil, ErrNotIn
	}
	l := r.links[from.Identity]
	if l == nil || l.peer != from {
		return nil, ErrStranger
	}
	m, err := parseMessage(r.store.id, b)
	if err != nil {
		return nil, err
	}
	err = r.handle(now, l, m)
	return r.take(), err
}

func (r *Roster) handle(now time.Time, l *link, m any) error {
	from := l.peer.Identity
	switch m := m.(type) {
	case joinMessage:
		if r.state != In {
			return ErrNotIn
		}
		return r.admit(now, l.peer, m)
	case refusalMessage:
		switch {
		case r.state == Joining && m.reason.final():
			r.end(m.reason)
		case r.state == In && m.reason == NotInvited && !now.Before(l.introducedAt):
			l.introducedAt = now.Add(evidenceEvery)
			r.introduce(from)
		}
		return nil
	case recordsMessage:
		if r.state == In && !r.belongs(from) {
			if now.Before(l.answeredAt) {
				return ErrStranger // each introduction costs us signatures to check
			}
			if try, ok := r.introduces(from, m); !ok {
				return r.turnAway(now, &l.answeredAt, from, try)
			}
		}
		return r.merge(now, l, m)
	}
	if r.state == In && !r.belongs(from) {
		return r.turnAway(now, &l.toldAt, from, r.store)
	}
	switch m := m.(type) {
	case digestMessage:
		r.compare(now, l, m)
	case summaryMessage:
		r.answer(from, m)
	}
	return nil
}

// introduce tells somebody that we are in the room: he may not have heard of us.
func (r *Roster) introduce(to Identity) {
	r.send(to, r.store.recordsMessages(r.store.evidence(r.store.records[r.self]))...)
}

// introduces reports whether somebody of whom we have not heard shows by his records that he is in the room. From anybody else
// nothing is kept; it returns what would be known if it were.
func (r *Roster) introduces(who Identity, m recordsMessage) (*store, bool) {
	try := r.store.copy()
	for _, b := range m.records {
		_, _, _ = try.mergeRecord(b) // what is refused does not help him
	}
	return try, mayExchange(try.judge().standing[who])
}

// turnAway tells somebody who is no member what we know of him and of those who let him in: that he, or one of them, has been
// removed, perhaps. Otherwise he may show what we do not know.
func (r *Roster) turnAway(now time.Time, last *time.Time, who Identity, known *store) error {
	if now.Before(*last) {
		return ErrStranger
	}
	*last = now.Add(evidenceEvery)
	if held := known.records[who]; held != nil {
		r.send(who, known.recordsMessages(known.evidence(held))...)
	}
	if !r.judge().barred[who] {
		r.send(who, r.store.refusalMessage(NotInvited))
	}
	return ErrStranger
}

// compare asks for what differs, unless that was done a moment ago with these very states.
func (r *Roster) compare(now time.Time, l *link, m digestMessage) {
	pair := [2][16]byte{r.store.digest(), m.digest}
	if pair[0] == pair[1] || pair == l.compared && now.Before(l.comparedAt.Add(summaryEvery)) {
		return
	}
	l.compared, l.comparedAt = pair, now
	r.send(l.peer.Identity, r.store.summaryMessage(true))
}

// answer sends what somebody lacks, and our summary if he asks for it and holds something else than we.
func (r *Roster) answer(to Identity, m summaryMessage) {
	var lacks []*record
	for _, id := range r.store.sorted() {
		held := r.store.records[id]
		key := [8]byte(id[:8])
		if hash, ok := m.hashes[key]; !ok || hash != held.hash() {
			lacks = append(lacks, held)
		} else {
			delete(m.hashes, key)
		}
	}
	r.send(to, r.store.recordsMessages(lacks)...)
	if m.answer && len(m.hashes) > 0 {
		r.send(to, r.store.summaryMessage(false))
	}
}

// merge takes records, passes on what is new, and draws the conclusions. Whoever has nothing older than us gets nothing back.
func (r *Roster) merge(now time.Time, l *link, m recordsMessage) error {
	var last error
	var news []Identity
	for _, b := range m.records {
		who, changed, err := r.store.mergeRecord(b)
		if err != nil {
			last = err
		}
		if changed {
			news = append(news, who)
			r.touch()
		}
	}
	if len(news) == 0 {
		return last
	}
	if r.store.prune(now, r.judge()) {
		r.touch()
	}
	if r.state == In {
		r.passOn(now, news, l.peer.Identity)
	}
	r.react(now)
	return last
}

// passOn sees to it that others hear what is new to us. Whoever wrote it has told all whom he is linked with, which is mostly everybody:
// would each pass it on to all, a room of sixteen that gathers would send a megabyte from each. So digests say at the next Tick who
// lacks something. Removals are few, and go at once.
func (r *Roster) passOn(now time.Time, news []Identity, from Identity) {
	for _, who := range news {
		if held := r.store.records[who]; held != nil && (held.banned != nil || held.removed != nil) {
			r.broadcast(who, from)
		} else {
			r.digestAt = now
		}
	}
}

// react draws the conclusions from what the store now says of ourselves.
func (r *Roster) react(now time.Time) {
	mine := r.store.records[r.self]
	standing := r.judge().standing[r.self]
	switch {
	case mine == nil || r.state == Out:
	case standing == Removed && (r.state == In || r.ticket.Invitation.FromStay <= mine.lastRemoved()):
		r.end(RemovedBy)
	case r.state == Joining:
		r.reactJoining(now, mine, standing)
	case mine.card != nil && mine.card.at != r.at:
		r.end(Replaced)
	default:
		if standing == Present || standing == Lapsed {
			r.overSince = time.Time{}
		} else if r.overSince.IsZero() {
			r.overSince = now
		}
		if mine.lapsed() && r.refuteAt.IsZero() {
			r.refuteAt = now
			if again := r.refuted.Add(refuteEvery); now.Before(again) {
				r.refuteAt = again
			}
		}
	}
}

// reactJoining is react of a newcomer: he is in as soon as the room has his card of now, and if it knows him from before, he asks
// again with the numbers that follow from that.
func (r *Roster) reactJoining(now time.Time, mine *record, standing Standing) {
	if (standing == Present || standing == Over) && mine.card.at == r.at {
		r.state = In
		r.changed++
		for _, who := range r.linked() {
			if r.belongs(who) {
				r.send(who, r.store.recordsMessages([]*record{mine})...)
			}
		}
		return
	}
	next := r.at
	next.stay = mine.nextStay(r.ticket.Invitation.FromStay)
	if mine.card != nil {
		if mine.card.at == r.at {
			return // we are being let in: the rest is on its way
		}
		next.incarnation = max(next.incarnation, mine.card.at.incarnation+1)
	}
	if next != r.at {
		r.at = next
		r.joinAt = now
		for _, who := range r.linked() {
			r.askToJoin(now, who)
		}
	}
}

// linked are those who are linked, in order.
func (r *Roster) linked() []Identity {
	var all []Identity
	for who := range r.links {
		all = append(all, who)
	}
	slices.SortFunc(all, Identity.Compare)
	return all
}
