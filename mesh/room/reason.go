package room

// Reason is why somebody is not, or not any more, in a room. It travels in refusals and in the cards of those who leave.
type Reason byte

// The reasons. Numbers that we do not know count as Refused.
const (
	None       Reason = 0
	Hangup     Reason = 1  // he left
	Full       Reason = 2  // the room has as many members as it holds, and they came before
	RemovedBy  Reason = 3  // the opener, or whoever invited him, has taken him out
	Expired    Reason = 4  // the invitation is too old
	Used       Reason = 5  // the invitation has let in as many people as it may
	Revoked    Reason = 6  // whoever gave the invitation, or let him in, has been removed
	NotInvited Reason = 7  // the invitation is by nobody known in the room: perhaps news of him is on its way
	TooMany    Reason = 8  // too many newcomers at once: to be tried again in a moment
	Again      Reason = 9  // he has been here before, as the records that come along show: to be tried again in knowledge of them
	Replaced   Reason = 10 // the same identity has come in with another phone, later
	Refused    Reason = 11 // for another reason
)

// String names the reason.
func (r Reason) String() string {
	names := [...]string{
		"none", "hangup", "full", "removed", "expired", "used", "revoked", "not invited", "too many", "again", "replaced", "refused",
	}
	if int(r) >= len(names) {
		return "refused"
	}
	return names[r]
}

// final reports whether asking again is of no use.
func (r Reason) final() bool { return r != NotInvited && r != TooMany && r != Again && r != None }
