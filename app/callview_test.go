package app

import (
	"testing"
	"time"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
)

func factsIn(state mesh.State, change func(*callFacts)) callFacts {
	f := callFacts{name: "Ben", contact: true, proof: room(someone("Ben", trust.Known)), status: CallStatus{Status: mesh.Status{State: state}}, members: []CallMember{{Member: Member{Name: "Ben"}, ID: "ben", Audio: true, Video: true}}}
	if change != nil {
		change(&f)
	}
	return f
}

func TestTheWindowsTitleTellsTheCall(t *testing.T) {
	for _, c := range []struct {
		facts callFacts
		want  string
	}{
		{factsIn(mesh.Ringing, nil), "Sundog – Ben is calling"},
		{factsIn(mesh.Calling, nil), "Sundog – Call with Ben"},
		{factsIn(mesh.InCall, nil), "Sundog – Call with Ben"},
		{factsIn(mesh.InCall, func(f *callFacts) { f.test = true }), "Sundog – Test call"},
	} {
		if got := viewOf(c.facts, noon).title; got != c.want {
			t.Errorf("%s: %q, want %q", c.facts.status.State, got, c.want)
		}
	}
}

func TestARingSaysWhoItIsAsFarAsThatIsProved(t *testing.T) {
	for want, change := range map[string]func(*callFacts){
		"In your contacts":                              func(f *callFacts) {},
		"Verified since 12 February":                    func(f *callFacts) { f.proof.Members[0] = someone("Ben", trust.Verified) },
		"Not in your contacts. Anybody can use a name.": func(f *callFacts) { f.proof.Members[0] = someone("Ben", trust.Stranger) },
		"Not in your contacts":                          func(f *callFacts) { f.contact = false },
		"Nothing proves who this is":                    func(f *callFacts) { f.proof.Members[0] = stranger("Ben") },
		"An older program. Nothing proves who this is":  func(f *callFacts) { f.proof.Members[0] = oldOne("Ben") },
		"Not the key that you know for Ben. It may be somebody else.": func(f *callFacts) {
			f.other = OtherIdentity{Name: "Ben", Remembered: keyOf("Ben"), Shown: keyOf("Mallory")}
		},
	} {
		if got := viewOf(factsIn(mesh.Ringing, change), noon).who; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTheTimerRunsFromTheMomentTheCallStood(t *testing.T) {
	since := func(f *callFacts) { f.status.Established = noon.Add(-65 * time.Second) }
	for state, want := range map[mesh.State]string{
		mesh.InCall: "1:05", mesh.Reconnecting: "1:05", mesh.Ended: "",
	} {
		if got := viewOf(factsIn(state, since), noon).timer; got != want {
			t.Errorf("%s: timer %q, want %q", state, got, want)
		}
	}
	if got := viewOf(factsIn(mesh.Calling, nil), noon).timer; got != "" {
		t.Errorf("a call that does not stand yet shows %q", got)
	}
}

func TestWaitingMoves(t *testing.T) {
	for _, state := range []mesh.State{mesh.Calling, mesh.Connecting, mesh.Reconnecting} {
		seen := map[int]bool{}
		for i := range 3 {
			v := viewOf(factsIn(state, nil), noon.Add(time.Duration(i)*dotPhase))
			if !v.waiting {
				t.Errorf("%s does not show that something happens", state)
			}
			seen[v.phase] = true
		}
		if len(seen) != dotPhases {
			t.Errorf("%s: the dots stand still", state)
		}
	}
	if viewOf(factsIn(mesh.InCall, nil), noon).waiting {
		t.Error("a standing call looks as if something were being tried")
	}
}

func TestABrokenConnectionTellsWhy(t *testing.T) {
	for _, c := range []struct {
		why, sentence, want string
	}{
		{"", "", "The connection broke; trying again."},
		{"Nothing was heard for 7 s.", "", "Nothing was heard for 7 s."},
		{"why", "The sentence.", "The sentence."},
	} {
		v := viewOf(factsIn(mesh.Reconnecting, func(f *callFacts) { f.status.Why, f.status.Sentence = c.why, c.sentence }), noon)
		if v.banner != c.want {
			t.Errorf("why %q, sentence %q: %q", c.why, c.sentence, v.banner)
		}
	}
}

func TestAnEndTellsItsSentenceAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		change func(*callFacts)
		retry  string
	}{
		{nil, "Call again"},
		{func(f *callFacts) { f.incoming = true }, "Call back"},
		{func(f *callFacts) { f.test = true }, "Try again"},
		{endedBy(mesh.NoAnswer), "Call again"},
		{endedBy(mesh.PeerLost), "Call again"},
		{endedBy(mesh.Full), "Try again"},
		{endedBy(mesh.Declined), ""}, // whoever has said no is not to be called at once
		{endedBy(mesh.Removed), ""},
		{endedBy(mesh.Blocked), ""},
		{endedBy(mesh.UnknownName), ""},
		{endedBy(mesh.TooOld), ""},
		{func(f *callFacts) { f.incoming, f.status.Reason = true, mesh.Removed }, ""},
	} {
		f := factsIn(mesh.Ended, c.change)
		f.status.Sentence = "Ben did not answer."
		v := viewOf(f, noon)
		if v.headline != "Ben did not answer." || v.retry != c.retry {
			t.Errorf("%q with the button %q, want %q", v.headline, v.retry, c.retry)
		}
	}
	if v := viewOf(factsIn(mesh.Ended, nil), noon); v.headline == "" {
		t.Error("an end without a sentence says nothing")
	}
}

func endedBy(why mesh.Reason) func(*callFacts) {
	return func(f *callFacts) { f.status.Reason = why }
}

func TestWhatIsMissingOfTheFarSideIsSaid(t *testing.T) {
	for _, c := range []struct {
		name         string
		audio, video bool
		want         string
	}{
		{"Ben", true, true, "The picture is on its way."},
		{"Ben", true, false, "Ben’s camera is off"},
		{"Agnes", true, false, "Agnes’ camera is off"},
		{"Ben", false, false, "Ben’s camera and microphone are off"},
	} {
		v := viewOf(factsIn(mesh.InCall, func(f *callFacts) {
			f.name, f.members[0].Audio, f.members[0].Video = c.name, c.audio, c.video
		}), noon)
		if v.detail != c.want {
			t.Errorf("%+v: %q", c, v.detail)
		}
	}
}

func TestTheHaloStaysBetweenSyllables(t *testing.T) {
	spoke := func(f *callFacts) { f.spoke = map[string]time.Time{"ben": noon} }
	for after, want := range map[time.Duration]bool{0: true, speakingHold / 2: true, speakingHold: false} {
		if got := viewOf(factsIn(mesh.InCall, spoke), noon.Add(after)).speaking; got != want {
			t.Errorf("%v after a sound: halo %v", after, got)
		}
	}
	if viewOf(factsIn(mesh.Reconnecting, spoke), noon).speaking {
		t.Error("somebody unheard has a halo")
	}
}
