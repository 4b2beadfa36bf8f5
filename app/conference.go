package app

import "time"

// Conference is what can be done in a call in which all have a program of ours, beside what can be done in any call. What its state
// does not allow is not shown.
type Conference interface {
	// State is how things stand now.
	State() ConferenceState
	// Add asks somebody to join; they become a member at once, as one who has not answered yet.
	Add(Person) error
	// Remove takes a member out, for everybody. It works for those whom State calls Removable.
	Remove(id string) error
	// Block has nothing go on any more between a member and us, here and in calls to come. Others go on with both.
	Block(id string) error
	// RaiseHand raises our hand or takes it down.
	RaiseHand(up bool) error
	// React shows all members an emoji for a moment.
	React(emoji string) error
	// SetVolume makes a member louder or quieter for us; 1 is as they are, 0 silent.
	SetVolume(id string, factor float64) error
	// SendFile offers a file to all members, or to the one of that ID alone. It reads it through first, which may take a while.
	SendFile(path, to string) error
	// SaveFile takes a file that was offered into a folder, and DeclineFile does not. StopFile ends one that goes on.
	SaveFile(id, folder string) error
	DeclineFile(id string) error
	StopFile(id string) error
	// Link is what others need to join.
	Link() (Link, error)
}

// ConferenceState is how a conference stands.
type ConferenceState struct {
	MayAdd    bool     // we may add people, and there is room for another
	MayLink   bool     // there is a link to join
	Removable []string // the IDs of members whom we may remove
	Hand      bool     // ours is raised
	HandAt    time.Time
	Reaction  string // ours, for a moment
	Files     []File // the oldest first
	// Uplink says what our uplink carries, Shares what each gets of it, and Refusal why it carries no pictures, or not all; each may
	// be empty.
	Uplink, Shares, Refusal string
	// Broken are the pairs who do not both hear each other, directly.
	Broken []BrokenLink
}

// BrokenLink is two members who do not both hear each other directly. It is being tried again.
type BrokenLink struct {
	A, B    string // the IDs of members, or OwnID
	Carrier string // who passes on meanwhile what they send, as A and B; empty: nobody
}

// OwnID is ourselves among the members.
const OwnID = "own"
