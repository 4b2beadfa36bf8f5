package mesh

import "fmt"

// Trouble says more about the reason IdentityChanged: whose identity, and who refuses it.
type Trouble string

// The troubles.
const (
	TheirKeyChanged Trouble = "their_key_changed" // the other side proves another identity than the remembered one, or than before in this call
	OurKeyChanged   Trouble = "our_key_changed"   // the other side remembers another identity for us, and refuses
	SameKey         Trouble = "same_key"          // both phones have one identity: a profile that was restored, and is used twice
	ProofRefused    Trouble = "proof_refused"     // one side's proof does not hold for the session: a fault, or somebody in between
)

// Sentence says to the user what happened and what to do. name is the other person.
func (t Trouble) Sentence(name string) string {
	if name == "" {
		name = "The other person"
	}
	switch t {
	case OurKeyChanged:
		return fmt.Sprintf("%s knows you by another key, so their phone refused the call. Tell them in another way that your key is new.", name)
	case SameKey:
		return fmt.Sprintf("%s has the same identity as you, so the two of you cannot call each other. Use a profile of its own on one of the two machines.", name)
	case ProofRefused:
		return fmt.Sprintf("The call to %s was stopped, because the proof of identity does not fit the connection. Somebody may sit in between: try another network, and ask them in another way.", name)
	}
	return IdentityChanged.Sentence(name, "")
}

// Sentence says to the user why the call has ended, as Reason.Sentence does, and more exactly where the identity is the reason.
func (s Status) Sentence(name, where string) string {
	if s.Reason == IdentityChanged && s.Trouble != "" {
		return s.Trouble.Sentence(name)
	}
	return s.Reason.Sentence(name, where)
}
