package mesh

// Event is a StateChanged, ChatLine, Reacted, MemberStateChanged, FileChanged, MemberProved or ComparisonChanged, and in conferences
// a MemberJoined, MemberLeft or LinksChanged.
type Event interface{ meshEvent() }

// StateChanged says that the call has a new state, or that what belongs to its state has changed.
type StateChanged struct{ Status Status }

// MemberProved says that a member of the call has proved its identity in its session, at first and again in each new
// session of a call that comes back.
type MemberProved struct{ Member Member }

// ComparisonChanged says how the comparison of short strings stands now.
type ComparisonChanged struct{ Comparison Comparison }

func (StateChanged) meshEvent()      {}
func (MemberProved) meshEvent()      {}
func (ComparisonChanged) meshEvent() {}

// MemberJoined says that somebody has come into a call that was established already.
type MemberJoined struct{ Member Member }

// MemberLeft says that somebody is not in the call any more, or did not come; the call goes on.
type MemberLeft struct {
	Member Member
	Reason Reason
	Ours   bool // with Removed: it is we who were taken out, and the member who said so
}

func (MemberJoined) meshEvent() {}
func (MemberLeft) meshEvent()   {}
