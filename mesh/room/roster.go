package room

import (
	"crypto"
	"crypto/rand"
	"io"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// Config is what a Roster needs to know.
type Config struct {
	Key     crypto.Signer // our identity key
	Details Details
	Random  io.Reader // nil: the system's
}

// Send is a message and to whom it goes; those of them who are not linked any more are left out.
type Send = trust.Send

// State is where we stand with the room.
type State int

// The states.
const (
	Joining State = iota // waiting for a member to let us in
	In
	Out // for good: the reason says why
)

// Roster is one member's side of a room. It is a state machine without a clock or a link: every method returns what is now to be
// sent. It is not safe for concurrent use.
type Roster struct {
	cfg    Config
	self   Identity
	store  *store
	judged *judgement // nil: to be made
	ticket Bundle     // what we came by, and could come back by

	state   State
	reason  Reason
	at      moment // of our card; stay 0: none yet
	changed uint64

	links     map[Identity]*link
	silent    map[Identity]time.Time // members whom nobody hears, since when
	overSince time.Time              // zero: we are not one too many
	refuteAt  time.Time              // zero: there is nothing to refute
	refuted   time.Time              // when we last did
	digestAt  time.Time
	joinAt    time.Time
	tokens    float64 // of newcomers that may be let in
	tokensAt  time.Time
	out       []Send
}

// link is a proved session with somebody.
type link struct {
	peer         trust.Member
	toldAt       time.Time // until when he, no member, is not told so again
	answeredAt   time.Time // until when he is not answered again who showed what does not make him one
	introducedAt time.Time // until when we do not introduce ourselves to him again
	compared     [2][16]byte
	comparedAt   time.Time
	going        moment    // of his card when he said that he goes; stay 0: he has not
	goneTill     time.Time // so long that counts without a card that says so
}

// Open opens a room of our own for so many members at most: maxPeerConnections + 1.
func Open(now time.Time, cfg Config, capacity int) (*Roster, error) {
	r, err := newRoster(cfg)
	if err != nil {
		return nil, err
	}
	d, err := newDescriptor(r.self, capacity, r.cfg.Random)
	if err != nil {
		return nil, err
	}
	r.store = newStore(d)
	r.store.heard[r.self] = true
	r.state = In
	if err := r.writeCard(now, moment{1, stamp(now), 1}, false, None); err != nil {
		return nil, err
	}
	r.ticket, err = r.Invite(now, InviteOptions{For: r.self, Life: MaxInvitationLife})
	return r, err
}

// Join begins to come in by an invitation: Linked with any member sends what is needed. ErrChain for an invitation whose
// signatures are wrong, ErrNotAllowed for one that is for somebody else.
func Join(now time.Time, cfg Config, by Bundle) (*Roster, error) {
	r, err := newRoster(cfg)
	if err != nil {
		return nil, err
	}
	if err := by.Verify(); err != nil {
		return nil, err
	}
	if r.self != by.Invitation.Room.Opener && !by.Invitation.isFor(r.self) {
		return nil, ErrNotAllowed
	}
	r.store, r.ticket, r.joinAt = newStore(by.Invitation.Room), by, now
	r.store.heard[r.self] = true
	r.at = moment{stay: by.Invitation.FromStay, incarnation: stamp(now), version: 1}
	return r, nil
}

func newRoster(cfg Config) (*Roster, error) {
	self, err := trust.IdentityOf(cfg.Key)
	if err != nil {
		return nil, err
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if err := cfg.Details.check(); err != nil {
		return nil, err
	}
	return &Roster{
		cfg: cfg, self: self, links: make(map[Identity]*link), silent: make(map[Identity]time.Time), tokens: joinsBurst,
	}, nil
}

// Room is what never changes about the room.
func (r *Roster) Room() Descriptor { return r.store.room }

// Self is our identity.
func (r *Roster) Self() Identity { return r.self }

// State is where we stand, and of Out the reason.
func (r *Roster) State() (State, Reason) { return r.state, r.reason }

// Ticket is what to keep for coming back after a crash: Join with it takes the same place, while it is held.
func (r *Roster) Ticket() Bundle { return r.ticket }

// Changed is another number whenever members or standings may have changed.
func (r *Roster) Changed() uint64 { return r.changed }

// Members are those who are in, ourselves included, in the order of their places. All members see the same once news has gone round.
func (r *Roster) Members() []Member { return slices.Clone(r.judge().members) }

// Lapsed are those who were members until nobody heard them any more. They are worth dialling for some time: after a split each
// side has written off the other.
func (r *Roster) Lapsed() []Member { return slices.Clone(r.judge().lapsed) }

// Standing is what the room thinks of somebody.
func (r *Roster) Standing(who Identity) Standing { return r.judge().standing[who] }

// Incarnation is that of somebody's newest card that we hold, or of our own; 0: there is none.
func (r *Roster) Incarnation(who Identity) uint64 {
	if who == r.self {
		return r.at.incarnation
	}
	if held := r.store.records[who]; held != nil && held.card != nil {
		return held.card.at.incarnation
	}
	return 0
}

// ShortStringMembers are the members as trust.Exchange's SetRoster takes them.
func (r *Roster) ShortStringMembers() []trust.Member {
	var all []trust.Member
	for _, m := range r.judge().members {
		all = append(all, trust.Member{Identity: m.Identity, PeerID: m.PeerID})
	}
	return all
}

// Silent reports whether nobody hears a member at present, as the last Tick was told, and since when.
func (r *Roster) Silent(who Identity) (since time.Time, silent bool) {
	since, silent = r.silent[who]
	return since, silent
}

// MayRemove reports whether our Remove of a member would count.
func (r *Roster) MayRemove(who Identity) bool {
	held := r.store.records[who]
	return r.state == In && held != nil && who != r.self && who != r.store.room.Opener &&
		(r.self == r.store.room.Opener || held.latest != nil && held.latest.invitation.Inviter == r.self)
}

// Linked tells that a session with somebody has been proved, by whom and with which peer ID: a member, a newcomer, or the member
// whom we ask to let us in.
func (r *Roster) Linked(now time.Time, peer trust.Member) []Send {
	if peer.Identity == r.self {
		return nil
	}
	r.links[peer.Identity] = &link{peer: peer}
	switch r.state {
	case Joining:
		r.askToJoin(now, peer.Identity)
	case In:
		r.introduce(peer.Identity)
		if r.belongs(peer.Identity) {
			r.send(peer.Identity, r.store.digestMessage())
		}
	}
	return r.take()
}

// Goodbye tells that a member has said in his session that he goes. The card in which he says so to all may come a little later, since it
// travels in another flow; his seat is the next one's from now on, who has overGrace until the card must be there.
func (r *Roster) Goodbye(now time.Time, who Identity) {
	if l, held := r.links[who], r.store.records[who]; l != nil && held != nil && held.card != nil {
		l.going, l.goneTill = held.card.at, now.Add(overGrace)
	}
}

// Unlinked tells that the session is no more. It does not matter for the room by itself.
func (r *Roster) Unlinked(who Identity) { delete(r.links, who) }

// Update changes our details: another address, name or service.
func (r *Roster) Update(now time.Time, d Details) ([]Send, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	r.cfg.Details = d
	if r.state != In {
		return nil, nil
	}
	next := r.at
	next.version++
	err := r.writeCard(now, next, false, None)
	r.broadcast(r.self)
	return r.take(), err
}

// Leave goes. What it returns should still be sent.
func (r *Roster) Leave(now time.Time) []Send {
	if r.state == In {
		r.leave(now, Hangup)
	} else if r.state == Joining {
		r.end(Hangup)
	}
	return r.take()
}

// LastWord are messages that tell a member what has become of us, for one who did not hear it when it was said.
func (r *Roster) LastWord() [][]byte {
	return r.store.recordsMessages([]*record{r.store.record(r.self)})
}

// leave writes a last card and ends.
func (r *Roster) leave(now time.Time, why Reason) {
	next := r.at
	next.version++
	if err := r.writeCard(now, next, true, why); err == nil {
		r.broadcast(r.self)
	}
	r.end(why)
}

func (r *Roster) end(why Reason) {
	r.state, r.reason = Out, why
	r.overSince, r.refuteAt = time.Time{}, time.Time{}
	r.changed++
}

// writeCard signs our next card and puts it in the store.
func (r *Roster) writeCard(now time.Time, at moment, left bool, why Reason) error {
	c, err := r.makeCard(now, at, left, why)
	if err != nil {
		return err
	}
	if r.store.record(r.self).addCard(c) {
		r.touch()
	}
	r.at = at
	return nil
}

func (r *Roster) makeCard(now time.Time, at moment, left bool, why Reason) (*card, error) {
	return card{
		room: r.store.id, identity: r.self, at: at, left: left, reason: why, time: now, details: r.cfg.Details,
	}.sign(r.cfg.Key)
}

// touch notes that the store has changed.
func (r *Roster) touch() {
	r.judged = nil
	r.changed++
}

func (r *Roster) judge() *judgement {
	if r.judged == nil {
		r.judged = r.store.judge()
	}
	return r.judged
}

// belongs reports whether somebody may exchange records with us: he was let in, and not taken out.
func (r *Roster) belongs(who Identity) bool { return mayExchange(r.judge().standing[who]) }

func mayExchange(s Standing) bool {
	switch s {
	case Present, Over, Lapsed, Left:
		return true
	}
	return false
}

// broadcast sends what we hold of some people to all who belong to the room, but not back to whom it comes from.
func (r *Roster) broadcast(about Identity, except ...Identity) {
	held := r.store.records[about]
	if held == nil {
		return
	}
	for _, m := range r.store.recordsMessages([]*record{held}) {
		var to []Identity
		for who := range r.links {
			if !slices.Contains(except, who) && (r.belongs(who) || who == about) {
				to = append(to, who)
			}
		}
		if len(to) > 0 {
			slices.SortFunc(to, Identity.Compare)
			r.out = append(r.out, Send{To: to, Message: m})
		}
	}
}

func (r *Roster) send(to Identity, messages ...[]byte) {
	for _, m := range messages {
		r.out = append(r.out, Send{To: []Identity{to}, Message: m})
	}
}

// take hands over what is to be sent.
func (r *Roster) take() []Send {
	out := r.out
	r.out = nil
	return out
}
