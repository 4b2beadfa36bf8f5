package trust

import (
	"crypto"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
)

// A commitment and a reveal are messages of 166 bytes, signed by their author and passed on as they are:
//
//	0    type: 2 commitment, 3 reveal
//	1    version, 1
//	2    epoch, 32 bytes
//	34   attempt, 4 bytes, big-endian, from 1
//	38   identity key of the author, 32 bytes
//	70   the commitment, or r: 32 bytes
//	102  Ed25519 signature, 64 bytes, over the context and bytes 2 to 101

const (
	typeCommit = 2
	typeReveal = 3
)

// SignedSize is the length of a commitment and of a reveal in bytes.
const SignedSize = 2 + 32 + 4 + ed25519.PublicKeySize + 32 + ed25519.SignatureSize

// Epoch names one attempt of one roster in one call.
type Epoch [32]byte

// signed is a commitment or a reveal.
type signed struct {
	typ       byte
	epoch     Epoch
	attempt   uint32
	author    Identity
	value     [32]byte
	signature [ed25519.SignatureSize]byte
}

// content is what the signature covers.
func (m signed) content() []byte {
	context := commitSignContext
	if m.typ == typeReveal {
		context = revealSignContext
	}
	return m.appendBody([]byte(context))
}

func (m signed) appendBody(b []byte) []byte {
	b = append(b, m.epoch[:]...)
	b = binary.BigEndian.AppendUint32(b, m.attempt)
	b = append(b, m.author[:]...)
	return append(b, m.value[:]...)
}

func (m signed) append(b []byte) []byte {
	b = m.appendBody(append(b, m.typ, version))
	return append(b, m.signature[:]...)
}

// signWith signs the message with its author's key.
func (m signed) signWith(key crypto.Signer) (signed, error) {
	var err error
	m.signature, err = sign(key, m.content())
	return m, err
}

func (m signed) verify() error { return verify(m.author, m.content(), m.signature[:]) }

// parseSigned decodes a commitment or a reveal. It does not check the signature.
func parseSigned(b []byte) (signed, error) {
	if len(b) == 0 || b[0] != typeCommit && b[0] != typeReveal {
		return signed{}, ErrMessage
	}
	if err := checkHead(b, b[0], SignedSize); err != nil {
		return signed{}, err
	}
	m := signed{
		typ:       b[0],
		epoch:     Epoch(b[2:34]),
		attempt:   binary.BigEndian.Uint32(b[34:38]),
		author:    Identity(b[38:70]),
		value:     [32]byte(b[70:102]),
		signature: [ed25519.SignatureSize]byte(b[102:]),
	}
	if m.attempt < 1 || m.attempt > maxAttempt {
		return signed{}, fmt.Errorf("%w: %d", ErrAttempt, m.attempt)
	}
	return m, nil
}
