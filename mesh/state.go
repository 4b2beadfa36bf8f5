package mesh

import (
	"slices"
	"time"
)

// State of a call.
type State string

// The states: Calling | Ringing → Connecting → InCall ⇄ Reconnecting → Ended.
const (
	// Calling: we have called and the other side has not answered yet.
	Calling State = "calling"
	// Ringing: the other side calls and our user has not answered yet.
	Ringing State = "ringing"
	// Connecting: both sides have accepted and each makes sure that the other knows it.
	Connecting State = "connecting"
	// InCall: the call is established.
	InCall State = "in_call"
	// Reconnecting: the call was established, and nothing comes from the other side any more.
	Reconnecting State = "reconnecting"
	// Ended: the call is over, for the Reason in its Status.
	Ended State = "ended"
)

// idle is where the transition table begins; no Call is ever seen in it.
const idle State = ""

// joining is a leg between members of a conference, or towards somebody who asks to be let in, until both hold each other for a
// member. A Call is Calling meanwhile, if it has nobody else.
const joining State = "joining"

// DetailRinging is the detail of a call in state Calling once the far end rings.
const DetailRinging = "ringing"

// Status is a call's state with what belongs to it.
type Status struct {
	State       State
	Reason      Reason        // when Ended
	Trouble     Trouble       // when Ended for IdentityChanged: which
	Why         string        // when Reconnecting: a sentence
	Detail      string        // when Ended: what was tried, for the log and the JSON event; may be empty. When Calling: DetailRinging once the far end rings
	Established time.Time     // when InCall was first reached
	Silent      time.Duration // when Reconnecting: since when nothing was heard
}

// established reports whether both sides have accepted and the call has not ended.
func (s State) established() bool {
	return s == Connecting || s == InCall || s == Reconnecting
}

// overall is the state of a call, made from those of its legs that have not ended. Until one of them was established, which
// was then, it is that of the first leg. From then on the call is established while a leg is; it is Reconnecting when all who
// have answered are, or are being sought again. A call that stays goes on with nobody else in it.
func overall(established time.Time, stays bool, legs []State) State {
	switch {
	case len(legs) == 0 && !stays:
		return Ended
	case established.IsZero() && legs[0] == joining:
		return Calling
	case established.IsZero():
		return legs[0]
	case slices.Contains(legs, InCall):
		return InCall
	case slices.Contains(legs, Reconnecting), slices.Contains(legs, joining):
		return Reconnecting
	}
	return InCall
}
