package app

import (
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// Verification is how far it is known who is in a call, and what its members compare. All of it is the call's to tell; a window
// only shows it.
type Verification struct {
	// State is where the agreement on a short string stands; trust.Compared: there is one.
	State trust.State
	// Words and Emoji are the short string; either is enough. Empty unless State is trust.Compared.
	Words []string
	Emoji []trust.Emoji
	// Code is the text of the code that others in the same room may scan; empty unless State is trust.Compared.
	Code string
	// Sentence says what has failed, for trust.Stopped, and what is missing, for trust.Idle.
	Sentence string
	// Attempt is the number of the attempt, from 1; 0 before the first.
	Attempt int
	// Asked: somebody has begun another attempt, which waits for CompareAgain.
	Asked bool
	// Differs: the user has said so, of this attempt.
	Differs bool
	// Own is our own identity, in hex.
	Own string
	// Members are the others in the call.
	Members []Member
}

// Member is somebody else in a call.
type Member struct {
	Name   string // the user's name for them, else what they call themselves
	Colour uint32 // as in Person
	// Identity is what they have proved, in hex; empty: none.
	Identity string
	Standing trust.Standing // what the identity means to the user; empty without one
	Verified time.Time      // since when the user has known that the identity is theirs; zero: not
	Old      bool           // their program cannot prove an identity
	Session  SessionProof
}

// SessionProof is what a session ties an identity to, in hex, for experts.
type SessionProof struct {
	Initiator           bool // our end has opened it
	NearNonce, FarNonce string
	NearID, FarID       string // the fingerprints of the certificates
}

// OtherIdentity is that somebody does not show the identity that is remembered for them.
type OtherIdentity struct {
	Name       string    // as on the own lists
	Remembered string    // in hex; empty: none, but the one shown is remembered for somebody else
	Verified   time.Time // since when the remembered one has been; zero: it is not
	Shown      string    // in hex; empty: they cannot prove any
}
