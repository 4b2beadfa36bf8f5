package phone

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// Identity is somebody's long-lived key.
type Identity = trust.Identity

// nobody is no identity.
var nobody Identity

// ParseIdentity reads an identity: 64 hex digits. The error is a sentence.
func ParseIdentity(text string) (Identity, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	i := asIdentity(key)
	if err != nil || i == (Identity{}) || i.Check() != nil {
		return Identity{}, fmt.Errorf("an identity key is 64 hex digits, not %q", text)
	}
	return i, nil
}

// Compared is the state of a call that has a short string.
const Compared = trust.Compared

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
	// Failure is why the last attempt failed; its Reason is empty if none has.
	Failure trust.Failure
	// Asked: a member has begun another attempt, which waits for CompareAgain.
	Asked bool
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
	// What the proof binds the identity to, in hex, for experts; "" without one. Initiator: our end has opened the session.
	Initiator           bool
	NearNonce, FarNonce string
	NearPeerID, PeerID  string

	called string // by whom it is known in the call
	reach  *reach // nil: the user has not called them
}

// Verification tells how far it is known who is in the call.
func (c *Call) Verification() Verification {
	now := c.call.Comparison()
	v := Verification{
		State: now.State, Attempt: now.Attempt, Failure: now.Failure, Asked: now.Asked, Own: c.phone.ownIdentity(),
	}
	for _, m := range c.call.Members() {
		v.Members = append(v.Members, c.member(m))
	}
	if now.State == trust.Compared {
		v.Words, v.Emoji, v.Code = now.String.Words(), now.String.Emoji(), code{now.String, v.Own}.String()
		c.mu.Lock()
		v.Differs = c.differs == now.Attempt
		c.mu.Unlock()
	}
	if v.Sentence = v.sentence(); c.test {
		v.Sentence = "This is the test of your own devices: there is nobody to verify."
	}
	return v
}

// Member is who has proved an identity, as the user knows them.
func (c *Call) Member(ev MemberProved) Member { return c.member(ev.Member) }

// member is a member as the user knows them.
func (c *Call) member(m mesh.Member) Member {
	one := Member{
		Name: c.nameOf(m), Identity: m.Identity, Proved: m.Proved, OldClient: m.OldClient, Initiator: m.Session.Initiator,
		called: m.Name, reach: c.reachOf(m),
	}
	if m.PeerID != ([32]byte{}) {
		one.PeerID = m.PeerID.String()
	}
	if m.Identity == nobody {
		return one
	}
	one.NearNonce, one.FarNonce = hex.EncodeToString(m.Session.NearNonce[:]), hex.EncodeToString(m.Session.FarNonce[:])
	one.NearPeerID = m.Session.Near.String()
	one.Standing = c.standing(m)
	if owner, ok := c.phone.cfg.Profile.PersonOf(m.Identity[:]); ok {
		one.Verified = owner.Verified
	}
	return one
}

// sentence tells the user how things stand and what to do.
func (v Verification) sentence() string {
	names := v.names()
	verified := true
	for _, m := range v.Members {
		switch {
		case m.OldClient:
			return fmt.Sprintf("The program of %s cannot prove who they are, and nothing can be compared. Anybody may sit in between.", m.Name)
		case m.Identity == Identity{}:
			return fmt.Sprintf("%s has not proved an identity yet.", m.Name)
		}
		verified = verified && !m.Verified.IsZero()
	}
	switch {
	case v.Differs:
		return "The words differ, so somebody may sit in between, or not everybody read the same ones. Compare once more. If they differ again, hang up and settle it in another way: meet, or compare the fingerprints."
	case v.State == trust.Committing, v.State == trust.Revealing:
		return "The phones are agreeing on the words to compare."
	case v.State == trust.Compared && verified:
		return fmt.Sprintf("You have verified %s. You may compare the words again whenever you like.", names)
	case v.State == trust.Compared:
		return fmt.Sprintf("Read the words, or the pictures, to each other. If %s has the same, and it is their voice, nobody sits in between: say that they match.", names)
	case v.Asked:
		return "Somebody has started the comparison again. Compare again to take part."
	case v.Failure.Reason != "":
		return v.Failure.Sentence() + " Compare again."
	}
	return "There are no words to compare yet. They come once the call is connected, or when you start the comparison."
}

// names are those of the members.
func (v Verification) names() string {
	var names []string
	for _, m := range v.Members {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}

// ownIdentity is ours.
func (p *Phone) ownIdentity() Identity { return asIdentity(p.cfg.Profile.PublicIdentity()) }

// asIdentity is a remembered key as the protocol of trust has it; zero: none.
func asIdentity(key []byte) Identity {
	if len(key) != len(Identity{}) {
		return Identity{}
	}
	return Identity(key)
}
