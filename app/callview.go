package app

import (
	"slices"
	"time"

	"sundog.dev/sundog/mesh"
)

// callView is all that a call window shows, beside the pictures and the chat. It is compared to tell whether
// anything must be painted again.
type callView struct {
	title    string // of the window
	state    mesh.State
	headline string // in the middle of the stage while there is no picture
	detail   string // under the headline
	who      string // who calls, as far as that is proved
	waiting  bool   // something is being tried: the dots move
	phase    int    // of the dots
	banner   string // over the stage while the call is being mended
	problem  string // of camera or sound, told once
	name     string
	colour   uint32 // of the avatar
	mark     mark   // of the name
	test     bool
	changed  bool   // the call was stopped, since another identity was shown than the remembered one
	timer    string // empty before the call stands
	quality  int
	retry    string // the button of an ended call; empty: to call again would lead nowhere, or annoy

	muted, cameraOn bool
	talking         bool   // not muted for as long as a key is held
	speaking        bool   // the only other one
	speaker         string // whose tile is large where that is wanted; an ID
	several         bool   // there are two others or more
	alone           bool   // nobody else is in the call
	people          int    // in the call, we ourselves too
	conference      bool
	uplink          string // what our uplink carries; under the call bar
	refusal         string // why it does not carry all
	sharing         bool
	hint            string // that we speak while muted
	handUp          bool   // ours
	mayAdd          bool   // we may add people
	broken          bool   // not everybody hears everybody
}

const (
	dotPhase  = 400 * time.Millisecond // of the waiting dots
	dotPhases = 3
	// speakingLevel is how loud the other side must be for the halo, and speakingHold how long it stays after, so
	// that it does not flicker between syllables.
	speakingLevel = 0.06
	speakingHold  = 500 * time.Millisecond
)

// callFacts are what a call's window knows of the call.
type callFacts struct {
	name     string
	colour   uint32
	incoming bool
	contact  bool // they are on the own list
	proof    Verification
	other    OtherIdentity // than the remembered one; zero: none
	test     bool
	status   CallStatus
	company  []string // who else is in the call that is offered
	members  []CallMember
	spoke    map[string]time.Time // by ID, when they were last loud enough
	speaker  string               // an ID
	room     *ConferenceState     // nil: not all have a program like ours
	mic      micHint
}

func viewOf(f callFacts, now time.Time) callView {
	s := f.status
	v := callView{
		name: callName(f), colour: f.colour, state: s.State, quality: worstQuality(f.members),
		muted: s.Muted, cameraOn: s.CameraOn, several: len(f.members) > 1, people: len(f.members) + 1, speaker: f.speaker,
		title: windowTitle(f), test: f.test, mark: callMark(f), conference: f.room != nil,
	}
	if f.room != nil && inCall(s.State) {
		v.refusal = f.room.Refusal
		if v.several || v.refusal != "" {
			v.uplink = f.room.Uplink
		}
		v.handUp, v.mayAdd, v.broken = f.room.Hand, f.room.MayAdd, len(f.room.Broken) > 0
	}
	v.sharing = inCall(s.State) && s.Sharing
	if s.State == mesh.InCall && s.Muted && f.mic.due {
		v.hint = mutedHint
	}
	v.speaking = s.State == mesh.InCall && len(f.members) == 1 && f.speaks(f.members[0].ID, now)
	if !s.Established.IsZero() && s.State != mesh.Ended {
		v.timer = callTime(now.Sub(s.Established))
	}
	switch s.State {
	case mesh.Ringing:
		v.headline, v.detail, v.who = f.name, ringLine(f), callerLine(f, now)
	case mesh.Calling:
		v.headline, v.detail, v.waiting = callingHeadline(f), s.Sentence, true
	case mesh.Connecting:
		v.headline, v.detail, v.waiting = "Connecting…", s.Sentence, true
	case mesh.InCall:
		v.headline = callName(f)
		v.detail, v.problem = farPictureLine(f), s.Sentence
		if len(f.members) == 0 {
			v.headline, v.alone = "Nobody else is here", true
		}
	case mesh.Reconnecting:
		v.headline, v.waiting = f.name, true
		v.banner = orElse(s.Sentence, orElse(s.Why, "The connection broke; trying again."))
	case mesh.Ended:
		v.headline = orElse(s.Sentence, "The call has ended.")
		v.retry = retryLabel(f)
		v.changed = !f.incoming && s.Reason == mesh.IdentityChanged && f.other != OtherIdentity{}
	}
	if v.waiting {
		v.phase = int(now.UnixMilli() / dotPhase.Milliseconds() % dotPhases)
	}
	return v
}

// ringLine says under the caller's name what they want of us.
func ringLine(f callFacts) string {
	if len(f.company) == 0 {
		return "is calling"
	}
	return "invites you to a call with " + firstNames(f.company)
}

func windowTitle(f callFacts) string {
	switch {
	case f.status.State == mesh.Ringing:
		return "Sundog – " + f.name + " is calling"
	case f.test:
		return "Sundog – Test call"
	}
	return "Sundog – Call with " + callName(f)
}

// namedInTitle is how many names are told of those in a call; of more, how many more there are.
const namedInTitle = 3

// callName is whom a call is with.
func callName(f callFacts) string {
	switch len(f.members) {
	case 0:
		return f.name
	case 1:
		if f.room != nil {
			return f.members[0].Name // who is left, not whom it began with
		}
		return f.name
	}
	var names []string
	for _, m := range f.members {
		names = append(names, m.Name)
	}
	return firstNames(names)
}

// firstNames are names as a sentence has them, of many the first ones.
func firstNames(names []string) string {
	var named []Member
	for _, name := range names {
		named = append(named, Member{Name: name})
	}
	if over := len(named) - namedInTitle; over > 1 {
		named = append(named[:namedInTitle], Member{Name: number(over) + " others"})
	}
	return namesOf(named)
}

// worstQuality is that of the worst link that is known; one of several that broke is the worst.
func worstQuality(members []CallMember) int {
	worst := 0
	for _, m := range members {
		if m.State == MemberReconnecting && len(members) > 1 {
			return 1
		}
		if m.State == MemberHere && m.Quality > 0 && (worst == 0 || m.Quality < worst) {
			worst = m.Quality
		}
	}
	return worst
}

func callingHeadline(f callFacts) string {
	if f.test {
		return "Starting the test call…"
	}
	return "Calling " + f.name + "…"
}

func farPictureLine(f callFacts) string {
	if len(f.members) == 0 {
		if f.room != nil && f.room.MayAdd {
			return "Add people, or give them the call’s link. You can also wait."
		}
		return "You can wait, or hang up."
	}
	switch far := f.members[0]; {
	case far.Video:
		return "The picture is on its way."
	case f.test:
		return "The echo sends no picture. What you say comes back."
	case !far.Audio:
		return possessive(callName(f)) + " camera and microphone are off"
	}
	return possessive(callName(f)) + " camera is off"
}

// possessive is a name's genitive.
func possessive(name string) string {
	if name != "" && (name[len(name)-1] == 's' || name[len(name)-1] == 'S') {
		return name + "’"
	}
	return name + "’s"
}

// retryLabel is what is offered at the end of a call. Where that has been refused it is nothing: what can be done is said.
func retryLabel(f callFacts) string {
	switch {
	case f.test:
		return "Try again"
	case slices.Contains(refusals, f.status.Reason):
		return ""
	case f.status.Reason == mesh.Full:
		return "Try again"
	case f.incoming:
		return "Call back"
	}
	return "Call again"
}

// refusals are the ends after which the same call would end in the same way.
var refusals = []mesh.Reason{mesh.Declined, mesh.Blocked, mesh.Removed, mesh.UnknownName, mesh.TooOld}
