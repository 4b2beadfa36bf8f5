package app

import (
	"slices"
	"strings"
)

// roomView is what the panel of people shows of a call. It is compared to tell whether anything must be painted again.
type roomView struct {
	rows   []roomRow
	broken []string // who does not hear whom
	fine   string   // said where everybody hears everybody
	table  linkTable
	uplink string // what each gets of our uplink, or why not all is carried
	short  bool   // the uplink does not carry all
	may    ConferenceState
	hands  string // the order of those that are raised; empty: there is one at most
}

// roomRow is somebody in the call: we ourselves first.
type roomRow struct {
	id        string
	name      string
	face      string // whose initials the avatar has
	colour    uint32
	mark      mark
	line      string
	tone      tone
	quality   int
	hand      bool
	turn      int // of several hands
	removable bool
	here      bool    // they are in the call, and hear us
	volume    float64 // how loud we have made them
}

// roomViewOf is what the panel shows. own is us.
func roomViewOf(v callView, own memberView, members []memberView, room *ConferenceState) roomView {
	r := roomView{}
	if room != nil {
		r.may = ConferenceState{MayAdd: room.MayAdd, MayLink: room.MayLink, Hand: room.Hand}
		r.uplink, r.short = orElse(room.Refusal, sharesLine(room.Shares)), room.Refusal != ""
	}
	r.rows = append(r.rows, roomRow{id: OwnID, name: own.name, face: own.face, colour: own.colour, line: ownLine(v), hand: own.hand, turn: own.turn})
	for _, m := range members {
		row := roomRow{id: m.id, name: m.name, face: m.face, colour: m.colour, mark: m.mark, hand: m.hand, turn: m.turn, quality: m.quality, here: m.state == MemberHere, volume: m.volume}
		row.line, row.tone = linkLineOf(m, carrierOf(m.id, members, room))
		if m.state != MemberHere {
			row.quality = 0
		}
		row.removable = room != nil && slices.Contains(room.Removable, m.id)
		r.rows = append(r.rows, row)
	}
	r.hands = handsLine(r.rows)
	if room == nil {
		return r
	}
	for _, l := range room.Broken {
		if text := brokenLine(l, r.rows); text != "" {
			r.broken = append(r.broken, text)
		}
	}
	switch {
	case len(r.broken) > 0:
		r.table = linkTableOf(r.rows, room.Broken)
	case len(members) > 1 && !slices.ContainsFunc(members, func(m memberView) bool { return m.state != MemberHere }):
		r.fine = "Everybody hears everybody."
	}
	return r
}

// sharesLine says what is sent, as "You send now: 7 people × 480 kbit/s".
func sharesLine(shares string) string {
	if shares == "" {
		return ""
	}
	return "You send now: " + shares
}

// handsLine is the order in which people want to speak.
func handsLine(rows []roomRow) string {
	var turns []roomRow
	for _, r := range rows {
		if r.turn > 0 {
			turns = append(turns, r)
		}
	}
	slices.SortFunc(turns, func(a, b roomRow) int { return a.turn - b.turn })
	var names []string
	for i, r := range turns {
		if r.id == OwnID && i > 0 {
			r.name = "you"
		}
		names = append(names, r.name)
	}
	if len(names) == 0 {
		return ""
	}
	return "Hands up: " + strings.Join(names, ", then ")
}

// carrierOf is who passes on what a member and we send each other; empty: nobody does.
func carrierOf(id string, members []memberView, room *ConferenceState) string {
	if room == nil {
		return ""
	}
	for _, l := range room.Broken {
		if l.A == id && l.B == OwnID || l.B == id && l.A == OwnID {
			for _, m := range members {
				if m.id == l.Carrier {
					return m.name
				}
			}
		}
	}
	return ""
}

// ownLine says what we do not send.
func ownLine(v callView) string {
	switch {
	case v.sharing && v.muted:
		return "Muted, everybody sees your screen"
	case v.sharing:
		return "Everybody sees your screen"
	case v.muted && !v.cameraOn:
		return "Muted, camera off"
	case v.muted:
		return "Muted"
	case !v.cameraOn:
		return "Camera off"
	}
	return "Heard and seen"
}

// linkLineOf says how it is with the link to a member, and what they do not send.
func linkLineOf(m memberView, carrier string) (string, tone) {
	switch m.state {
	case MemberRinging:
		return "Asked to join; no answer yet", toneQuiet
	case MemberConnecting:
		return "Connecting…", toneQuiet
	case MemberReconnecting:
		return "The connection broke; trying again", toneWaiting
	}
	var parts []string
	t := toneQuiet
	if carrier != "" {
		parts, t = append(parts, "carried by "+carrier), toneWaiting
	}
	if m.quality > 0 {
		parts = append(parts, qualityWord(m.quality)+" connection")
	}
	if m.quality == 1 {
		t = toneWaiting
	}
	if !m.audio {
		parts = append(parts, "muted")
	}
	switch {
	case m.screen && m.camera:
		parts = append(parts, "shows the screen")
	case !m.camera:
		parts = append(parts, "camera off")
	}
	return capital(strings.Join(parts, ", ")), t
}

// brokenLine tells of two who do not hear each other; empty if either is not in the call.
func brokenLine(l BrokenLink, rows []roomRow) string {
	name := func(id string) string {
		for _, r := range rows {
			if r.id == id && id != OwnID {
				return r.name
			}
		}
		return ""
	}
	a, b := name(l.A), name(l.B)
	if l.B == OwnID { // we come first
		a, b = "You", a
	} else if l.A == OwnID {
		a = "You"
	}
	if a == "" || b == "" {
		return ""
	}
	by := name(l.Carrier)
	if l.Carrier == OwnID {
		by = "you"
	}
	if by != "" {
		return a + " and " + b + " hear each other by way of " + by + "; the direct connection is being tried again."
	}
	return a + " and " + b + " do not hear each other; trying again."
}

// linkTable is who hears whom, one row and one column each.
type linkTable struct {
	names []string
	cells [][]linkCell
}

// linkCell is how it is between two.
type linkCell int

const (
	linkWorks linkCell = iota
	linkNone           // one and the same, or somebody who is not there yet
	linkCarried
	linkBroken
)

// tableMost is for how many people there is room in the table; of more, those are shown whose links are broken.
const tableMost = 10

func linkTableOf(rows []roomRow, broken []BrokenLink) linkTable {
	kind := func(a, b string) linkCell {
		for _, l := range broken {
			switch {
			case (l.A != a || l.B != b) && (l.A != b || l.B != a):
			case l.Carrier != "":
				return linkCarried
			default:
				return linkBroken
			}
		}
		return linkWorks
	}
	if len(rows) > tableMost {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r roomRow) bool {
			return !slices.ContainsFunc(broken, func(l BrokenLink) bool { return l.A == r.id || l.B == r.id })
		})
		rows = rows[:min(len(rows), tableMost)]
	}
	t := linkTable{}
	for _, a := range rows {
		t.names = append(t.names, a.name)
		var cells []linkCell
		for _, b := range rows {
			if a.id == b.id {
				cells = append(cells, linkNone)
			} else {
				cells = append(cells, kind(a.id, b.id))
			}
		}
		t.cells = append(t.cells, cells)
	}
	return t
}

// addMost is how many people are offered at once.
const addMost = 6

// isIn reports whether somebody is in a call.
func isIn(p Person, members []CallMember) bool {
	return slices.ContainsFunc(members, func(m CallMember) bool {
		if p.Identity != "" && m.Identity != "" {
			return p.Identity == m.Identity
		}
		return p.Name == m.Name
	})
}

// hindered says why somebody of the lists who has that name cannot be added; empty: nothing is in the way.
func hindered(people []Person, name string) string {
	for _, p := range people {
		switch {
		case !strings.EqualFold(p.Name, tidied(name)):
		case p.Blocked:
			return p.Name + " is blocked. Unblock them in Settings to add them."
		case p.KeyChanged:
			return p.Name + " shows another key than before. Look in the list of people what has changed, first."
		}
	}
	return ""
}

// addable are those of the lists who can be added to a call and match what was typed, contacts who are there first.
func addable(people []Person, members []CallMember, typed string) []Person {
	matches := matcher(typed)
	var found []Person
	for _, p := range people {
		if !p.Blocked && !p.KeyChanged && !isIn(p, members) && (p.Contact || p.Nearby) && matches(p.Name) {
			found = append(found, p)
		}
	}
	there := func(p Person) int {
		if p.Online || p.Nearby {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(found, func(a, b Person) int {
		if d := there(a) - there(b); d != 0 {
			return d
		}
		return compareNames(a.Name, b.Name)
	})
	return found[:min(len(found), addMost)]
}
