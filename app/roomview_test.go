package app

import (
	"slices"
	"testing"

	"sundog.dev/sundog/mesh"
)

func here(names ...string) []memberView {
	var views []memberView
	for _, name := range names {
		views = append(views, memberView{id: name, name: name, audio: true, camera: true, quality: 3})
	}
	return views
}

func TestWhoDoesNotHearWhomIsSaid(t *testing.T) {
	for want, l := range map[string]BrokenLink{
		"Ben and Carla do not hear each other; trying again.":                                       {A: "Ben", B: "Carla"},
		"You and Carla do not hear each other; trying again.":                                       {A: "Carla", B: OwnID},
		"You and Ben do not hear each other; trying again.":                                         {A: OwnID, B: "Ben"},
		"Ben and Carla hear each other by way of Dana; the direct connection is being tried again.": {A: "Ben", B: "Carla", Carrier: "Dana"},
		"Ben and Carla hear each other by way of you; the direct connection is being tried again.":  {A: "Ben", B: "Carla", Carrier: OwnID},
		"": {A: "Ben", B: "Zoe"}, // who has left meanwhile
	} {
		r := roomViewOf(callView{}, memberView{name: "You"}, here("Ben", "Carla", "Dana"), &ConferenceState{Broken: []BrokenLink{l}})
		if want == "" {
			if len(r.broken) != 0 || r.fine == "" {
				t.Errorf("somebody who has left is told of: %q, %q", r.broken, r.fine)
			}
		} else if !slices.Equal(r.broken, []string{want}) || r.fine != "" {
			t.Errorf("%+v: %q, %q; want %q", l, r.broken, r.fine, want)
		}
	}
}

func TestThatEverybodyHearsEverybodyIsSaidOnlyWhereItIsKnown(t *testing.T) {
	room := &ConferenceState{}
	connecting := here("Ben", "Carla")
	connecting[1].state = MemberConnecting
	for _, c := range []struct {
		what    string
		members []memberView
		room    *ConferenceState
		want    bool
	}{
		{"three who do", here("Ben", "Carla"), room, true},
		{"one is connecting", connecting, room, false},
		{"a call of two", here("Ben"), room, false},
		{"a phone that does not know", here("Ben", "Carla"), nil, false},
	} {
		if got := roomViewOf(callView{}, memberView{}, c.members, c.room).fine != ""; got != c.want {
			t.Errorf("%s: said %v, want %v", c.what, got, c.want)
		}
	}
}

func TestTheTableHasARowAndAColumnForEachAndIsTheSameBothWays(t *testing.T) {
	broken := []BrokenLink{{A: "Ben", B: "Carla"}, {A: OwnID, B: "Dana", Carrier: "Ben"}}
	r := roomViewOf(callView{}, memberView{name: "You"}, here("Ben", "Carla", "Dana"), &ConferenceState{Broken: broken})
	o, n, x, c := linkWorks, linkNone, linkBroken, linkCarried
	want := [][]linkCell{
		{n, o, o, c},
		{o, n, x, o},
		{o, x, n, o},
		{c, o, o, n},
	}
	if !slices.Equal(r.table.names, []string{"You", "Ben", "Carla", "Dana"}) || !slices.EqualFunc(r.table.cells, want, slices.Equal[[]linkCell]) {
		t.Errorf("%+v", r.table)
	}
}

func TestTheTableOfManyShowsThoseWhoseLinksAreBroken(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}
	r := roomViewOf(callView{}, memberView{name: "You"}, here(names...), &ConferenceState{Broken: []BrokenLink{{A: "c", B: "l"}, {A: OwnID, B: "b"}}})
	if !slices.Equal(r.table.names, []string{"You", "b", "c", "l"}) {
		t.Errorf("%q", r.table.names)
	}
}

func TestARowSaysHowTheLinkIsAndWhatIsNotSent(t *testing.T) {
	for want, m := range map[string]memberView{
		"Good connection":                    {quality: 3, audio: true, camera: true},
		"Poor connection, muted":             {quality: 1, camera: true},
		"Fair connection, muted, camera off": {quality: 2},
		"Good connection, shows the screen":  {quality: 3, audio: true, camera: true, screen: true},
		"Camera off":                         {audio: true},
		"Asked to join; no answer yet":       {state: MemberRinging},
		"The connection broke; trying again": {state: MemberReconnecting, quality: 1, audio: true},
	} {
		if got, _ := linkLineOf(m, ""); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestOnlyWhomThePhoneNamesCanBeRemoved(t *testing.T) {
	r := roomViewOf(callView{}, memberView{name: "You"}, here("Ben", "Carla"), &ConferenceState{Removable: []string{"Carla", OwnID}})
	for i, want := range []bool{false, false, true} {
		if r.rows[i].removable != want {
			t.Errorf("%s: %v, want %v", r.rows[i].name, r.rows[i].removable, want)
		}
	}
}

func TestWhoCanBeAddedToACall(t *testing.T) {
	people := []Person{
		{ID: "ada", Name: "Ada", Contact: true},
		{ID: "ben", Name: "Ben", Contact: true, Online: true, Identity: keyOf("Ben")},
		{ID: "other", Name: "Ben", Contact: true, Online: true, Identity: keyOf("another Ben")},
		{ID: "carla", Name: "Carla", Nearby: true},
		{ID: "dan", Name: "Dan", Contact: true, Online: true, Blocked: true},
		{ID: "eve", Name: "Eve", Contact: true, Online: true, KeyChanged: true},
		{ID: "once", Name: "Once called"},
		{ID: "zoe", Name: "Zoe", Contact: true, Online: true},
	}
	members := []CallMember{{ID: "1", Member: Member{Name: "Ben", Identity: keyOf("Ben")}}}
	for typed, want := range map[string][]string{
		"":   {"other", "carla", "zoe", "ada"}, // who is there first
		"ZO": {"zoe"},
		"q":  nil,
	} {
		var got []string
		for _, p := range addable(people, members, typed) {
			got = append(got, p.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("typed %q: %q, want %q", typed, got, want)
		}
	}
}

func TestWeAreNamedAsOthersSeeUs(t *testing.T) {
	own := ownView(factsIn(mesh.InCall, nil), "Anna Berg", 7)
	own.hand, own.turn = true, 2
	ben := memberView{id: "ben", name: "Ben", face: "Ben", hand: true, turn: 1}
	v := roomViewOf(callView{}, own, []memberView{ben}, nil)
	if us := v.rows[0]; us.name != "You" || initials(us.face) != "AB" {
		t.Errorf("we are %q with the initials %q", us.name, initials(us.face))
	}
	if v.hands != "Hands up: Ben, then you" {
		t.Error(v.hands)
	}
	own.turn, ben.turn = 1, 2
	if got := roomViewOf(callView{}, own, []memberView{ben}, nil).hands; got != "Hands up: You, then Ben" {
		t.Error(got)
	}
}

func TestOneLeavesThoseWhoGoOn(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inRoom(2)
	if w.bar.leave.caption != "Leave" {
		t.Errorf("%q is offered in a call of three", w.bar.leave.caption)
	}
	call.set(func(c *fakeCall) { c.members = crowd(1) })
	d.until("a call of two", func() bool { return w.bar.leave.caption == "Hang up" })
}
