package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

const ownKey = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"

// keyOf is a key in hex that differs with the name.
func keyOf(name string) string {
	const digits = "0123456789abcdef"
	b := []byte(ownKey)
	for i := range b {
		b[i] = digits[(int(name[i%len(name)])+i*7)%len(digits)]
	}
	return string(b)
}

// someone is a member whose session has proved an identity.
func someone(name string, s trust.Standing) Member {
	m := Member{Name: name, Identity: keyOf(name), Standing: s, Session: SessionProof{
		NearNonce: keyOf("near" + name), FarNonce: keyOf("far" + name), NearID: keyOf("my id"), FarID: keyOf("id of " + name),
	}}
	if s == trust.Verified {
		m.Verified = noon.Add(-30 * 24 * time.Hour)
	}
	return m
}

func stranger(name string) Member { return Member{Name: name} }
func oldOne(name string) Member   { return Member{Name: name, Old: true} }

// room is a call whose members have a string.
func room(members ...Member) Verification {
	s := trust.ShortString{0x3a, 0x51, 0x9c, 0x77, 0x20, 8: 0x91, 9: 0xf3, 10: 0x08, 11: 0x5e, 12: 0xc6}
	return Verification{
		State: trust.Compared, Words: s.Words(), Emoji: s.Emoji(), Code: "sundog-compare:1:" + keyOf("room"), Attempt: 1, Own: ownKey, Members: members,
	}
}

// inState is a room whose string is not there.
func inState(s trust.State, members ...Member) Verification {
	v := room(members...)
	v.State, v.Words, v.Emoji, v.Code = s, nil, nil, ""
	return v
}

var eight = []Member{
	someone("Ben", trust.Known), someone("Dana", trust.Verified), someone("Emil", trust.FirstSeen), someone("Ida Holm", trust.Stranger),
	someone("Jonas", trust.Known), someone("Kim", trust.Verified), someone("A person with an extraordinarily long name", trust.Known), someone("Zoe", trust.Known),
}

func TestThePanelSaysWhatIsToBeDone(t *testing.T) {
	differing := room(someone("Ben", trust.Known))
	differing.Differs = true
	failed := inState(trust.Stopped, someone("Ben", trust.Known))
	failed.Sentence = "Not everybody's phone took part in the comparison."
	asked := room(someone("Ben", trust.Known))
	asked.Asked = true
	second := inState(trust.Committing, someone("Ben", trust.Known))
	second.Attempt = 2
	for name, c := range map[string]struct {
		v     Verification
		stage compareStage
		lead  string // how it begins
		words bool
	}{
		"nobody there":        {inState(trust.Idle), compareCannot, "There is nobody", false},
		"words on their way":  {inState(trust.Committing, someone("Ben", trust.Known)), compareWaits, "The phones are making words", false},
		"commitments are in":  {inState(trust.Revealing, someone("Ben", trust.Known)), compareWaits, "The phones are making words", false},
		"before it begins":    {inState(trust.Idle, someone("Ben", trust.Known)), compareIdle, "There are no words to compare yet.", false},
		"once more":           {second, compareWaits, "The phones are making new words", false},
		"two":                 {room(someone("Ben", trust.FirstSeen)), compareNow, "Read these words to each other. You and Ben should", true},
		"three":               {room(eight[:2]...), compareNow, "Read these words to each other. All three of you should", true},
		"nine":                {room(eight...), compareNow, "Read these words to each other. All nine of you should", true},
		"three, one unproved": {room(eight[0], oldOne("Emil")), compareNow, "Read these words to each other. All should see the same ones, but for Emil,", true},
		"somebody asks":       {asked, compareFailed, "Somebody in the call asks for new words", false},
		"they differ":         {differing, compareDiffers, "The words differ.", false},
		"it failed":           {failed, compareFailed, "Not everybody's phone took part", false},
		"one is verified":     {room(someone("Ben", trust.Verified)), compareDone, "This is Ben, and nobody sits in between. Verified since", true},
		"all are verified":    {room(someone("Ben", trust.Verified), someone("Dana", trust.Verified)), compareDone, "These are Ben and Dana, and nobody", true},
		"an old program":      {inState(trust.Idle, oldOne("Ben")), compareCannot, "There are no words to compare. Ben’s program is too old", false},
		"one has not proved":  {inState(trust.Idle, stranger("Ben")), compareCannot, "There are no words to compare. Ben has not proved", false},
		"one of three cannot": {inState(trust.Idle, someone("Ben", trust.Known), oldOne("Dana")), compareCannot, "There are no words to compare. Dana’s program", false},
		"two of three cannot": {inState(trust.Idle, stranger("Ben"), stranger("Dana")), compareCannot, "There are no words to compare. Ben and Dana have not", false},
	} {
		got := compareViewOf(c.v, noon)
		if got.stage != c.stage || !strings.HasPrefix(got.lead, c.lead) || (len(got.words) == 3 && len(got.emoji) == 6) != c.words {
			t.Errorf("%s: stage %d, %q, words %v; want stage %d, %q…, words %v", name, got.stage, got.lead, got.words, c.stage, c.lead, c.words)
		}
		if got.waiting != (c.stage == compareWaits) {
			t.Errorf("%s: the dots move: %v", name, got.waiting)
		}
		if len(got.rows) != len(c.v.Members) {
			t.Errorf("%s: %d rows for %d people", name, len(got.rows), len(c.v.Members))
		}
	}
}

func TestEachPersonsRowSaysHowFarItIsKnownWhoItIs(t *testing.T) {
	for line, c := range map[string]struct {
		m    Member
		mark mark
	}{
		"Verified since 12 February":                     {someone("Ben", trust.Verified), verifiedMark},
		"The same key as before, not verified":           {someone("Ben", trust.Known), noMark},
		"A key seen for the first time, not verified":    {someone("Ben", trust.FirstSeen), noMark},
		"Nobody on your lists, not verified":             {someone("Ben", trust.Stranger), noMark},
		"Not the key that you know for this name":        {someone("Ben", trust.Changed), changedMark},
		"Has not proved who it is":                       {stranger("Ben"), warningMark},
		"An older program, which cannot prove who it is": {oldOne("Ben"), warningMark},
	} {
		if got := proofLine(c.m, noon); got != line {
			t.Errorf("%q, want %q", got, line)
		}
		if got := markOf(c.m); got != c.mark {
			t.Errorf("%s: mark %d, want %d", line, got, c.mark)
		}
	}
}

func TestWhileTheWordsDifferOrAreMissingThereIsNoCode(t *testing.T) {
	v := room(someone("Ben", trust.Known))
	if compareViewOf(v, noon).code == "" {
		t.Error("there is a string and no code")
	}
	v.Differs = true
	if got := compareViewOf(v, noon).code; got != "" {
		t.Errorf("the words differ, and there is the code %q", got)
	}
}

func TestExpertsSeeKeysNoncesAndFingerprints(t *testing.T) {
	groups := compareViewOf(room(someone("Ben", trust.Known), oldOne("Emil")), noon).experts
	if len(groups) != 3 || groups[0].title != "You" || groups[0].lines[0].value != ownKey {
		t.Fatalf("%+v", groups)
	}
	var names []string
	for _, l := range groups[1].lines {
		names = append(names, l.name)
	}
	want := []string{"Identity key", "Fingerprint of their certificate, the peer ID", "Fingerprint of yours", "Their nonce", "Your nonce"}
	if !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	if len(groups[2].lines) != 0 {
		t.Errorf("an old client shows %v", groups[2].lines)
	}
	if got := grouped("0123456789ab"); got != "0123 4567 89ab" {
		t.Errorf("%q", got)
	}
}
