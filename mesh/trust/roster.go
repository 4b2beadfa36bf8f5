package trust

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// CallID is the call or room, as its members have agreed on it.
type CallID [16]byte

// Member is somebody in the call: the identity that his session has proved, and his peer ID. Names play no part.
type Member struct {
	Identity Identity
	PeerID   [32]byte
}

// roster is the members in the order of their identities.
type roster []Member

// newRoster sorts the members and checks that they are a room that self is in.
func newRoster(members []Member, self Identity) (roster, error) {
	if len(members) > MaxMembers {
		return nil, ErrRoster
	}
	r := roster(slices.Clone(members))
	slices.SortFunc(r, func(a, b Member) int { return a.Identity.Compare(b.Identity) })
	for i, m := range r {
		if i > 0 && m.Identity == r[i-1].Identity {
			return nil, ErrRoster
		}
		if err := m.Identity.Check(); err != nil {
			return nil, err
		}
	}
	if len(r) > 0 && !r.has(self) {
		return nil, ErrRoster
	}
	return r, nil
}

func (r roster) has(i Identity) bool {
	return slices.ContainsFunc(r, func(m Member) bool { return m.Identity == i })
}

// without are the identities of all but the given ones.
func (r roster) without(some ...Identity) []Identity {
	var rest []Identity
	for _, m := range r {
		if !slices.Contains(some, m.Identity) {
			rest = append(rest, m.Identity)
		}
	}
	return rest
}

// epoch is SHA-256(call ‖ sorted (identity key ‖ peer ID) of all ‖ attempt). All parts have fixed lengths, so the length tells
// how many members there are.
func (r roster) epoch(call CallID, attempt uint32) Epoch {
	b := append([]byte(nil), call[:]...)
	for _, m := range r {
		b = append(b, m.Identity[:]...)
		b = append(b, m.PeerID[:]...)
	}
	return sha256.Sum256(binary.BigEndian.AppendUint32(b, attempt))
}

// commitment is SHA-256(context ‖ epoch ‖ identity key ‖ r).
func commitment(epoch Epoch, author Identity, r [32]byte) [32]byte {
	b := append([]byte(commitContext), epoch[:]...)
	b = append(b, author[:]...)
	return sha256.Sum256(append(b, r[:]...))
}

// shortString is SHA-256(context ‖ epoch ‖ (identity key ‖ r) of all, sorted).
func (r roster) shortString(epoch Epoch, revealed func(Identity) [32]byte) ShortString {
	b := append([]byte(shortStringContext), epoch[:]...)
	for _, m := range r {
		value := revealed(m.Identity)
		b = append(b, m.Identity[:]...)
		b = append(b, value[:]...)
	}
	return ShortString(sha256.Sum256(b))
}
