package room

import (
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// askToJoin sends our card and acceptance to somebody who may be a member.
func (r *Roster) askToJoin(now time.Time, whom Identity) {
	c, err := r.makeCard(now, r.at, false, None)
	if err != nil {
		r.end(Refused)
		return
	}
	var a acceptance
	if r.self != r.store.room.Opener {
		if a, err = accept(r.cfg.Key, r.self, r.at.stay, r.ticket.Invitation); err != nil {
			r.end(Refused)
			return
		}
	}
	r.send(whom, r.store.joinMessage(c, a))
	r.joinAt = now.Add(joinAgain)
}

// nextStay is the stay for which somebody must ask to come in: the one that goes on, or the one after the last that has ended.
func (r *record) nextStay(from uint32) uint32 {
	stay := max(1, from)
	if r.latest != nil {
		stay = max(stay, r.latest.stay)
	}
	if r.card != nil {
		stay = max(stay, r.card.at.stay)
		if r.card.at.stay == stay && (r.card.left || r.lapsed()) {
			stay++
		}
	}
	for _, m := range []*removal{r.banned, r.removed} {
		if m != nil && m.stay >= stay {
			stay = m.stay + 1
		}
	}
	return min(stay, maxStay)
}

// admit lets a newcomer in, or back in, or tells why not.
func (r *Roster) admit(now time.Time, from trust.Member, m joinMessage) error {
	who := from.Identity
	c, err := parseCard(m.card)
	if err != nil {
		return err
	}
	opener := who == r.store.room.Opener
	var a acceptance
	if !opener {
		if a, err = parseAcceptance(m.acceptance); err != nil {
			return err
		}
		if a.invitation.Room != r.store.room {
			return ErrOther
		}
	}
	if c.room != r.store.id {
		return ErrOther
	}
	if c.identity != who || !opener && (a.identity != who || a.stay != c.at.stay) || c.details.PeerID != from.PeerID || c.left {
		return ErrNotYou
	}
	if err := c.verify(); err != nil {
		return err
	}
	if !opener {
		if err := a.verify(); err != nil {
			return err
		}
	}
	if why := r.letIn(now, who, c, a); why != None {
		r.send(who, r.store.refusalMessage(why))
		return ErrJoin
	}
	return nil
}

// letIn tries what the room would say with the newcomer in it, and does it if he would be present.
func (r *Roster) letIn(now time.Time, who Identity, c *card, a acceptance) Reason {
	held := r.store.records[who]
	if held == nil {
		held = &record{identity: who}
	}
	opener := who == r.store.room.Opener
	if held.card != nil && held.card.at == c.at && r.judge().standing[who] == Present {
		r.welcome(who) // he has not heard that he is in
		return None
	}
	var from uint32
	if !opener {
		from = a.invitation.FromStay
	}
	if c.at.stay != held.nextStay(from) || held.card != nil && !c.newer(held.card) {
		// Also of somebody who was removed and shows an old invitation: his record says so.
		r.send(who, r.store.recordsMessages(r.store.evidence(held))...)
		if r.judge().barred[who] && from <= held.lastRemoved() {
			return RemovedBy
		}
		return Again
	}
	try := held.clone()
	if !opener && (held.latest == nil || held.latest.stay < c.at.stay) {
		if now.After(a.invitation.Expires) {
			return Expired
		}
		if !r.takeToken(now) {
			return TooMany
		}
		e, err := entry{acceptance: a, place: r.nextPlace(a.invitation), time: now, admitter: r.self, admitterStay: r.at.stay}.sign(r.cfg.Key)
		if err != nil {
			return Refused
		}
		try.addEntry(e)
	}
	try.addCard(c)
	if why := r.wouldBe(now, try); why != None {
		return why
	}
	r.store.records[who] = try
	r.touch()
	r.broadcast(who, who)
	r.welcome(who)
	r.react(now)
	return None
}

// lastRemoved is the last stay that a removal has ended; 0: there is none.
func (r *record) lastRemoved() (stay uint32) {
	for _, m := range []*removal{r.banned, r.removed} {
		if m != nil {
			stay = max(stay, m.stay)
		}
	}
	return stay
}

// wouldBe is why the room would not have somebody in it with that record; None: it would.
func (r *Roster) wouldBe(now time.Time, try *record) Reason {
	s := r.store.with(try)
	for who, l := range r.links {
		if held := s.records[who]; held != nil && who != try.identity && held.card != nil && held.card.at == l.going && now.Before(l.goneTill) {
			gone, last := held.clone(), *held.card
			last.left, gone.card = true, &last
			s.records[who] = gone
		}
	}
	j := s.judge()
	switch j.standing[try.identity] {
	case Present:
		if len(j.place) > MaxRecords {
			return Full
		}
		return None
	case Over:
		return Full
	case UsedUp:
		return Used
	case Removed:
		return RemovedBy
	}
	if _, known := j.place[try.latest.invitation.Inviter]; !known {
		return NotInvited
	}
	return Revoked
}

// welcome sends all that we hold to a newcomer.
func (r *Roster) welcome(who Identity) {
	var all []*record
	for _, id := range r.store.sorted() {
		all = append(all, r.store.records[id])
	}
	r.send(who, r.store.recordsMessages(all)...)
}

// nextPlace is behind all who are in the room, and behind all who have used the invitation, though they may have gone: they count
// first.
func (r *Roster) nextPlace(by Invitation) uint64 {
	var last uint64
	j := r.judge()
	for who := range j.needed {
		last = max(last, r.store.records[who].place())
	}
	for who := range j.place {
		for _, e := range []*entry{r.store.records[who].first, r.store.records[who].latest} {
			if e != nil && e.invitation.name == by.name {
				last = max(last, e.place)
			}
		}
	}
	return min(last+1, maxPlace)
}

// takeToken bounds newcomers over time.
func (r *Roster) takeToken(now time.Time) bool {
	if !r.tokensAt.IsZero() && now.After(r.tokensAt) {
		r.tokens = min(joinsBurst, r.tokens+float64(now.Sub(r.tokensAt))/float64(joinEvery))
	}
	r.tokensAt = now
	if r.tokens < 1 {
		return false
	}
	r.tokens--
	return true
}

// Remove takes somebody out whom we have invited, or anybody but ourselves if we opened the room. Those whom he let in or invited,
// and who are members now, stay.
func (r *Roster) Remove(now time.Time, who Identity) ([]Send, error) {
	held := r.store.records[who]
	switch {
	case r.state != In:
		return nil, ErrNotIn
	case held == nil:
		return nil, ErrNobody
	case !r.MayRemove(who):
		return nil, ErrNotAllowed
	}
	m := removal{
		room: r.store.id, target: who, stay: held.nextStay(1), time: now, remover: r.self, removerStay: r.at.stay,
	}
	if held.latest != nil {
		m.stay = held.latest.stay
	}
	if r.self != r.store.room.Opener {
		m.evidence = held.latest
	}
	for _, other := range r.judge().members {
		if e := r.store.records[other.Identity]; other.Identity != who && e.owes(who) {
			m.keep = append(m.keep, other.Identity)
		}
	}
	signed, err := m.sign(r.cfg.Key)
	if err != nil {
		return nil, err
	}
	if held.addRemoval(signed, r.store.room.Opener) {
		r.touch()
		r.broadcast(who)
	}
	return r.take(), nil
}

// owes reports whether somebody has let a member in, or invited him.
func (r *record) owes(to Identity) bool {
	for _, e := range []*entry{r.first, r.latest} {
		if e != nil && (e.admitter == to || e.invitation.Inviter == to) {
			return true
		}
	}
	return false
}
