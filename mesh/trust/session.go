package trust

import (
	"bytes"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// nonceLen is the length of RTMFP's nonces (RFC 7425 §4.6.5).
const nonceLen = 32

// Session is what a proof binds an identity to: one RTMFP session between two peers.
type Session struct {
	Initiator           bool   // the near end opened it
	NearNonce, FarNonce []byte // 32 bytes each
	Near, Far           rtmfp.Certificate
	// Own are certificates of our other endpoints: none of them may be the far end's either.
	Own []rtmfp.Certificate
}

// Role is an end of a session.
type Role byte

// The roles, as they are signed.
const (
	Initiator Role = 1
	Responder Role = 2
)

func (r Role) other() Role { return Initiator + Responder - r }

func (s Session) role() Role {
	if s.Initiator {
		return Initiator
	}
	return Responder
}

// check refuses sessions with ourselves and those that prove nothing. The handshake refuses most of them too, but knows of one
// endpoint only. Nonces are made of the keying components: equal components are equal nonces.
func (s Session) check() error {
	if s.Near == nil || s.Far == nil || len(s.NearNonce) != nonceLen || len(s.FarNonce) != nonceLen {
		return ErrSession
	}
	if bytes.Equal(s.NearNonce, s.FarNonce) {
		return ErrEqualNonces
	}
	for _, own := range append([]rtmfp.Certificate{s.Near}, s.Own...) {
		if own.Fingerprint() == s.Far.Fingerprint() || flashcrypto.ShareKey(own, s.Far) {
			return ErrOwnSession
		}
	}
	// Anybody can show the bytes of a certificate that holds no keys (RFC 7425 §4.3.4).
	if !s.Near.ProvesIdentity() || !s.Far.ProvesIdentity() {
		return ErrNotCommitted
	}
	return nil
}

// transcript is what the end in the given role signs with its identity key.
func (s Session) transcript(signer Role, identity Identity) []byte {
	initiatorNonce, responderNonce := s.NearNonce, s.FarNonce
	initiator, responder := s.Near.Fingerprint(), s.Far.Fingerprint()
	if !s.Initiator {
		initiatorNonce, responderNonce = responderNonce, initiatorNonce
		initiator, responder = responder, initiator
	}
	b := append([]byte(proofContext), byte(signer))
	b = append(b, initiatorNonce...)
	b = append(b, responderNonce...)
	b = append(b, initiator[:]...)
	b = append(b, responder[:]...)
	return append(b, identity[:]...)
}
