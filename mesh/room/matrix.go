package room

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/sha256"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// Matrix is who hears whom, as the members report it. Every member holds one; it is a state machine like Roster, and not safe for
// concurrent use.
//
//	message, err := m.Report(now, incarnation, links, carries) // to all who are linked
//	pass, err := m.Handle(now, members, message)               // to pass.To, who may not hear its author
//	r.Tick(now, func(who Identity) bool { return m.Heard(now, who) })
//	for pair, carrier := range m.Carriers(now, members) { … }  // the same at all members
type Matrix struct {
	room     ID
	key      crypto.Signer
	self     Identity
	sequence uint32
	rows     map[Identity]row
	doubts   [][16]byte // of our next report
}

// row is the newest report of a member.
type row struct {
	report
	at time.Time // when it came
}

// Pair are two members, the smaller identity first.
type Pair [2]Identity

// PairOf is the pair of two members.
func PairOf(a, b Identity) Pair {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return Pair{a, b}
}

// NewMatrix makes an empty one.
func NewMatrix(room ID, key crypto.Signer) (*Matrix, error) {
	self, err := trust.IdentityOf(key)
	return &Matrix{room: room, key: key, self: self, rows: make(map[Identity]row)}, err
}

// Report notes our own links and makes the message that tells of them: whenever a state changes, and every ReportEvery. carries is
// for how many pairs of others we would carry, 0 to MaxCarried; incarnation that of our card.
func (m *Matrix) Report(now time.Time, incarnation uint64, links map[Identity]Link, carries int) ([]byte, error) {
	m.sequence++
	r := report{
		room: m.room, author: m.self, incarnation: incarnation, sequence: m.sequence,
		carries: max(0, min(carries, MaxCarried)), links: make(map[[8]byte]Link), doubts: m.doubts,
	}
	for who, l := range links {
		if who != m.self && len(r.links) < MaxMembers-1 {
			r.links[[8]byte(who[:8])] = l
		}
	}
	raw, err := r.sign(m.key)
	if err != nil {
		return nil, err
	}
	parsed, err := parseReport(raw) // with what the rounding leaves
	if err != nil {
		return nil, err
	}
	m.rows[m.self] = row{parsed, now}
	return raw, nil
}

// Doubts says whom our reports are to doubt from now on, at most MaxDoubts, and whether that is something new.
func (m *Matrix) Doubts(all []Doubt) (changed bool) {
	var short [][16]byte
	for _, d := range all[:min(len(all), MaxDoubts)] {
		short = append(short, d.short())
	}
	slices.SortFunc(short, func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
	changed = !slices.Equal(short, m.doubts)
	m.doubts = short
	return changed
}

// doubted reports whether one of two does not want to be carried by somebody.
func (m *Matrix) doubted(now time.Time, p Pair, c Identity) bool {
	for i, by := range p {
		r, ok := m.rows[by]
		if ok && (by == m.self || now.Sub(r.at) <= reportLife) && slices.Contains(r.doubts, Doubt{With: p[1-i], Carrier: c}.short()) {
			return true
		}
	}
	return false
}

// Handle takes a report, from whomever it comes. It is to be passed on, as it is, to those of pass.To who are linked with us: by
// their reports they and its author do not both hear each other. (Who is heard and hears nothing cannot say much either.) ErrStranger for one by nobody in the room; nothing for an old one.
func (m *Matrix) Handle(now time.Time, members []Member, raw []byte) (pass Send, err error) {
	r, err := parseReport(raw)
	if err != nil {
		return Send{}, err
	}
	if r.room != m.room {
		return Send{}, ErrOther
	}
	author := slices.IndexFunc(members, func(o Member) bool { return o.Identity == r.author })
	if r.author == m.self || author < 0 {
		return Send{}, ErrStranger
	}
	// An incarnation that he does not have: none could ever follow it.
	if r.incarnation > members[author].Incarnation {
		return Send{}, ErrStranger
	}
	if held, ok := m.rows[r.author]; ok && r.compare(held.report) <= 0 {
		return Send{}, nil
	}
	if err := sealed(r.author, reportContext, raw); err != nil {
		return Send{}, err
	}
	for who := range m.rows { // of members only, so there are at most MaxMembers
		if who != m.self && !slices.ContainsFunc(members, func(o Member) bool { return o.Identity == who }) {
			delete(m.rows, who)
		}
	}
	m.rows[r.author] = row{r, now}
	pass.Message = bytes.Clone(raw)
	for _, o := range members {
		if o.Identity != m.self && o.Identity != r.author && !m.Hear(now, o.Identity, r.author) && m.Link(now, m.self, o.Identity).State == Up {
			pass.To = append(pass.To, o.Identity)
		}
	}
	return pass, nil
}

// Link is what one member says about his session with another: NoLink if he says nothing, or has said nothing for long.
func (m *Matrix) Link(now time.Time, by, with Identity) Link {
	r, ok := m.rows[by]
	if !ok || by != m.self && now.Sub(r.at) > reportLife {
		return Link{}
	}
	return r.links[[8]byte(with[:8])]
}

// Reported is when the newest report of a member has come; zero: none has.
func (m *Matrix) Reported(by Identity) time.Time { return m.rows[by].at }

// Hear reports whether both hear each other, directly.
func (m *Matrix) Hear(now time.Time, a, b Identity) bool {
	return m.Link(now, a, b).State == Up && m.Link(now, b, a).State == Up
}

// Heard reports whether anybody else hears a member, directly or by way of another: what Roster.Tick wants to know.
func (m *Matrix) Heard(now time.Time, who Identity) bool {
	for by := range m.rows {
		if s := m.Link(now, by, who).State; by != who && (s == Up || s == Carried) {
			return true
		}
	}
	return false
}

// Missing are the pairs of members who do not both hear each other and of whom one has lost, or not got, the other: what is worth
// showing, and worth carrying. In the order of their identities.
func (m *Matrix) Missing(now time.Time, members []Identity) []Pair {
	var missing []Pair
	for i, a := range members {
		for _, b := range members[i+1:] {
			ab, ba := m.Link(now, a, b).State, m.Link(now, b, a).State
			broken := func(s LinkState) bool { return s == Broken || s == Carried }
			if !m.Hear(now, a, b) && (broken(ab) || broken(ba)) {
				missing = append(missing, PairOf(a, b))
			}
		}
	}
	slices.SortFunc(missing, func(a, b Pair) int { return cmp.Or(a[0].Compare(b[0]), a[1].Compare(b[1])) })
	return missing
}

// Carriers says who passes on the (end-to-end encrypted) packets of which broken link. It is a function of the reports alone, so
// all members who hold the same choose the same: for each pair in order, the member who hears both, is willing, and of
// whose willingness (for how many pairs) the least is taken then; among equals the one whom a hash of the three names, so that the load is spread and a change elsewhere
// seldom moves it. Whom one of the two doubts does not carry for them. Pairs that nobody can carry are left out.
func (m *Matrix) Carriers(now time.Time, members []Identity) map[Pair]Identity {
	return m.CarriersBut(now, members, Doubt{})
}

// CarriersBut is Carriers as it would be if we had another doubt.
func (m *Matrix) CarriersBut(now time.Time, members []Identity, but Doubt) map[Pair]Identity {
	carriers := make(map[Pair]Identity)
	load := make(map[Identity]int)
	for _, p := range m.Missing(now, members) {
		var best Identity
		var bestHash [32]byte
		found := false
		for _, c := range members {
			if c == p[0] || c == p[1] || load[c] >= m.rows[c].carries || !m.Hear(now, c, p[0]) || !m.Hear(now, c, p[1]) ||
				m.doubted(now, p, c) || c == but.Carrier && p == PairOf(m.self, but.With) {
				continue
			}
			h := carrierHash(p, c)
			if !found || cmp.Or(cmp.Compare((load[c]+1)*m.rows[best].carries, (load[best]+1)*m.rows[c].carries), bytes.Compare(h[:], bestHash[:])) < 0 {
				best, bestHash, found = c, h, true
			}
		}
		if found {
			carriers[p] = best
			load[best]++
		}
	}
	return carriers
}

func carrierHash(p Pair, c Identity) [32]byte {
	return sha256.Sum256(slices.Concat(p[0][:], p[1][:], c[:]))
}
