package v1

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"sundog.dev/sundog/idmanager"
)

// relayContext separates these signatures from all others of an identity key.
const relayContext = "sundog relay request 1\x00"

// RelayRequest asks for credentials of the relay. The signature is that of the context string, the key, the time (8 bytes,
// big-endian, ms since 1970) and the nonce.
type RelayRequest struct {
	Identity  Bytes `json:"identity"` // Ed25519 public key, 32 bytes
	Time      int64 `json:"time"`     // ms since 1970
	Nonce     Bytes `json:"nonce"`    // random, 16 bytes
	Signature Bytes `json:"signature"`
}

// Relay are short-lived credentials for TURN (RFC 8656 §9.2, long-term form).
type Relay struct {
	URLs     []string `json:"urls"` // turn:host:port, the best first
	Username string   `json:"username"`
	Password string   `json:"password"`
	Expires  int64    `json:"expires"` // ms since 1970, by the directory's clock
	Time     int64    `json:"time"`    // by the directory's clock, ms since 1970
}

// SignRelayRequest makes a request. The key is an Ed25519 one.
func SignRelayRequest(key crypto.Signer, now time.Time) (RelayRequest, error) {
	identity, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return RelayRequest{}, errors.New("the identity key is not an Ed25519 key")
	}
	r := RelayRequest{Identity: Bytes(identity), Time: now.UnixMilli(), Nonce: make(Bytes, 16)}
	_, _ = rand.Read(r.Nonce) // never fails
	var err error
	if r.Signature, err = key.Sign(nil, r.message(), crypto.Hash(0)); err != nil {
		return RelayRequest{}, fmt.Errorf("signing the request for the relay: %w", err)
	}
	return r, nil
}

// Verify returns the key that has signed the request, or idmanager.ErrForged.
func (r RelayRequest) Verify() (ed25519.PublicKey, error) {
	if len(r.Identity) != ed25519.PublicKeySize || len(r.Nonce) != 16 ||
		!ed25519.Verify(ed25519.PublicKey(r.Identity), r.message(), r.Signature) {
		return nil, idmanager.ErrForged
	}
	return ed25519.PublicKey(r.Identity), nil
}

func (r RelayRequest) message() []byte {
	b := append([]byte(relayContext), r.Identity...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time))
	return append(b, r.Nonce...)
}
