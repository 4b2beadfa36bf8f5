package room

import (
	"cmp"
	"slices"
	"time"

	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// Standing is what a room thinks of somebody.
type Standing int

// The standings.
const (
	Stranger Standing = iota // nobody has let him in; or whoever did, or invited him, has been removed since, and he was not to stay
	Present                  // a member
	Over                     // one too many: the room is full with those who came before
	UsedUp                   // his invitation has let in as many as it may
	Lapsed                   // a member whom nobody hears any more
	Left                     // he has gone of his own accord
	Removed                  // taken out
)

// String is the standing in a word or two.
func (s Standing) String() string {
	names := [...]string{"stranger", "present", "over", "used up", "lapsed", "left", "removed"}
	if s < 0 || int(s) >= len(names) {
		return "unknown"
	}
	return names[s]
}

// Member is somebody in the room, as all members see him.
type Member struct {
	Identity    Identity
	Name        string
	PeerID      flashcrypto.Fingerprint
	Details     Details
	InvitedBy   Identity  // zero: he opened the room
	AdmittedBy  Identity  // zero: he opened the room
	Since       time.Time // by the clock of who let him in; zero: he opened the room
	Place       uint64    // orders the members: 0 is the opener
	Stay        uint32
	Incarnation uint64
}

// judgement is what follows from the documents of a store: a function of them alone, but for members who are heard although they
// have lapsed. Those will say so themselves.
type judgement struct {
	standing map[Identity]Standing
	members  []Member // the present ones in the order of their places
	place    map[Identity]uint64
	barred   map[Identity]bool
	lapsed   []Member
	needed   map[Identity]bool // the members, those over, and whoever stands between them and the opener
}

// judge reads the documents. Its rules, in this order:
//
//  1. A removal by the opener counts; one by an inviter unless the inviter has been removed himself. They are read from the
//     opener downward, so that of two who remove each other the one who came later goes.
//  2. Who was removed is barred until the opener, or that inviter, lets him in again by an invitation made after the removal.
//  3. An entry is good if inviter and admitter were in the room before, by good entries of lower places, back to the opener; and
//     if neither has been removed from that stay, or the removal says that this one is to stay; and if fewer people of lower
//     places came by the same invitation than it allows.
//  4. Present is who has a good latest entry, is not barred, has a card for that stay which says that he is there, and has
//     not lapsed, or is heard all the same. Of those the first in the order of places are in, as many as the room holds.
func (s *store) judge() *judgement {
	j := &judgement{
		standing: make(map[Identity]Standing, len(s.records)), place: make(map[Identity]uint64, len(s.records)),
		barred: make(map[Identity]bool), needed: make(map[Identity]bool),
	}
	removals := s.removals()
	for id, r := range s.records {
		j.barred[id] = bars(r, removals[id], s.room.Opener)
	}
	good := s.goodEntries(j, removals)
	var here []*record
	for id, r := range s.records {
		st := s.standing(j, r, good)
		j.standing[id] = st
		switch st {
		case Present:
			here = append(here, r)
		case Lapsed:
			j.lapsed = append(j.lapsed, r.member())
		}
	}
	slices.SortFunc(j.lapsed, func(a, b Member) int { return a.Identity.Compare(b.Identity) })
	slices.SortFunc(here, s.inOrder)
	for i, r := range here {
		j.need(s, r)
		if i >= s.room.Capacity {
			j.standing[r.identity] = Over
			continue
		}
		j.members = append(j.members, r.member())
	}
	return j
}

// inOrder is the order of places, and of identities where two were let in at one moment.
func (s *store) inOrder(a, b *record) int {
	return cmp.Or(cmp.Compare(a.place(), b.place()), a.identity.Compare(b.identity))
}

// place is that of the latest entry; 0: the opener.
func (r *record) place() uint64 {
	if r.latest == nil {
		return 0
	}
	return r.latest.place
}

func (r *record) member() Member {
	m := Member{
		Identity: r.identity, Name: r.card.details.Name, PeerID: r.card.details.PeerID, Details: r.card.details,
		Stay: r.card.at.stay, Incarnation: r.card.at.incarnation,
	}
	if e := r.latest; e != nil {
		m.InvitedBy, m.AdmittedBy, m.Since, m.Place = e.invitation.Inviter, e.admitter, e.time, e.place
	}
	return m
}

// removals are the removals that count, by whom they take out (rule 1).
func (s *store) removals() map[Identity][]*removal {
	var all []*removal
	for _, r := range s.records {
		if r.banned != nil {
			all = append(all, r.banned)
		}
		if r.removed != nil {
			all = append(all, r.removed)
		}
	}
	opener := s.room.Opener
	rank := func(m *removal) uint64 {
		if r := s.records[m.remover]; m.remover != opener && r != nil && r.first != nil {
			return r.first.place
		}
		return 0
	}
	slices.SortFunc(all, func(a, b *removal) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.remover.Compare(b.remover), a.target.Compare(b.target))
	})
	count := make(map[Identity][]*removal)
	for _, m := range all {
		if m.remover == opener || !s.voided(count[m.remover], m.remover, m.removerStay, Identity{}) {
			count[m.target] = append(count[m.target], m)
		}
	}
	return count
}

// voided reports whether what somebody has signed in a stay for somebody else counts no more, because he has been removed from
// that stay, or for good.
func (s *store) voided(removals []*removal, who Identity, stay uint32, whom Identity) bool {
	for _, m := range removals {
		if (stay <= m.stay || barredBy(s.records[who], m, s.room.Opener)) && !slices.Contains(m.keep, whom) {
			return true
		}
	}
	return false
}

// bars and barredBy are rule 2.
func bars(r *record, removals []*removal, opener Identity) bool {
	return slices.ContainsFunc(removals, func(m *removal) bool { return barredBy(r, m, opener) })
}

func barredBy(r *record, m *removal, opener Identity) bool {
	if r == nil || r.latest == nil {
		return true
	}
	i := r.latest.invitation
	return r.latest.stay <= m.stay || i.FromStay <= m.stay || i.Inviter != opener && i.Inviter != m.remover
}

// goodness is what rule 3 says of a latest entry.
type goodness int

const (
	unfounded goodness = iota
	spent
	founded
)

// goodEntries walks all entries by place (rule 3) and tells of each latest one whether it is good. It fills in the places.
func (s *store) goodEntries(j *judgement, removals map[Identity][]*removal) map[Identity]goodness {
	var all []*entry
	for _, r := range s.records {
		if r.first != nil {
			all = append(all, r.first)
		}
		if r.latest != nil && r.latest != r.first {
			all = append(all, r.latest)
		}
	}
	slices.SortFunc(all, func(a, b *entry) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	j.place[s.room.Opener] = 0
	good := make(map[Identity]goodness)
	users := make(map[[32]byte]map[Identity]bool)
	for _, e := range all {
		if !s.founded(j, removals, e, e.admitter, e.admitterStay) || !s.founded(j, removals, e, e.invitation.Inviter, e.invitation.InviterStay) {
			continue
		}
		latest := s.records[e.identity].latest == e
		name := e.invitation.name
		if users[name] == nil {
			users[name] = make(map[Identity]bool)
		}
		if !users[name][e.identity] && len(users[name]) >= e.invitation.Uses {
			if latest {
				good[e.identity] = spent
			}
			continue
		}
		users[name][e.identity] = true
		if _, ok := j.place[e.identity]; !ok {
			j.place[e.identity] = e.place
		}
		if latest {
			good[e.identity] = founded
		}
	}
	return good
}

// founded reports whether somebody could let another in, or invite him.
func (s *store) founded(j *judgement, removals map[Identity][]*removal, e *entry, by Identity, stay uint32) bool {
	place, ok := j.place[by]
	return ok && place < e.place && !s.voided(removals[by], by, stay, e.identity)
}

// standing is rule 4, but for the capacity.
func (s *store) standing(j *judgement, r *record, good map[Identity]goodness) Standing {
	opener := r.identity == s.room.Opener
	switch {
	case j.barred[r.identity]:
		return Removed
	case !opener && good[r.identity] == spent:
		return UsedUp
	case !opener && good[r.identity] != founded, r.card == nil:
		return Stranger
	case !opener && r.card.at.stay != r.latest.stay:
		return Left // between two stays: the card is of the last one
	case r.card.left:
		return Left
	case r.lapsed() && !s.heard[r.identity]:
		return Lapsed
	}
	return Present
}

// need marks a record and those by whom its entries came about.
func (j *judgement) need(s *store, r *record) {
	if r == nil || j.needed[r.identity] {
		return
	}
	j.needed[r.identity] = true
	for _, e := range []*entry{r.first, r.latest} {
		if e != nil {
			j.need(s, s.records[e.admitter])
			j.need(s, s.records[e.invitation.Inviter])
		}
	}
}

// evidence is all that the standing of somebody follows from.
func (s *store) evidence(r *record) []*record {
	j := &judgement{needed: make(map[Identity]bool)}
	j.need(s, r)
	var all []*record
	for _, id := range s.sorted() {
		if j.needed[id] {
			all = append(all, s.records[id])
		}
	}
	return all
}
