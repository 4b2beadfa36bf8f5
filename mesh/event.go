package mesh

// Event is a StateChanged, ChatLine, FarSending, MemberProved or ComparisonChanged.
type Event interface{ meshEvent() }

// StateChanged says that the call has a new state, or that what belongs to its state has changed.
type StateChanged struct{ Status Status }

// ChatLine is a line of text from the other side.
type ChatLine struct{ From, Text string }

// FarSending says whether the other side sends sound and picture.
type FarSending struct{ Audio, Video bool }

// MemberProved says that a member of the call has proved its identity in its session, at first and again in each new
// session of a call that comes back.
type MemberProved struct{ Member Member }

// ComparisonChanged says how the comparison of short strings stands now.
type ComparisonChanged struct{ Comparison Comparison }

func (StateChanged) meshEvent()      {}
func (ChatLine) meshEvent()          {}
func (FarSending) meshEvent()        {}
func (MemberProved) meshEvent()      {}
func (ComparisonChanged) meshEvent() {}
