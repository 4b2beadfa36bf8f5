package phone

import (
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// Identity is somebody's long-lived key.
type Identity = trust.Identity

// Verification is how far it is known who is in a call, and what its members may compare. The call's Next tells of changes
// (MemberProved, ComparisonChanged), and the phone's Changed of those that the user makes.
type Verification struct {
	// State is where the agreement on a short string stands; trust.Compared: there is one.
	State trust.State
	// Words and Emoji are the short string, both to be compared by voice, either is enough. Empty unless State is trust.Compared.
	Words []string
	Emoji []trust.Emoji
	// Code is a text for a QR code that another member's phone takes with CheckCode; "" unless State is trust.Compared.
	Code string
	// Sentence tells the user how things stand and what to do.
	Sentence string
	// Attempt is the number of the attempt, from 1; 0 before the first.
	Attempt int
	// Differs: the user has said that the strings differ (Deny), in this attempt.
	Differs bool
	// Own is our own identity.
	Own Identity
	// Members are the others in the call.
	Members []Member
}

// Member is somebody else in a call.
type Member struct {
	Name     string         // the user's name for them, else what they call themselves
	Identity Identity       // that they have proved; zero: none
	Standing trust.Standing // what the identity means to the user; "" without one
	Verified time.Time      // since when the user has known that the identity is theirs; zero: not
	// Proved: the session has proved the peer ID. OldClient: their program cannot prove an identity.
	Proved, OldClient bool
	// What the proof binds the identity to, in hex, for experts. Initiator: our end has opened the session.
	Initiator           bool
	NearNonce, FarNonce string
	NearPeerID, PeerID  string
}

// OtherIdentity is that somebody does not show the identity that is remembered for them.
type OtherIdentity struct {
	Name       string    // of whom the user called, or whose name the caller gave, as on the list
	Remembered Identity  // zero: none; somebody else on the list is known by the one shown
	Verified   time.Time // since when the remembered one has been; zero: it is not
	Shown      Identity  // zero: they cannot prove any
	Where      string    // the directory that names the one shown; "": it was shown in the call
}

// Verification tells how far it is known who is in the call.
func (c *Call) Verification() Verification {
	return Verification{Own: c.phone.ownIdentity(), State: trust.Idle}
}

// Confirm takes it from the user that the short strings match: the members are verified from now on, and on the list. The error is a
// sentence.
func (c *Call) Confirm() error {
	return &sentence{"There is nothing to compare in this call yet.", nil}
}

// Deny takes it from the user that the short strings differ: the members are not verified any more. The error is a sentence.
func (c *Call) Deny() error { return &sentence{"There is nothing to compare in this call yet.", nil} }

// CompareAgain begins another attempt. The error is a sentence.
func (c *Call) CompareAgain() error {
	return &sentence{"There is nothing to compare in this call yet.", nil}
}

// CheckCode takes the text of a code that another member's phone shows: if it fits, that member is verified, as with Confirm. The
// error is a sentence.
func (c *Call) CheckCode(string) error {
	return &sentence{"There is nothing to compare in this call yet.", nil}
}

// OtherIdentity tells of another identity than the remembered one: of a call that was ended for it, or one that a caller shows
// under a contact's name.
func (c *Call) OtherIdentity() (OtherIdentity, bool) { return OtherIdentity{}, false }

// ownIdentity is ours.
func (p *Phone) ownIdentity() Identity { return asIdentity(p.cfg.Profile.PublicIdentity()) }

// asIdentity is a remembered key as the protocol of trust has it; zero: none.
func asIdentity(key []byte) Identity {
	if len(key) != len(Identity{}) {
		return Identity{}
	}
	return Identity(key)
}
