package trust

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
)

// A proof is one message of 99 bytes:
//
//	0   type, 1
//	1   version, 1
//	2   role of the signer: 1 initiator, 2 responder
//	3   identity key of the signer, 32 bytes
//	35  Ed25519 signature, 64 bytes

const typeProof = 1

// ProofSize is the length of a proof in bytes.
const ProofSize = 3 + ed25519.PublicKeySize + ed25519.SignatureSize

// Prove makes our proof for the session. A session that is refused gets none.
func Prove(s Session, key crypto.Signer) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	identity, err := IdentityOf(key)
	if err != nil {
		return nil, err
	}
	signature, err := sign(key, s.transcript(s.role(), identity))
	if err != nil {
		return nil, err
	}
	return proof{s.role(), identity, signature}.append(nil), nil
}

// Verify reads the far end's proof for the session and returns its identity. own is ours. Every refusal is one of this
// package's errors; after any, the session has no identity.
func Verify(s Session, own Identity, message []byte) (Identity, error) {
	if err := s.check(); err != nil {
		return Identity{}, err
	}
	p, err := parseProof(message)
	if err != nil {
		return Identity{}, err
	}
	if p.identity == own {
		return Identity{}, ErrOwnIdentity
	}
	if p.role != s.role().other() {
		return Identity{}, ErrRole
	}
	if err := verify(p.identity, s.transcript(p.role, p.identity), p.signature[:]); err != nil {
		return Identity{}, err
	}
	return p.identity, nil
}

type proof struct {
	role      Role
	identity  Identity
	signature [ed25519.SignatureSize]byte
}

func (p proof) append(b []byte) []byte {
	b = append(b, typeProof, version, byte(p.role))
	b = append(b, p.identity[:]...)
	return append(b, p.signature[:]...)
}

func parseProof(b []byte) (proof, error) {
	if err := checkHead(b, typeProof, ProofSize); err != nil {
		return proof{}, err
	}
	p := proof{role: Role(b[2]), identity: Identity(b[3:35]), signature: [ed25519.SignatureSize]byte(b[35:])}
	if p.role != Initiator && p.role != Responder {
		return proof{}, fmt.Errorf("%w: role %d", ErrMessage, p.role)
	}
	return p, nil
}

// checkHead checks type, version and length of a message. Another version may have another length.
func checkHead(b []byte, typ byte, size int) error {
	switch {
	case len(b) < 2 || b[0] != typ:
		return ErrMessage
	case b[1] != version:
		return fmt.Errorf("%w: %d", ErrVersion, b[1])
	case len(b) != size:
		return fmt.Errorf("%w: %d bytes", ErrMessage, len(b))
	}
	return nil
}
