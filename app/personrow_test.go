package app

import (
	"slices"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func TestARowTellsTheLastCall(t *testing.T) {
	at := noon.Add(-time.Hour)
	for _, c := range []struct {
		person Person
		line   string
		arrow  arrow
		tone   tone
	}{
		{Person{LastCall: at, Missed: true}, "missed, 11:00", arrowMissed, toneBad},
		{Person{LastCall: at, Missed: true, Outgoing: true}, "no answer, 11:00", arrowOut, toneQuiet},
		{Person{LastCall: at, Outgoing: true}, "you called, 11:00", arrowOut, toneQuiet},
		{Person{LastCall: at}, "called you, 11:00", arrowIn, toneQuiet},
		{Person{}, "no call yet", noArrow, toneQuiet},
		{Person{Online: true}, "reachable", noArrow, toneQuiet},
	} {
		if r := rowOf(c.person, noon); r.line != c.line || r.arrow != c.arrow || r.tone != c.tone {
			t.Errorf("%+v: %q, arrow %d, tone %d", c.person, r.line, r.arrow, r.tone)
		}
	}
}

func rowNames(rows []personRow) []string {
	var names []string
	for _, r := range rows {
		names = append(names, r.name)
	}
	return names
}

func TestSearchFindsAnyPartOfANameHoweverItIsSpelled(t *testing.T) {
	people := []Person{{Name: "Ben Okoro"}, {Name: "Dana"}, {Name: "Reuben"}}
	for typed, want := range map[string][]string{
		"":      {"Ben Okoro", "Dana", "Reuben"},
		" BEN ": {"Ben Okoro", "Reuben"},
		"okoro": {"Ben Okoro"},
		"x":     nil,
	} {
		if got := rowNames(peopleRows(people, typed, noon)); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", typed, got, want)
		}
	}
}

func TestRecentIsTheNewestFirstAndOnlyThoseWithACall(t *testing.T) {
	people := []Person{
		{Name: "never"},
		{Name: "old", LastCall: noon.Add(-48 * time.Hour)},
		{Name: "new", LastCall: noon.Add(-time.Minute)},
	}
	if got := rowNames(recentRows(people, noon)); !slices.Equal(got, []string{"new", "old"}) {
		t.Errorf("recent is %v", got)
	}
	if people[0].Name != "never" {
		t.Error("the phone's own list was changed")
	}
}

func TestEnterCallsTheListedSpelling(t *testing.T) {
	people := []Person{{Name: "Ben Okoro"}}
	for typed, want := range map[string]string{"ben  okoro ": "Ben Okoro", " Zoe ": "Zoe", "  ": ""} {
		if got, known := nameToCall(people, typed); got != want || known != (want == "Ben Okoro") {
			t.Errorf("%q calls %q (known: %v), want %q", typed, got, known, want)
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
