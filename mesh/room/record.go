package room

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"sundog.dev/sundog/mesh/internal/octets"
)

// record is all that a room remembers of one person. Each field keeps the greatest of the documents that it has been shown, in
// an order that depends on the documents alone: merging is commutative, associative and idempotent, and nothing old comes back.
type record struct {
	identity Identity
	first    *entry   // the one with the lowest place: where he stands among those who let others in; nil for the opener
	latest   *entry   // the one of the highest stay
	card     *card    // the newest
	banned   *removal // by the opener
	removed  *removal // by an inviter
	lapse    *lapse   // of the newest card that he is said to be unheard with; never beyond his card

	raw []byte  // the encoded record; nil: to be made
	sum [8]byte // its hash
}

// addEntry and the others take a document that has been verified, and report whether it is news.
func (r *record) addEntry(e *entry) bool {
	news := false
	if r.first == nil || e.before(r.first) {
		r.first, news = e, true
	}
	if r.latest == nil || e.newer(r.latest) {
		r.latest, news = e, true
	}
	return r.touched(news)
}

func (r *record) addCard(c *card) bool {
	if r.card != nil && !c.newer(r.card) {
		return false
	}
	r.card = c
	return r.touched(true)
}

func (r *record) addRemoval(m *removal, opener Identity) bool {
	which := &r.removed
	if m.remover == opener {
		which = &r.banned
	}
	if *which != nil && !m.newer(*which) {
		return false
	}
	*which = m
	return r.touched(true)
}

// addLapse refuses what lies ahead of the card: it would outlast any answer of the one who is meant.
func (r *record) addLapse(l *lapse) bool {
	if r.card == nil || l.at.compare(r.card.at) > 0 || r.lapse != nil && !l.newer(r.lapse) {
		return false
	}
	r.lapse = l
	return r.touched(true)
}

func (r *record) touched(news bool) bool {
	if news {
		r.raw = nil
	}
	return news
}

// lapsed reports whether he is written off and has not answered.
func (r *record) lapsed() bool {
	return r.lapse != nil && r.card != nil && r.lapse.at.compare(r.card.at) >= 0
}

// clone is a copy to try something on.
func (r *record) clone() *record {
	c := *r
	c.raw = nil
	return &c
}

// encode is the record in a message:
//
//	identity, 32
//	first entry, latest entry (empty: the same), card, removal by the opener, by an inviter, lapse: each behind its length, 2
func (r *record) encode() []byte {
	if r.raw != nil {
		return r.raw
	}
	b := append([]byte(nil), r.identity[:]...)
	var docs [6][]byte
	if r.first != nil {
		docs[0] = r.first.raw
	}
	if r.latest != nil && r.latest != r.first && !bytes.Equal(r.latest.raw, r.first.raw) {
		docs[1] = r.latest.raw
	}
	if r.card != nil {
		docs[2] = r.card.raw
	}
	if r.banned != nil {
		docs[3] = r.banned.raw
	}
	if r.removed != nil {
		docs[4] = r.removed.raw
	}
	if r.lapse != nil {
		docs[5] = r.lapse.raw
	}
	for _, d := range docs {
		b = octets.AppendLong(b, d)
	}
	sum := sha256.Sum256(b)
	r.raw = b
	copy(r.sum[:], sum[:])
	return b
}

// hash tells whether two members remember the same of somebody.
func (r *record) hash() [8]byte {
	r.encode()
	return r.sum
}

// mergeRecord takes an encoded record. Documents that are there already are not looked at again; the others are verified. One
// that is refused spoils only itself: the error tells of the last.
func (s *store) mergeRecord(b []byte) (who Identity, news bool, err error) {
	in := octets.NewReader(b)
	who = readIdentity(in)
	var docs [6][]byte
	for i := range docs {
		docs[i] = in.Long(maxRecord)
	}
	if in.Bad() || in.Len() > 0 {
		return Identity{}, false, ErrMessage
	}
	if err := who.Check(); err != nil {
		return Identity{}, false, err
	}
	r, known := s.records[who]
	if !known {
		r = &record{identity: who}
	}
	for i, d := range docs {
		if len(d) == 0 || r.holds(d) {
			continue
		}
		added, e := s.addDocument(r, i, d)
		if e != nil {
			err = e
		}
		news = news || added
	}
	if !known && news {
		s.records[who] = r
	}
	return who, news, err
}

// holds reports whether a document is part of the record.
func (r *record) holds(raw []byte) bool {
	return r.first != nil && bytes.Equal(r.first.raw, raw) || r.latest != nil && bytes.Equal(r.latest.raw, raw) ||
		r.card != nil && bytes.Equal(r.card.raw, raw) || r.lapse != nil && bytes.Equal(r.lapse.raw, raw) ||
		r.banned != nil && bytes.Equal(r.banned.raw, raw) || r.removed != nil && bytes.Equal(r.removed.raw, raw)
}

// addDocument decodes and verifies the document at a place of a record, and adds it.
func (s *store) addDocument(r *record, place int, raw []byte) (news bool, err error) {
	switch place {
	case 0, 1:
		e, err := parseEntry(raw)
		if err != nil {
			return false, err
		}
		return s.addEntry(r, e)
	case 2:
		c, err := parseCard(raw)
		if err != nil {
			return false, err
		}
		return s.addCard(r, c)
	case 3, 4:
		m, err := parseRemoval(raw)
		if err != nil {
			return false, err
		}
		return s.addRemoval(r, m)
	default:
		l, err := parseLapse(raw)
		if err != nil {
			return false, err
		}
		return s.addLapse(r, l)
	}
}

// The following verify a document and add it to the record of whom it is about.

func (s *store) addEntry(r *record, e *entry) (bool, error) {
	if e.invitation.Room != s.room || e.identity != r.identity {
		return false, fmt.Errorf("entry: %w", ErrOther)
	}
	if err := e.verify(); err != nil {
		return false, fmt.Errorf("entry: %w", err)
	}
	return r.addEntry(e), nil
}

func (s *store) addCard(r *record, c *card) (bool, error) {
	if c.room != s.id || c.identity != r.identity {
		return false, fmt.Errorf("card: %w", ErrOther)
	}
	if r.card != nil && !c.newer(r.card) {
		return false, nil
	}
	if err := c.verify(); err != nil {
		return false, fmt.Errorf("card: %w", err)
	}
	return r.addCard(c), nil
}

func (s *store) addRemoval(r *record, m *removal) (bool, error) {
	if m.room != s.id || m.target != r.identity {
		return false, fmt.Errorf("removal: %w", ErrOther)
	}
	if err := m.verify(s.room.Opener); err != nil {
		return false, fmt.Errorf("removal: %w", err)
	}
	return r.addRemoval(m, s.room.Opener), nil
}

func (s *store) addLapse(r *record, l *lapse) (bool, error) {
	if l.room != s.id || l.target != r.identity {
		return false, fmt.Errorf("lapse: %w", ErrOther)
	}
	if err := l.verify(); err != nil {
		return false, fmt.Errorf("lapse: %w", err)
	}
	return r.addLapse(l), nil
}
