package app

import (
	"testing"
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

func TestWhoHasTheFloorKeepsItUntilTheyAreSilentForAWhile(t *testing.T) {
	loud := func(id string, level float64) CallMember { return CallMember{ID: id, Level: level} }
	ago := func(d time.Duration) map[string]time.Time { return map[string]time.Time{"ben": noon.Add(-d)} }
	for _, c := range []struct {
		what    string
		present string
		members []CallMember
		spoke   map[string]time.Time
		want    string
	}{
		{"nobody has spoken", "", []CallMember{loud("ben", 0), loud("carla", 0.01)}, nil, ""},
		{"the first to speak", "", []CallMember{loud("ben", 0.3), loud("carla", 0)}, nil, "ben"},
		{"the loudest of two", "", []CallMember{loud("ben", 0.2), loud("carla", 0.5)}, nil, "carla"},
		{"a yes from elsewhere", "ben", []CallMember{loud("ben", 0), loud("carla", 0.5)}, ago(speakerStays - 1), "ben"},
		{"another goes on after a pause", "ben", []CallMember{loud("ben", 0), loud("carla", 0.5)}, ago(speakerStays), "carla"},
		{"all are silent", "ben", []CallMember{loud("ben", 0), loud("carla", 0)}, nil, "ben"},
		{"the speaker leaves", "ben", []CallMember{loud("carla", 0), loud("dana", 0)}, ago(0), ""},
		{"somebody whose connection broke", "ben", []CallMember{loud("ben", 0), {ID: "carla", Level: 0.5, State: MemberReconnecting}}, nil, "ben"},
	} {
		if got := nextSpeaker(c.present, c.members, c.spoke, noon); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestAPinCountsMoreThanTheScreenAndThatMoreThanTheSpeaker(t *testing.T) {
	ben, carla, dana := memberView{id: "ben"}, memberView{id: "carla"}, memberView{id: "dana"}
	shows := memberView{id: "dana", screen: true, picture: true}
	for _, c := range []struct {
		what            string
		members         []memberView
		pinned, speaker string
		speakerLarge    bool
		want            string
	}{
		{"all are equal", []memberView{ben, carla, dana}, "", "ben", false, ""},
		{"a pin", []memberView{ben, carla, dana}, "carla", "ben", true, "carla"},
		{"a pin of who has left", []memberView{ben, dana}, "carla", "dana", false, ""},
		{"who speaks", []memberView{ben, carla, dana}, "", "carla", true, "carla"},
		{"nobody has spoken yet", []memberView{ben, carla, dana}, "", "", true, "ben"},
		{"the speaker has left", []memberView{ben, dana}, "", "carla", true, "ben"},
		{"a screen", []memberView{ben, carla, shows}, "", "ben", true, "dana"},
		{"a screen that is not there yet", []memberView{ben, carla, {id: "dana", screen: true}}, "", "ben", false, ""},
		{"a pin beside a screen", []memberView{ben, carla, shows}, "ben", "", false, "ben"},
		{"a call of two", []memberView{shows}, "dana", "dana", true, ""},
	} {
		if got := largeTile(c.members, c.pinned, c.speaker, c.speakerLarge); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestATileSaysWhyThereIsNoPicture(t *testing.T) {
	for state, want := range map[MemberState]string{MemberHere: "", MemberRinging: "Calling…", MemberConnecting: "Connecting…", MemberReconnecting: "Reconnecting…"} {
		if got := (memberView{state: state}).line(); got != want {
			t.Errorf("state %d: %q, want %q", state, got, want)
		}
	}
	for want, m := range map[string]memberView{
		"Ben":         {name: "Ben", audio: true},
		"Ben · muted": {name: "Ben"},
		"Carla":       {name: "Carla", state: MemberConnecting}, // who sends nothing yet
	} {
		if name, state := m.label(); name+state != want {
			got := name + state
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTheTitleNamesThoseInTheCall(t *testing.T) {
	names := []string{"Ben", "Carla", "Dana", "Emil", "Fay"}
	for n, want := range map[int]string{
		1: "Sundog – Call with Ben",
		2: "Sundog – Call with Ben and Carla",
		3: "Sundog – Call with Ben, Carla and Dana",
		4: "Sundog – Call with Ben, Carla, Dana and Emil",
		5: "Sundog – Call with Ben, Carla, Dana and two others",
	} {
		f := factsIn(mesh.InCall, func(f *callFacts) {
			f.members = nil
			for _, name := range names[:n] {
				f.members = append(f.members, CallMember{ID: name, Member: someone(name, trust.Known)})
			}
		})
		if got := viewOf(f, noon).title; got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestTheQualityOfACallIsThatOfItsWorstLink(t *testing.T) {
	for _, c := range []struct {
		links []int
		want  int
	}{{nil, 0}, {[]int{0}, 0}, {[]int{3}, 3}, {[]int{3, 1, 2}, 1}, {[]int{0, 2}, 2}} {
		var members []CallMember
		for _, q := range c.links {
			members = append(members, CallMember{Quality: q})
		}
		if got := worstQuality(members); got != c.want {
			t.Errorf("%v: %d, want %d", c.links, got, c.want)
		}
	}
}
