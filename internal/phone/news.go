package phone

import (
	"fmt"
	"time"

	"sundog.dev/sundog/mesh"
)

// News is a sentence for the user about who has come or gone; "" for events of other kinds, and for those who were in the call
// before us.
func (c *Call) News(ev Event) string {
	switch ev := ev.(type) {
	case MemberJoined:
		if time.Since(c.Status().Established) < thereBefore {
			return ""
		}
		return fmt.Sprintf("%s has joined the call.", c.nameOf(ev.Member))
	case MemberLeft:
		if ev.Ours {
			return "" // how the call ends says it
		}
		if ev.Reason == mesh.Blocked && c.hasBeenHere(ev.Member) {
			return c.blockedSentence(ev.Member)
		}
		return leftSentence(c.nameOf(ev.Member), ev.Reason)
	}
	return ""
}

func leftSentence(name string, why Reason) string {
	switch why {
	case mesh.Hangup:
		return fmt.Sprintf("%s has left the call.", name)
	case mesh.Removed:
		return fmt.Sprintf("%s was taken out of the call.", name)
	case mesh.PeerLost:
		return fmt.Sprintf("The connection to %s broke and did not come back.", name)
	case mesh.Cancelled:
		return fmt.Sprintf("%s is not being called any more.", name)
	case mesh.Declined:
		return fmt.Sprintf("%s does not want to join.", name)
	case mesh.Full:
		return fmt.Sprintf("There is no room for %s in the call.", name)
	}
	return why.Sentence(name, "")
}
