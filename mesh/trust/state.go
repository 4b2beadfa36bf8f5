package trust

// State is where an Exchange stands.
type State string

// The states.
const (
	Idle       State = "idle"       // nobody to compare with
	Committing State = "committing" // our commitment is out, others' are missing
	Revealing  State = "revealing"  // all commitments are here, our r is out, others' are missing
	Compared   State = "compared"   // there is a string to compare
	Stopped    State = "stopped"    // the last attempt failed; the next is the user's to begin
)

// Reason is why an attempt failed.
type Reason string

// The reasons.
const (
	NoCommitment Reason = "no_commitment" // members were silent
	NoReveal     Reason = "no_reveal"     // members committed themselves and then did not reveal
	WrongReveal  Reason = "wrong_reveal"  // a member revealed what he had not committed himself to
	Equivocated  Reason = "equivocated"   // a member signed two commitments or two reveals for one attempt
	Superseded   Reason = "superseded"    // a member began the next attempt
	Exhausted    Reason = "exhausted"     // too many attempts without the user: see maxAutomatic
	NoKey        Reason = "no_key"        // our own identity key could not sign
)

// Failure is a failed attempt.
type Failure struct {
	Reason  Reason
	Attempt int
	Members []Identity // those it is due to, sorted
}

// Sentence is what happened, for the user.
func (f Failure) Sentence() string {
	switch f.Reason {
	case NoCommitment:
		return "Not everybody's phone took part in the comparison."
	case NoReveal:
		return "The comparison was broken off in the middle. If that happens again, somebody may be trying to listen in."
	case WrongReveal, Equivocated:
		return "Somebody's phone did not keep to the rules of the comparison. Do not trust this connection."
	case Superseded:
		return "Somebody started the comparison again."
	case Exhausted:
		return "The call has changed too often. Start the comparison when everybody is there."
	case NoKey:
		return "Your identity key could not be used, so nothing can be compared."
	}
	return ""
}
