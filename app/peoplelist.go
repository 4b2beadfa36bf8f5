package app

import (
	"slices"
	"strings"
	"time"
)

// listItem is one line of the list on the People page: a heading, a person or a request.
type listItem struct {
	kind    itemKind
	heading string
	row     personRow
}

type itemKind int

const (
	headingItem itemKind = iota
	personItem
	requestItem
)

const (
	// recentShown is how many of the last calls the People page shows; the Recent page has all.
	recentShown = 3
	// requestsShown bounds what strangers can put before one's own people.
	requestsShown = 3
)

// peopleItems are the sections of the People page, without those that are empty, narrowed to what was typed.
func peopleItems(people []Person, requests []Request, typed string, now time.Time) []listItem {
	matches := matcher(typed)
	var items []listItem
	section := func(heading string, rows []listItem) {
		if len(rows) > 0 {
			items = append(append(items, listItem{heading: heading}), rows...)
		}
	}
	var asking, nearby, contacts, called []listItem
	for _, q := range requests {
		if matches(q.Name) && len(asking) < requestsShown {
			row := personRow{id: q.ID, name: q.Name, colour: q.Colour, line: requestText(q, now), pretends: q.Contact != ""}
			if row.pretends {
				row.tone = toneBad
			}
			asking = append(asking, listItem{kind: requestItem, row: row})
		}
	}
	for _, p := range people {
		switch {
		case p.Blocked || !matches(p.Name):
		case p.Nearby:
			nearby = append(nearby, listItem{kind: personItem, row: contactRow(p, now)})
		case p.Contact:
			contacts = append(contacts, listItem{kind: personItem, row: contactRow(p, now)})
		}
	}
	byName := func(a, b listItem) int { return compareNames(a.row.name, b.row.name) }
	slices.SortStableFunc(nearby, byName)
	slices.SortStableFunc(contacts, byName)
	for _, r := range recentRows(people, now) {
		if matches(r.name) && len(called) < recentShown {
			called = append(called, listItem{kind: personItem, row: r})
		}
	}
	section("Contact requests", asking)
	section("On this network", nearby)
	section("Contacts", contacts)
	section("Recent", called)
	return items
}

// recentRows are those with a call, the newest first. Who is blocked is not among them.
func recentRows(people []Person, now time.Time) []personRow {
	called := slices.DeleteFunc(slices.Clone(people), func(p Person) bool { return p.LastCall.IsZero() || p.Blocked })
	slices.SortStableFunc(called, func(a, b Person) int { return b.LastCall.Compare(a.LastCall) })
	var rows []personRow
	for _, p := range called {
		rows = append(rows, callRow(p, now))
	}
	return rows
}

// matcher tells names that contain what was typed, in any case.
func matcher(typed string) func(name string) bool {
	typed = strings.ToLower(strings.Join(strings.Fields(typed), " "))
	return func(name string) bool { return typed == "" || strings.Contains(strings.ToLower(name), typed) }
}

func compareNames(a, b string) int {
	if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// named are the listed people of that name, however it is spelled, those who can be called first.
func named(people []Person, typed string) []Person {
	var found []Person
	for _, p := range people {
		if !p.Blocked && strings.EqualFold(p.Name, tidied(typed)) {
			found = append(found, p)
		}
	}
	return found
}

func tidied(typed string) string { return strings.Join(strings.Fields(typed), " ") }
