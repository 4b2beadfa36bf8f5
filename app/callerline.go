package app

import (
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

// callMark is the mark of whom a call is with: where there are several, that of whom least is known.
func callMark(f callFacts) mark {
	switch {
	case f.test:
		return noMark
	case f.other.Name != "" && f.incoming:
		return changedMark
	case len(f.proof.Members) == 0 && f.status.State == mesh.Ringing:
		return warningMark
	case len(f.proof.Members) == 0:
		return noMark
	}
	least := verifiedMark
	for _, m := range f.proof.Members {
		switch k := markOf(m); {
		case k == changedMark, least == changedMark:
			least = changedMark
		case k == warningMark, least == warningMark:
			least = warningMark
		case k == noMark:
			least = noMark
		}
	}
	return least
}

// callerLine says who it is that calls, as far as that is proved. The name above it is the user's own for them, or else what
// they call themselves.
func callerLine(f callFacts, now time.Time) string {
	var caller Member
	if len(f.proof.Members) > 0 {
		caller = f.proof.Members[0]
	}
	switch {
	case f.other.Name != "":
		return "Not the key that you know for " + f.other.Name + ". It may be somebody else."
	case caller.Old:
		return "An older program. Nothing proves who this is"
	case caller.Identity == "":
		return "Nothing proves who this is"
	}
	switch caller.Standing {
	case trust.Verified:
		return "Verified since " + moment(caller.Verified, now)
	case trust.Stranger:
		return "Not in your contacts. Anybody can use a name."
	}
	if !f.contact {
		return "Not in your contacts"
	}
	return "In your contacts"
}
