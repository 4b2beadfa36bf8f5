package mesh

// Event is a StateChanged, ChatLine or FarSending.
type Event interface{ meshEvent() }

// StateChanged says that the call has a new state, or that what belongs to its state has changed.
type StateChanged struct{ Status Status }

// ChatLine is a line of text from the other side.
type ChatLine struct{ From, Text string }

// FarSending says whether the other side sends sound and picture.
type FarSending struct{ Audio, Video bool }

func (StateChanged) meshEvent() {}
func (ChatLine) meshEvent()     {}
func (FarSending) meshEvent()   {}
