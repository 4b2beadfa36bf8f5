package app

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// outline is a list in words: headings as they are, rows after a dash.
func outline(items []listItem) []string {
	var lines []string
	for _, i := range items {
		if i.kind == headingItem {
			lines = append(lines, i.heading)
		} else {
			lines = append(lines, "- "+i.row.name)
		}
	}
	return lines
}

func TestThePeoplePageHasItsSectionsInOrderAndNoEmptyOne(t *testing.T) {
	called := func(p Person, ago time.Duration) Person {
		p.LastCall = noon.Add(-ago)
		return p
	}
	people := []Person{
		called(Person{ID: "1", Name: "Zoe", Contact: true}, time.Hour),
		{ID: "2", Name: "anna", Contact: true, Online: true},
		{ID: "3", Name: "Emil", Nearby: true},
		{ID: "4", Name: "Ben", Nearby: true, Contact: true},
		called(Person{ID: "5", Name: "A stranger"}, time.Minute),
		called(Person{ID: "6", Name: "Mallory", Contact: true, Blocked: true}, time.Second),
	}
	requests := []Request{{ID: "q", Name: "Ida", Last: noon, Count: 1}}
	want := []string{
		"Contact requests", "- Ida",
		"On this network", "- Ben", "- Emil",
		"Contacts", "- anna", "- Zoe",
		"Recent", "- A stranger", "- Zoe",
	}
	if got := outline(peopleItems(people, requests, "", noon)); !slices.Equal(got, want) {
		t.Errorf("the page shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := outline(peopleItems(people[:1], nil, "x", noon)); got != nil {
		t.Errorf("nobody matches, and yet there is %v", got)
	}
}

func TestSearchFindsAnyPartOfANameHoweverItIsSpelled(t *testing.T) {
	people := []Person{{Name: "Ben Okoro", Contact: true}, {Name: "Dana", Contact: true}, {Name: "Reuben", Contact: true}}
	for typed, want := range map[string][]string{
		"":      {"Contacts", "- Ben Okoro", "- Dana", "- Reuben"},
		" BEN ": {"Contacts", "- Ben Okoro", "- Reuben"},
		"okoro": {"Contacts", "- Ben Okoro"},
		"x":     nil,
	} {
		if got := outline(peopleItems(people, nil, typed, noon)); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", typed, got, want)
		}
	}
}

func TestStrangersCannotPushOnesOwnPeopleOutOfSight(t *testing.T) {
	var requests []Request
	for range 50 {
		requests = append(requests, Request{Name: "Spam"})
	}
	if got := len(peopleItems(nil, requests, "", noon)); got != 1+requestsShown {
		t.Errorf("%d lines for 50 requests", got)
	}
}

func TestRecentIsTheNewestFirstAndOnlyThoseWithACall(t *testing.T) {
	people := []Person{
		{Name: "never"},
		{Name: "old", LastCall: noon.Add(-48 * time.Hour)},
		{Name: "new", LastCall: noon.Add(-time.Minute)},
		{Name: "blocked", LastCall: noon, Blocked: true},
	}
	var names []string
	for _, r := range recentRows(people, noon) {
		names = append(names, r.name)
	}
	if !slices.Equal(names, []string{"new", "old"}) {
		t.Errorf("recent is %v", names)
	}
	if people[0].Name != "never" {
		t.Error("the phone's own list was changed")
	}
}

func TestANameMeansTheListedPeopleWhoHaveIt(t *testing.T) {
	people := []Person{{ID: "1", Name: "Ben Okoro"}, {ID: "2", Name: "ben okoro", Nearby: true}, {ID: "3", Name: "Ben Okoro", Blocked: true}}
	if got := named(people, " BEN   okoro "); len(got) != 2 || got[0].ID != "1" || got[1].ID != "2" {
		t.Errorf("it means %v", got)
	}
	if got := named(people, "ben"); got != nil {
		t.Errorf("a part of a name means %v", got)
	}
}

func BenchmarkListOfThousands(b *testing.B) {
	b.ReportAllocs()
	people := make([]Person, 5000)
	for i := range people {
		people[i] = Person{ID: number(i), Name: "Contact " + number(i), Contact: true, LastSeen: noon}
	}
	for b.Loop() {
		peopleItems(people, nil, "", noon)
	}
}
