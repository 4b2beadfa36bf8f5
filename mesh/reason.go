package mesh

import "fmt"

// Reason is why a call ended.
type Reason string

// The reasons.
const (
	Hangup             Reason = "hangup"              // one side hung up an answered call
	Declined           Reason = "declined"            // the callee did not want it
	Busy               Reason = "busy"                // the callee is in another call
	NoAnswer           Reason = "no_answer"           // it rang, and nobody answered in time
	Cancelled          Reason = "cancelled"           // the caller gave up before an answer
	UnknownName        Reason = "unknown_name"        // the directory has no such name
	Offline            Reason = "offline"             // the name exists and is not registered now
	ServiceUnreachable Reason = "service_unreachable" // the directory or the service could not be asked
	NoPath             Reason = "no_path"             // no packets got through between the two
	Blocked            Reason = "blocked"             // the callee takes no calls from this caller
	TooOld             Reason = "too_old"             // the other program speaks too old a version
	IdentityChanged    Reason = "identity_changed"    // the other side's identity key is not the remembered one
	PeerLost           Reason = "peer_lost"           // an established call broke and did not come back
	Removed            Reason = "removed"             // taken out of the conference by a member
	Full               Reason = "full"                // no room for another connection
)

// Reasons are all reasons, in the order of their definition.
func Reasons() []Reason {
	return []Reason{
		Hangup, Declined, Busy, NoAnswer, Cancelled, UnknownName, Offline, ServiceUnreachable,
		NoPath, Blocked, TooOld, IdentityChanged, PeerLost, Removed, Full,
	}
}

// Sentence says to the user what happened, what was tried and what to do. name is the other person,
// where the directory's or service's host ("" if none).
func (r Reason) Sentence(name, where string) string {
	if name == "" {
		name = "The other person"
	}
	service, registered := "the service", "registered"
	if where != "" {
		service, registered = where, "registered at "+where
	}
	switch r {
	case Hangup:
		return "The call has ended."
	case Declined:
		return fmt.Sprintf("%s declined the call. Try later, or ask them in another way when it suits them.", name)
	case Busy:
		return fmt.Sprintf("%s is in another call. Try again later.", name)
	case NoAnswer:
		return fmt.Sprintf("%s did not answer. Try again later.", name)
	case Cancelled:
		return "The call was cancelled before it was answered."
	case UnknownName:
		return fmt.Sprintf("Nobody by the name %s is %s. Check the spelling, or ask for their link.", name, registered)
	case Offline:
		return fmt.Sprintf("%s is not online now. Try again later.", name)
	case ServiceUnreachable:
		return fmt.Sprintf("%s could not be called, because %s did not answer. Check your network and the service's address in Settings.", name, service)
	case NoPath:
		return fmt.Sprintf("%s was found, but no way between your two networks worked. Try again, or try from another network.", name)
	case Blocked:
		return fmt.Sprintf("%s does not take calls from you. Ask them to add you first.", name)
	case TooOld:
		return fmt.Sprintf("%s uses a version of the program that is too old for this one. Ask them to update, then call again.", name)
	case IdentityChanged:
		return fmt.Sprintf("%s does not show the same identity as before, so the call was stopped. Ask them in another way whether they changed devices.", name)
	case PeerLost:
		return fmt.Sprintf("The connection to %s broke and did not come back within %d seconds. Try calling again.", name, int(peerLostAfter.Seconds()))
	case Removed:
		return "You were taken out of the call by one of its members. Whoever is in it can let you in again."
	case Full:
		return fmt.Sprintf("%s could not be reached, because the conference has as many members as it may have, or one of you as many connections. Try again when somebody has left.", name)
	}
	return "The call has ended."
}
