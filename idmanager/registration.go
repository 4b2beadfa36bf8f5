package idmanager

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// signingContext separates these signatures from all others of an identity key. The number is the format's version.
const signingContext = "sundog registration 1\x00"

// Bounds of what is signed, in bytes.
const (
	MaxName       = 255
	MaxRendezvous = 255
)

// Registration is a record as the owner's identity key has signed it. Directories store and pass on the whole, so that who
// looks a name up need not believe the directory: it can leave somebody out or tell what was true before, but not make anybody up.
type Registration struct {
	Name       string
	PeerID     string // 64 hex digits; empty: the owner withdraws the name's record
	Rendezvous string // may be empty
	Identity   ed25519.PublicKey
	Time       time.Time // of signing, to the millisecond
	Nonce      [16]byte  // random, so that a directory can tell a repeated request from a new one
	Signature  []byte
}

// ErrForged says that a registration is not signed by the identity that it names.
var ErrForged = errors.New("idmanager: the registration's signature is wrong")

// Sign makes the registration of a record at the given time. The key is an Ed25519 one.
func Sign(key crypto.Signer, r Record, now time.Time) (Registration, error) {
	identity, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return Registration{}, errors.New("idmanager: the identity key is not an Ed25519 key")
	}
	reg := Registration{Name: r.Name, PeerID: r.PeerID, Rendezvous: r.Rendezvous, Identity: identity, Time: now.Truncate(time.Millisecond)}
	_, _ = rand.Read(reg.Nonce[:]) // never fails
	message, err := reg.message()
	if err != nil {
		return Registration{}, err
	}
	if reg.Signature, err = key.Sign(nil, message, crypto.Hash(0)); err != nil {
		return Registration{}, fmt.Errorf("idmanager: signing the registration: %w", err)
	}
	return reg, nil
}

// Verify reports ErrForged unless the identity has signed the registration. Whether it is fresh is for the caller to say.
func (r Registration) Verify() error {
	message, err := r.message()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForged, err)
	}
	if len(r.Identity) != ed25519.PublicKeySize || !ed25519.Verify(r.Identity, message, r.Signature) {
		return ErrForged
	}
	return nil
}

// Record is what the registration says.
func (r Registration) Record() Record {
	return Record{Name: r.Name, PeerID: r.PeerID, Rendezvous: r.Rendezvous, Identity: r.Identity}
}

// message is what is signed: the context, the key, the time in ms since 1970 and the nonce, then the peer ID, the name and
// the rendezvous address with their lengths before them. Numbers are big-endian.
func (r Registration) message() ([]byte, error) {
	id, err := hex.DecodeString(r.PeerID)
	if err != nil || len(id) != 32 && len(id) != 0 {
		return nil, fmt.Errorf("%q is no peer ID", r.PeerID)
	}
	if len(r.Name) == 0 || len(r.Name) > MaxName || len(r.Rendezvous) > MaxRendezvous {
		return nil, fmt.Errorf("a name has 1 to %d bytes, a rendezvous address at most %d", MaxName, MaxRendezvous)
	}
	b := append([]byte(signingContext), r.Identity...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time.UnixMilli()))
	b = append(b, r.Nonce[:]...)
	for _, field := range [][]byte{id, []byte(r.Name), []byte(r.Rendezvous)} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(field)))
		b = append(b, field...)
	}
	return b, nil
}
