package room

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"
	"time"
)

// store is what one member holds of a room.
type store struct {
	room    Descriptor
	id      ID
	records map[Identity]*record
	heard   map[Identity]bool // whom we know to be there, whoever says that he is not
}

func newStore(room Descriptor) *store {
	return &store{room: room, id: room.ID(), records: make(map[Identity]*record), heard: make(map[Identity]bool)}
}

// record is that of somebody, made if there is none.
func (s *store) record(who Identity) *record {
	r := s.records[who]
	if r == nil {
		r = &record{identity: who}
		s.records[who] = r
	}
	return r
}

// with is the store as it would be with another record in it.
func (s *store) with(r *record) *store {
	t := &store{room: s.room, id: s.id, records: maps.Clone(s.records), heard: s.heard}
	t.records[r.identity] = r
	return t
}

// copy is a store to try things on.
func (s *store) copy() *store {
	t := &store{room: s.room, id: s.id, records: make(map[Identity]*record, len(s.records)), heard: s.heard}
	for id, r := range s.records {
		t.records[id] = r.clone()
	}
	return t
}

// sorted are the identities in order.
func (s *store) sorted() []Identity {
	return slices.SortedFunc(maps.Keys(s.records), Identity.Compare)
}

// digest is equal where two members hold the same.
func (s *store) digest() (d [16]byte) {
	h := sha256.New()
	for _, id := range s.sorted() {
		sum := s.records[id].hash()
		h.Write(id[:])
		h.Write(sum[:])
	}
	copy(d[:], h.Sum(nil))
	return d
}

// prune forgets people: those who are gone and could not come back by an old invitation, since it has expired; and, when there are
// too many, the most dispensable. It reports whether it did. What it does depends on the documents and the time alone.
func (s *store) prune(now time.Time, j *judgement) bool {
	before := len(s.records)
	for id, r := range s.records {
		if !j.needed[id] && id != s.room.Opener && r.banned == nil && r.removed == nil && r.expired(now) {
			delete(s.records, id)
		}
	}
	if len(s.records) > MaxRecords {
		order := slices.Collect(maps.Values(s.records))
		slices.SortFunc(order, func(a, b *record) int {
			return cmp.Or(cmp.Compare(s.dispensable(j, a), s.dispensable(j, b)), s.inOrder(a, b))
		})
		for _, r := range order[MaxRecords:] {
			delete(s.records, r.identity)
		}
	}
	return len(s.records) < before
}

// dispensable ranks people for when there are too many: those who hold the room together, those who must be kept out, those who
// have been in it, and the rest.
func (s *store) dispensable(j *judgement, r *record) int {
	_, placed := j.place[r.identity]
	switch {
	case r.identity == s.room.Opener:
		return 0
	case j.needed[r.identity]:
		return 1
	case placed && j.barred[r.identity]:
		return 2
	case placed:
		return 3
	}
	return 4
}

// expired reports whether none of the invitations of somebody's entries can be used any more.
func (r *record) expired(now time.Time) bool {
	for _, e := range []*entry{r.first, r.latest} {
		if e != nil && now.Before(e.invitation.Expires.Add(expirySlack)) {
			return false
		}
	}
	return true
}
