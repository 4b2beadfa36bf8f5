package mesh

import "sundog.dev/sundog/mesh/trust"

// Comparison is the comparison of short strings in a call (package trust): one string for all members.
type Comparison struct {
	State   trust.State       // Idle also while a member has proved no identity, and where Config.Compare is off
	String  trust.ShortString // once State is Compared: words and emoji to read aloud
	Attempt int               // of the present members, from 1; 0 before the first
	Failure trust.Failure     // why the last attempt failed; its Reason is empty if none has
	Asked   bool              // a member has begun another attempt, which waits for our user's CompareAgain
	// Unproved are members without an identity (old clients, or not proved yet): there is no string while there are any.
	Unproved []Member
}

// Comparison tells how the comparison stands. After the call's end it is the last one.
func (c *Call) Comparison() Comparison {
	return Comparison{State: trust.Idle}
}

// CompareAgain begins another attempt because the user asks for it, or takes part in the one that another member has begun.
// ErrNotInCall before the call is established, ErrEnded after its end, trust.ErrRoster while a member has proved no identity,
// trust.ErrAttempt after too many.
func (c *Call) CompareAgain() error {
	return ErrNotInCall
}
