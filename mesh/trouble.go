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
	ProofMissing    Trouble = "proof_missing"     // the other side proves no identity, though its program can and the identity is known: the same
)

// Sentence says to the user what happened and what to do. name is the other person.
func (t Trouble) Sentence(name string) string {
	if name == "" {
		name = "The other person"
	}
	switch t {
	case OurKeyChanged: // only a claim: whoever refuses us has proved nothing
		return fmt.Sprintf("The call to %[1]s was refused by a phone that says that it knows you by another key. If your key is new, tell %[1]s in another way. "+
			"If it is not, somebody may sit in between: neither of you should take another key for the other.", name)
	case SameKey:
		return fmt.Sprintf("%s has the same identity as you, so the two of you cannot call each other. Use a profile of its own on one of the two machines.", name)
	case ProofMissing:
		return fmt.Sprintf("The call to %s was stopped, because whoever answered did not prove the identity that you know. Somebody may sit in between: try another network, and ask them in another way.", name)
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
