package room

import (
	"bytes"
	"cmp"
	"crypto"
	"encoding/binary"
	"time"
)

// acceptance is a newcomer's word that he comes by an invitation: nobody can say of somebody else who has invited him. 315 bytes:
//
//	0    type 2, version 1
//	2    identity, 32
//	34   stay, 4: from 1, one more each time that he comes back after his last one has ended
//	38   invitation, 213
//	251  signature of the newcomer, 64
type acceptance struct {
	identity   Identity
	stay       uint32
	invitation Invitation
	raw        []byte
}

const acceptanceSize = headSize + identitySize + 4 + invitationSize + signatureSize

func accept(key crypto.Signer, identity Identity, stay uint32, i Invitation) (acceptance, error) {
	b := append([]byte{typeAcceptance, version}, identity[:]...)
	b = binary.BigEndian.AppendUint32(b, stay)
	raw, err := seal(key, acceptanceContext, append(b, i.raw...))
	if err != nil {
		return acceptance{}, err
	}
	return parseAcceptance(raw)
}

// parseAcceptance decodes an acceptance and its invitation. It does not check the signatures.
func parseAcceptance(raw []byte) (acceptance, error) {
	r, err := readDocument(raw, typeAcceptance, acceptanceSize, acceptanceSize)
	if err != nil {
		return acceptance{}, err
	}
	a := acceptance{identity: readIdentity(r), stay: readStay(r), raw: bytes.Clone(raw)}
	if a.invitation, err = parseInvitation(r.Rest()); err != nil {
		return acceptance{}, err
	}
	if !a.invitation.isFor(a.identity) || a.stay < a.invitation.FromStay {
		return acceptance{}, ErrDocument
	}
	return a, nil
}

func (a acceptance) verify() error {
	if err := sealed(a.identity, acceptanceContext, a.raw); err != nil {
		return err
	}
	return a.invitation.verify()
}

// entry is a member's word that he has let somebody in, and the newcomer's place in the room. 433 bytes:
//
//	0    type 3, version 1
//	2    acceptance, 315
//	317  place, 8: above those of all whom the admitter knew to be in the room
//	325  time, 8 (Unix ms, the admitter's clock; to be shown only)
//	333  admitter, 32
//	365  the admitter's stay, 4
//	369  signature of the admitter, 64
type entry struct {
	acceptance
	place        uint64
	time         time.Time
	admitter     Identity
	admitterStay uint32
	raw          []byte
}

const entrySize = headSize + acceptanceSize + 8 + 8 + identitySize + 4 + signatureSize

func (e entry) sign(key crypto.Signer) (*entry, error) {
	b := append([]byte{typeEntry, version}, e.acceptance.raw...)
	b = binary.BigEndian.AppendUint64(b, e.place)
	b = binary.BigEndian.AppendUint64(b, stamp(e.time))
	b = append(b, e.admitter[:]...)
	raw, err := seal(key, entryContext, binary.BigEndian.AppendUint32(b, e.admitterStay))
	if err != nil {
		return nil, err
	}
	return parseEntry(raw)
}

// parseEntry decodes an entry with all that it holds. It does not check the signatures.
func parseEntry(raw []byte) (*entry, error) {
	r, err := readDocument(raw, typeEntry, entrySize, entrySize)
	if err != nil {
		return nil, err
	}
	e := entry{raw: bytes.Clone(raw)}
	if e.acceptance, err = parseAcceptance(r.Bytes(acceptanceSize)); err != nil {
		return nil, err
	}
	e.place, e.time, e.admitter, e.admitterStay = r.U64(), readTime(r), readIdentity(r), readStay(r)
	if r.Bad() || e.place < 1 || e.place > maxPlace || e.admitter == e.identity || e.identity == e.invitation.Room.Opener {
		return nil, ErrDocument
	}
	return &e, nil
}

func (e *entry) verify() error {
	if err := sealed(e.admitter, entryContext, e.raw); err != nil {
		return err
	}
	return e.acceptance.verify()
}

// before is the order of entries in the room: by place, and whoever comes in at two doors at once, by the bytes.
func (e *entry) before(other *entry) bool {
	return cmp.Or(cmp.Compare(e.place, other.place), bytes.Compare(e.raw, other.raw)) < 0
}

// newer reports whether e takes the place of other as the last entry of somebody.
func (e *entry) newer(other *entry) bool {
	if e.stay != other.stay {
		return e.stay > other.stay
	}
	return e.before(other)
}
