package v1

import (
	"crypto/ed25519"
	"time"

	"sundog.dev/sundog/idmanager"
)

// Registration is an idmanager.Registration in JSON. What is signed are not these bytes but the fields in binary: see
// idmanager.Sign.
type Registration struct {
	// Name in its normal spelling (Normalise), 1 to 255 bytes.
	Name string `json:"name"`
	// PeerID is 64 hex digits; empty or left out: the owner withdraws the name's record.
	PeerID string `json:"peer_id,omitempty"`
	// Rendezvous is where the peer can be introduced (rtmfp://host[:port]), at most 255 bytes; empty: at this directory's
	// own service.
	Rendezvous string `json:"rendezvous,omitempty"`
	// Identity is the owner's Ed25519 public key, 32 bytes.
	Identity Bytes `json:"identity"`
	// Time of signing, ms since 1970.
	Time int64 `json:"time"`
	// Nonce is random, 16 bytes.
	Nonce Bytes `json:"nonce"`
	// Signature by Identity, Ed25519, 64 bytes.
	Signature Bytes `json:"signature"`
}

// FromRegistration is a registration as JSON has it.
func FromRegistration(r idmanager.Registration) Registration {
	return Registration{
		Name: r.Name, PeerID: r.PeerID, Rendezvous: r.Rendezvous, Identity: Bytes(r.Identity),
		Time: r.Time.UnixMilli(), Nonce: r.Nonce[:], Signature: r.Signature,
	}
}

// Verify returns the registration if its owner has signed it, and ErrBadName or idmanager.ErrForged otherwise. Whether it is
// fresh is for the caller to say.
func (r Registration) Verify() (idmanager.Registration, error) {
	if name, err := Normalise(r.Name); err != nil || name != r.Name {
		return idmanager.Registration{}, ErrBadName
	}
	reg := idmanager.Registration{
		Name: r.Name, PeerID: r.PeerID, Rendezvous: r.Rendezvous, Identity: ed25519.PublicKey(r.Identity),
		Time: time.UnixMilli(r.Time), Signature: r.Signature,
	}
	if copy(reg.Nonce[:], r.Nonce) != len(reg.Nonce) || len(r.Nonce) != len(reg.Nonce) {
		return idmanager.Registration{}, idmanager.ErrForged
	}
	if err := reg.Verify(); err != nil {
		return idmanager.Registration{}, err
	}
	return reg, nil
}

// Registered answers a Registration or a Refresh.
type Registered struct {
	// Name as it is stored.
	Name string `json:"name"`
	// Token proves to this directory, for as long as the registration is the name's latest, that one has made it: for
	// Refresh and Watch. Secret. Left out in the answer to Refresh and after withdrawing.
	Token string `json:"token,omitempty"`
	// RefreshSeconds is when to refresh, unless a Watch with the token is open; ExpiresSeconds when the registration
	// ends without. Zero after withdrawing.
	RefreshSeconds int `json:"refresh_seconds"`
	ExpiresSeconds int `json:"expires_seconds"`
	// Time by the directory's clock, ms since 1970.
	Time int64 `json:"time"`
}

// Refresh keeps a registration from expiring.
type Refresh struct {
	Name  string `json:"name"`
	Token string `json:"token"` // of Registered
}

// Unregister withdraws a name's record: a Registration without a peer ID.
type Unregister struct {
	Registration
	// Token of what is to be withdrawn; if another registration has taken its place, that one stays. Left out: whatever is
	// registered is withdrawn.
	Token string `json:"token,omitempty"`
}
