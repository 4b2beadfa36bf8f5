package app

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

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
	HandAt       time.Time
	Reaction     string  // an emoji, for a moment
	Volume       float64 // how loud we have made them; 1 is as they are
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
	face     string // whose initials the avatar has
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
	turn     int     // of the raised hands, theirs is that one, from 1; 0: it is the only one
	reaction string  // an emoji
	volume   float64 // how loud we have made them
}

// memberViews are the members in their order. The loop adds the pictures.
func memberViews(f callFacts, now time.Time) []memberView {
	views := make([]memberView, 0, len(f.members))
	turns := handTurns(f)
	for _, m := range f.members {
		views = append(views, memberView{
			id: m.ID, name: m.Name, face: m.Name, colour: m.Colour, mark: markOf(m.Member), state: m.State, audio: m.Audio,
			camera: m.Video, screen: m.Screen, speaking: f.speaks(m.ID, now), quality: m.Quality, hand: m.Hand,
			turn: turns[m.ID], reaction: m.Reaction, volume: m.Volume,
		})
	}
	return views
}

// ownView is our own tile among those of several. name is what others call us, whose initials they see, too.
func ownView(f callFacts, name string, colour uint32) memberView {
	s := f.status
	v := memberView{id: OwnID, name: "You", face: name, colour: colour, audio: !s.Muted, camera: s.CameraOn || s.Sharing, screen: s.Sharing}
	if f.room != nil {
		v.hand, v.turn, v.reaction = f.room.Hand, handTurns(f)[OwnID], f.room.Reaction
	}
	return v
}

// handTurns is the order of the raised hands, from 1, where there is more than one.
func handTurns(f callFacts) map[string]int {
	type raised struct {
		id string
		at time.Time
	}
	var hands []raised
	for _, m := range f.members {
		if m.Hand {
			hands = append(hands, raised{m.ID, m.HandAt})
		}
	}
	if f.room != nil && f.room.Hand {
		hands = append(hands, raised{OwnID, f.room.HandAt})
	}
	if len(hands) < 2 {
		return nil
	}
	slices.SortStableFunc(hands, func(a, b raised) int {
		switch {
		case a.at.IsZero() != b.at.IsZero(): // since when is not known: after the others
			if a.at.IsZero() {
				return 1
			}
			return -1
		case a.at.Equal(b.at):
			return strings.Compare(a.id, b.id)
		}
		return a.at.Compare(b.at)
	})
	turns := make(map[string]int)
	for i, h := range hands {
		turns[h.id] = i + 1
	}
	return turns
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
	if m.camera && !m.picture {
		return "No picture at the moment"
	}
	return ""
}

// label is the name on a tile, and behind it what is to be seen however long that is: that a microphone is off.
func (m memberView) label() (name, state string) {
	name = m.name
	if m.turn > 0 {
		name = strconv.Itoa(m.turn) + " · " + name
	}
	if m.state == MemberHere && !m.audio {
		state = " · muted"
	}
	return name, state
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
