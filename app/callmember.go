package app

import "time"

// CallMember is somebody else in a call, as a tile and the panel of people show them.
type CallMember struct {
	Member              // who they are, as far as that is proved
	ID           string // the call's own mark for them, the same for as long as they are in it
	State        MemberState
	Audio, Video bool    // what they send
	Screen       bool    // their picture is that of their screen
	Level        float64 // how loud they are, 0..1
	Quality      int     // of the link between them and us: 0 not known, 1 poor, 2 fair, 3 good
	Hand         bool    // raised
}

// MemberState is how it is with the link between a member and us.
type MemberState int

// The states of a member.
const (
	MemberHere         MemberState = iota
	MemberRinging                  // asked to join, has not answered yet
	MemberConnecting               // has joined, and is not heard yet
	MemberReconnecting             // is not heard any more; it is being tried again
)

// memberView is all that a tile shows of a member. It is compared to tell whether anything must be painted again.
type memberView struct {
	id       string
	tile     *tile // their picture
	name     string
	colour   uint32 // of the avatar
	mark     mark   // of the name
	state    MemberState
	audio    bool
	picture  bool // there is one to be seen
	camera   bool // they send one
	screen   bool
	speaking bool
	quality  int
	hand     bool
}

// memberViews are the members in their order. The loop adds the pictures.
func memberViews(f callFacts, now time.Time) []memberView {
	views := make([]memberView, 0, len(f.members))
	for _, m := range f.members {
		views = append(views, memberView{
			id: m.ID, name: m.Name, colour: m.Colour, mark: markOf(m.Member), state: m.State, audio: m.Audio,
			camera: m.Video, screen: m.Screen, speaking: f.speaks(m.ID, now), quality: m.Quality, hand: m.Hand,
		})
	}
	return views
}

// speaks reports whether somebody is heard, or was a moment ago.
func (f callFacts) speaks(id string, now time.Time) bool {
	spoke, ever := f.spoke[id]
	return ever && now.Sub(spoke) < speakingHold
}

// line says in the place of a picture why there is none.
func (m memberView) line() string {
	switch m.state {
	case MemberRinging:
		return "Calling…"
	case MemberConnecting:
		return "Connecting…"
	case MemberReconnecting:
		return "Reconnecting…"
	}
	return ""
}

// label is the name on a tile; a microphone that is off says so there.
func (m memberView) label() string {
	if m.state == MemberHere && !m.audio {
		return m.name + " · muted"
	}
	return m.name
}

// speakerStays is how long somebody must be silent before another becomes the speaker, so that a cough or a yes from elsewhere
// does not take the large tile away.
const speakerStays = 1500 * time.Millisecond

// nextSpeaker is who has the large tile: whoever has it keeps it until they have been silent for a while and another is heard,
// the loudest of several.
func nextSpeaker(present string, members []CallMember, spoke map[string]time.Time, now time.Time) string {
	next, loudest, there := "", 0.0, false
	for _, m := range members {
		there = there || m.ID == present
		if m.ID != present && m.State == MemberHere && m.Level >= speakingLevel && m.Level > loudest {
			next, loudest = m.ID, m.Level
		}
	}
	last, ever := spoke[present]
	switch {
	case there && ever && now.Sub(last) < speakerStays:
		return present
	case next != "":
		return next
	case there:
		return present
	}
	return ""
}

// largeTile is whose tile is large, with the others in a strip; empty: all are equal. A pin counts most, then who shows the
// screen, then (where the user wants that) who speaks.
func largeTile(members []memberView, pinned, speaker string, speakerLarge bool) string {
	if len(members) < 2 {
		return ""
	}
	large := ""
	for _, m := range members {
		switch {
		case m.id == pinned:
			return pinned
		case m.screen && m.picture && large == "":
			large = m.id
		}
	}
	if large == "" && speakerLarge {
		large = members[0].id
		for _, m := range members {
			if m.id == speaker {
				large = speaker
			}
		}
	}
	return large
}
