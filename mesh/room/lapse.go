package room

import (
	"bytes"
	"cmp"
	"crypto"
	"encoding/binary"
	"time"
)

// lapse is a member's word that nobody hears somebody any more. It holds until the one who is meant shows a newer card, so it is
// worth nothing against somebody who is there. 170 bytes:
//
//	0    type 6, version 1
//	2    room, 16
//	18   whom, 32
//	50   stay, incarnation and version of his last card, 4 + 8 + 4
//	66   time, 8 (Unix ms)
//	74   author, 32
//	106  signature of the author, 64
type lapse struct {
	room   ID
	target Identity
	at     moment
	time   time.Time
	author Identity
	raw    []byte
}

const lapseSize = headSize + 16 + identitySize + 16 + 8 + identitySize + signatureSize

func (l lapse) sign(key crypto.Signer) (*lapse, error) {
	b := append([]byte{typeLapse, version}, l.room[:]...)
	b = l.at.append(append(b, l.target[:]...))
	b = binary.BigEndian.AppendUint64(b, stamp(l.time))
	raw, err := seal(key, lapseContext, append(b, l.author[:]...))
	if err != nil {
		return nil, err
	}
	return parseLapse(raw)
}

// parseLapse decodes a lapse. It does not check the signature.
func parseLapse(raw []byte) (*lapse, error) {
	r, err := readDocument(raw, typeLapse, lapseSize, lapseSize)
	if err != nil {
		return nil, err
	}
	l := &lapse{raw: bytes.Clone(raw)}
	r.Copy(l.room[:])
	l.target, l.at, l.time, l.author = readIdentity(r), readMoment(r), readTime(r), readIdentity(r)
	if r.Bad() || l.author == l.target {
		return nil, ErrDocument
	}
	return l, nil
}

func (l *lapse) verify() error { return sealed(l.author, lapseContext, l.raw) }

func (l *lapse) newer(other *lapse) bool {
	return cmp.Or(l.at.compare(other.at), bytes.Compare(l.raw, other.raw)) > 0
}
