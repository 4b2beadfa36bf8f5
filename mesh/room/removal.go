package room

import (
	"bytes"
	"cmp"
	"crypto"
	"encoding/binary"
	"time"
)

// removal takes somebody out of the room: the word of the opener, or of whoever invited him, who shows the entry that says so.
//
//	0    type 5, version 1
//	2    room, 16
//	18   whom, 32
//	50   stay, 4: that one and all before it have ended
//	54   time, 8 (Unix ms)
//	62   remover, 32
//	94   the remover's stay, 4
//	98   number of those who stay although he invited or admitted them, 1; each: identity, 32
//	…    the entry by which he came: length 2 (0 of the opener's, or 433), entry
//	…    signature of the remover, 64
type removal struct {
	room        ID
	target      Identity
	stay        uint32
	time        time.Time
	remover     Identity
	removerStay uint32
	keep        []Identity
	evidence    *entry // nil: the remover must be the opener
	raw         []byte
}

const (
	removalMin = headSize + 16 + identitySize + 4 + 8 + identitySize + 4 + 1 + 2 + signatureSize
	removalMax = removalMin + (MaxMembers-1)*identitySize + entrySize
)

func (m removal) sign(key crypto.Signer) (*removal, error) {
	b := append([]byte{typeRemoval, version}, m.room[:]...)
	b = append(b, m.target[:]...)
	b = binary.BigEndian.AppendUint32(b, m.stay)
	b = binary.BigEndian.AppendUint64(b, stamp(m.time))
	b = append(b, m.remover[:]...)
	b = binary.BigEndian.AppendUint32(b, m.removerStay)
	b = append(b, byte(len(m.keep)))
	for _, k := range m.keep {
		b = append(b, k[:]...)
	}
	if m.evidence == nil {
		b = append(b, 0, 0)
	} else {
		b = binary.BigEndian.AppendUint16(b, entrySize)
		b = append(b, m.evidence.raw...)
	}
	raw, err := seal(key, removalContext, b)
	if err != nil {
		return nil, err
	}
	return parseRemoval(raw)
}

// parseRemoval decodes a removal. It checks no signature, and not whether the remover may.
func parseRemoval(raw []byte) (*removal, error) {
	r, err := readDocument(raw, typeRemoval, removalMin, removalMax)
	if err != nil {
		return nil, err
	}
	m := &removal{raw: bytes.Clone(raw)}
	r.Copy(m.room[:])
	m.target, m.stay, m.time, m.remover, m.removerStay = readIdentity(r), readStay(r), readTime(r), readIdentity(r), readStay(r)
	for range r.Count(MaxMembers - 1) {
		m.keep = append(m.keep, readIdentity(r))
	}
	if e := r.Long(entrySize); len(e) > 0 {
		if m.evidence, err = parseEntry(e); err != nil {
			return nil, err
		}
		if m.evidence.identity != m.target || m.evidence.stay != m.stay || m.evidence.invitation.Inviter != m.remover ||
			m.evidence.invitation.Room.ID() != m.room {
			return nil, ErrDocument
		}
	}
	if r.Bad() || r.Len() > 0 || m.target == m.remover {
		return nil, ErrDocument
	}
	return m, nil
}

// verify checks the signatures, and that the remover may: in the room of the given opener, who himself cannot be removed.
func (m *removal) verify(opener Identity) error {
	if m.target == opener || m.remover != opener && m.evidence == nil {
		return ErrDocument
	}
	if err := sealed(m.remover, removalContext, m.raw); err != nil {
		return err
	}
	if m.evidence != nil {
		return m.evidence.verify()
	}
	return nil
}

// newer is the order of removals of one member by the opener, and of those by inviters.
func (m *removal) newer(other *removal) bool {
	return cmp.Or(cmp.Compare(m.stay, other.stay), bytes.Compare(m.raw, other.raw)) > 0
}
