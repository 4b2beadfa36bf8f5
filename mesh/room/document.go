package room

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
	"time"

	"sundog.dev/sundog/mesh/internal/octets"
	"sundog.dev/sundog/mesh/trust"
)

// Identity is who somebody is (see trust).
type Identity = trust.Identity

// The types of documents, their first byte. The second is the version; the last 64 are the author's Ed25519 signature over
// the context and all bytes before it.
const (
	typeInvitation = 1
	typeAcceptance = 2
	typeEntry      = 3
	typeCard       = 4
	typeRemoval    = 5
	typeLapse      = 6
)

const (
	headSize      = 2
	signatureSize = ed25519.SignatureSize
	identitySize  = ed25519.PublicKeySize
)

// seal signs a document.
func seal(key crypto.Signer, context string, body []byte) ([]byte, error) {
	s, err := trust.Sign(key, append([]byte(context), body...))
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return append(body, s[:]...), nil
}

// verifySignature is Identity.Verify; a variable so that tests with thousands of copies of a document check each once.
var verifySignature = Identity.Verify

// sealed checks the signature of a document.
func sealed(author Identity, context string, raw []byte) error {
	at := len(raw) - signatureSize
	if err := verifySignature(author, append([]byte(context), raw[:at]...), raw[at:]); err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return nil
}

// readDocument checks head and length and returns a reader of what lies between head and signature.
func readDocument(raw []byte, typ byte, least, most int) (*octets.Reader, error) {
	switch {
	case len(raw) < headSize || raw[0] != typ:
		return nil, ErrDocument
	case raw[1] != version:
		return nil, fmt.Errorf("%w: %d", ErrVersion, raw[1])
	case len(raw) < least || len(raw) > most:
		return nil, fmt.Errorf("%w: %d bytes", ErrDocument, len(raw))
	}
	return octets.NewReader(raw[headSize : len(raw)-signatureSize]), nil
}

// readIdentity takes an identity.
func readIdentity(r *octets.Reader) (i Identity) {
	r.Copy(i[:])
	return i
}

// readStay takes the number of a stay, from 1.
func readStay(r *octets.Reader) uint32 {
	s := r.U32()
	if s < 1 || s > maxStay {
		r.Fail()
	}
	return s
}

// readTime takes a time in Unix milliseconds; one that fits in a time.Time whatever its zone.
func readTime(r *octets.Reader) time.Time {
	ms := r.U64()
	if ms > 1<<52 {
		r.Fail()
		return time.Time{}
	}
	return time.UnixMilli(int64(ms)).UTC()
}

// stamp is the time as documents have it.
func stamp(now time.Time) uint64 { return uint64(max(0, now.UnixMilli())) }
