package room

import (
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Bundle is an invitation together with what shows that the inviter is in the room: the entries from him back to the opener. They
// may be missing; then the room tells in the end. It travels in a link, or to somebody with whom a session is open.
type Bundle struct {
	Invitation Invitation
	chain      []*entry // the inviter's entry first
}

// InviteOptions are what an invitation says.
type InviteOptions struct {
	For  Identity      // zero: whoever holds it
	Life time.Duration // to MaxInvitationLife
	Uses int           // how many people; 0: 1
}

// Invite makes an invitation of ours. ErrNotAllowed for somebody who has been removed by others than ourselves, unless we opened
// the room.
func (r *Roster) Invite(now time.Time, o InviteOptions) (Bundle, error) {
	if o.Uses == 0 {
		o.Uses = 1
	}
	switch {
	case r.state != In:
		return Bundle{}, ErrNotIn
	case o.Life < time.Second || o.Life > MaxInvitationLife || o.Uses < 1 || o.Uses > MaxUses:
		return Bundle{}, ErrLife
	}
	i := Invitation{
		Room: r.store.room, Inviter: r.self, InviterStay: r.at.stay, For: o.For, FromStay: 1,
		Issued: now, Expires: now.Add(o.Life), Uses: o.Uses,
	}
	if gone := r.store.records[o.For]; gone != nil {
		for _, m := range []*removal{gone.banned, gone.removed} {
			if m == nil {
				continue
			}
			if r.self != r.store.room.Opener && r.self != m.remover {
				return Bundle{}, ErrNotAllowed
			}
			i.FromStay = max(i.FromStay, m.stay+1)
		}
	}
	if _, err := io.ReadFull(r.cfg.Random, i.Nonce[:]); err != nil {
		return Bundle{}, fmt.Errorf("room: random numbers: %w", err)
	}
	i, err := i.sign(r.cfg.Key)
	if err != nil {
		return Bundle{}, err
	}
	return Bundle{Invitation: i, chain: r.chain()}, nil
}

// chain are the entries from ours back to the opener; none if there are too many.
func (r *Roster) chain() []*entry {
	var chain []*entry
	for who := r.self; who != r.store.room.Opener; {
		held := r.store.records[who]
		if held == nil || held.first == nil || len(chain) == maxChain {
			return nil
		}
		chain = append(chain, held.first)
		who = held.first.invitation.Inviter
	}
	return chain
}

// Chained reports whether the invitation shows by itself that the inviter came into the room by the opener's word.
func (b Bundle) Chained() bool {
	return b.Invitation.Inviter == b.Invitation.Room.Opener || len(b.chain) > 0
}

// Verify checks all signatures and that they lead to the opener: ErrChain. It does not look at the time.
func (b Bundle) Verify() error {
	if b.Invitation.raw == nil {
		return ErrChain
	}
	if err := b.Invitation.verify(); err != nil {
		return err
	}
	who := b.Invitation.Inviter
	for _, e := range b.chain {
		if e.identity != who || e.invitation.Room != b.Invitation.Room {
			return ErrChain
		}
		if err := e.verify(); err != nil {
			return err
		}
		who = e.invitation.Inviter
	}
	if len(b.chain) > 0 && who != b.Invitation.Room.Opener {
		return ErrChain
	}
	return nil
}

// Append writes the bundle: the invitation, the number of entries, the entries.
func (b Bundle) Append(to []byte) []byte {
	to = append(to, b.Invitation.raw...)
	to = append(to, byte(len(b.chain)))
	for _, e := range b.chain {
		to = append(to, e.raw...)
	}
	return to
}

// ParseBundle reads what Append has written; what follows is ignored. It does not check the signatures: Verify does.
func ParseBundle(raw []byte) (Bundle, error) {
	if len(raw) <= invitationSize {
		return Bundle{}, ErrDocument
	}
	i, err := parseInvitation(raw[:invitationSize])
	if err != nil {
		return Bundle{}, err
	}
	b := Bundle{Invitation: i}
	n, rest := int(raw[invitationSize]), raw[invitationSize+1:]
	if n > maxChain || len(rest) < n*entrySize {
		return Bundle{}, ErrDocument
	}
	for part := range slices.Chunk(rest[:n*entrySize], entrySize) {
		e, err := parseEntry(part)
		if err != nil {
			return Bundle{}, err
		}
		b.chain = append(b.chain, e)
	}
	return b, nil
}

// MaxText bounds an invitation in text form, in bytes. A link has 2048 at most, a fifth of which its other parts may need.
const MaxText = 1600

// Text is the invitation as the value of a link's parameter "room" (sundog:NAME?…&room=TEXT): letters, digits, - and _, at most MaxText of
// them. A chain that is too long for that is left out.
func (b Bundle) Text() string {
	text := base64.RawURLEncoding.EncodeToString(b.Append(nil))
	if len(text) > MaxText {
		text = base64.RawURLEncoding.EncodeToString(Bundle{Invitation: b.Invitation}.Append(nil))
	}
	return text
}

// ParseText reads an invitation from a link and checks its signatures; white space and line breaks in it are ignored, since mail
// programs add some. ErrText if it is none, ErrVersion if a later version made it, ErrSignature or ErrChain if somebody has changed it.
func ParseText(text string) (Bundle, error) {
	if len(text) > 2*MaxText {
		return Bundle{}, ErrText
	}
	text = strings.Join(strings.Fields(text), "")
	if len(text) > MaxText {
		return Bundle{}, ErrText
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return Bundle{}, ErrText
	}
	b, err := ParseBundle(raw)
	if err != nil {
		return Bundle{}, fmt.Errorf("%w: %w", ErrText, err)
	}
	return b, b.Verify()
}
