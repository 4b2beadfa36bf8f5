package app

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func TestACallRowTellsTheLastCall(t *testing.T) {
	at := noon.Add(-time.Hour)
	for _, c := range []struct {
		person Person
		line   string
		arrow  arrow
		tone   tone
	}{
		{Person{LastCall: at, Missed: true}, "Missed, 11:00", arrowMissed, toneBad},
		{Person{LastCall: at, Missed: true, Outgoing: true}, "No answer, 11:00", arrowOut, toneQuiet},
		{Person{LastCall: at, Outgoing: true}, "You called, 11:00", arrowOut, toneQuiet},
		{Person{LastCall: at}, "Called you, 11:00", arrowIn, toneQuiet},
	} {
		if r := callRow(c.person, noon); r.line != c.line || r.arrow != c.arrow || r.tone != c.tone {
			t.Errorf("%+v: %q, arrow %d, tone %d", c.person, r.line, r.arrow, r.tone)
		}
	}
}

func TestAContactRowTellsWhereOrSinceWhen(t *testing.T) {
	for _, c := range []struct {
		person Person
		line   string
		online bool
		tone   tone
	}{
		{Person{}, "Not seen yet", false, toneQuiet},
		{Person{LastSeen: noon.Add(-time.Hour)}, "Last seen 11:00", false, toneQuiet},
		{Person{LastSeen: noon.Add(-24 * time.Hour)}, "Last seen yesterday, 12:00", false, toneQuiet},
		{Person{Online: true}, "Reachable", true, toneQuiet},
		{Person{Online: true, Where: "example.org"}, "Reachable through example.org", true, toneQuiet},
		{Person{Nearby: true, Where: "example.org"}, "Here now", true, toneQuiet},
		{Person{Nearby: true, Contact: true}, "Here now, a contact", true, toneQuiet},
		{Person{Online: true, KeyChanged: true}, "Shows another identity than before", true, toneBad},
	} {
		if r := contactRow(c.person, noon); r.line != c.line || r.online != c.online || r.tone != c.tone {
			t.Errorf("%+v: %+v", c.person, r)
		}
	}
}

func TestARequestTellsWhenAndHowOften(t *testing.T) {
	for count, want := range map[int]string{
		1:  "Wanted to call you, 11:00",
		2:  "Wanted to call you twice, last 11:00",
		3:  "Wanted to call you three times, last 11:00",
		40: "Wanted to call you 40 times, last 11:00",
	} {
		if got := requestText(Request{Last: noon.Add(-time.Hour), Count: count}, noon); got != want {
			t.Errorf("%d: %q, want %q", count, got, want)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Ben Okoro": "BO", "dana": "D", "Anna Maria van Berg": "AB", "čeněk dvořák": "ČD",
		"": "?", "--": "?", "ben@example.org": "BO", "李 小龙": "李小",
	} {
		if got := initials(name); got != want {
			t.Errorf("initials of %q are %q, want %q", name, got, want)
		}
	}
}

func TestNamesAreCheckedBeforeTheyAreKept(t *testing.T) {
	if got, err := checkName("  Anna   Berg "); got != "Anna Berg" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range []string{"", "   ", string(make([]rune, 65)), "a\x07b"} {
		if _, err := checkName(bad); err == nil {
			t.Errorf("%q was taken as a name", bad)
		}
	}
}
