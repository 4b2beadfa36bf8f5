package room

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Invitation is a member's word that somebody may come in: 213 bytes,
//
//	0    type 1, version 1
//	2    the room's opener 32, capacity 1, salt 16
//	51   inviter, 32
//	83   the inviter's stay, 4
//	87   whom it is for, 32; zeros: whoever holds it
//	119  the first stay that it is good for, 4: above that of a removal only if it was made in knowledge of it
//	123  issued, 8 (Unix ms)
//	131  expires, 8 (Unix ms)
//	139  uses, 2: how many people it lets in
//	141  nonce, 8
//	149  signature of the inviter, 64
type Invitation struct {
	Room        Descriptor
	Inviter     Identity
	InviterStay uint32
	For         Identity // zero: whoever holds it
	FromStay    uint32
	Issued      time.Time
	Expires     time.Time
	Uses        int
	Nonce       [8]byte

	raw  []byte
	name [32]byte // names the invitation, for the count of its uses
}

const invitationSize = headSize + descriptorSize + identitySize + 4 + identitySize + 4 + 8 + 8 + 2 + 8 + signatureSize

func (i Invitation) sign(key crypto.Signer) (Invitation, error) {
	b := i.Room.append([]byte{typeInvitation, version})
	b = append(b, i.Inviter[:]...)
	b = binary.BigEndian.AppendUint32(b, i.InviterStay)
	b = append(b, i.For[:]...)
	b = binary.BigEndian.AppendUint32(b, i.FromStay)
	b = binary.BigEndian.AppendUint64(b, stamp(i.Issued))
	b = binary.BigEndian.AppendUint64(b, stamp(i.Expires))
	b = binary.BigEndian.AppendUint16(b, uint16(i.Uses))
	raw, err := seal(key, invitationContext, append(b, i.Nonce[:]...))
	if err != nil {
		return Invitation{}, err
	}
	return parseInvitation(raw)
}

// parseInvitation decodes an invitation. It does not check the signature.
func parseInvitation(raw []byte) (Invitation, error) {
	r, err := readDocument(raw, typeInvitation, invitationSize, invitationSize)
	if err != nil {
		return Invitation{}, err
	}
	i := Invitation{
		Room: readDescriptor(r), Inviter: readIdentity(r), InviterStay: readStay(r),
		For: readIdentity(r), FromStay: readStay(r), Issued: readTime(r), Expires: readTime(r), Uses: int(r.U16()),
		raw: bytes.Clone(raw),
	}
	r.Copy(i.Nonce[:])
	if life := i.Expires.Sub(i.Issued); r.Bad() || life <= 0 || life > MaxInvitationLife || i.Uses < 1 || i.Uses > MaxUses {
		return Invitation{}, ErrDocument
	}
	i.name = sha256.Sum256(i.raw)
	return i, nil
}

func (i Invitation) verify() error { return sealed(i.Inviter, invitationContext, i.raw) }

// Open reports whether the invitation is for whoever holds it.
func (i Invitation) Open() bool { return i.For == Identity{} }

func (i Invitation) isFor(who Identity) bool { return (i.Open() || i.For == who) && who != i.Inviter }
