package app

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// personRow is a person as a row of a list shows them.
type personRow struct {
	name   string
	line   string // about the last call
	tone   tone
	online bool
	arrow  arrow
}

// arrow is which way the last call went.
type arrow int

const (
	noArrow arrow = iota
	arrowOut
	arrowIn
	arrowMissed
)

func rowOf(p Person, now time.Time) personRow {
	r := personRow{name: p.Name, online: p.Online}
	switch {
	case p.LastCall.IsZero() && p.Online:
		r.line = "reachable"
	case p.LastCall.IsZero():
		r.line = "no call yet"
	case p.Missed && p.Outgoing:
		r.line, r.arrow = "no answer, "+moment(p.LastCall, now), arrowOut
	case p.Missed:
		r.line, r.arrow, r.tone = "missed, "+moment(p.LastCall, now), arrowMissed, toneBad
	case p.Outgoing:
		r.line, r.arrow = "you called, "+moment(p.LastCall, now), arrowOut
	default:
		r.line, r.arrow = "called you, "+moment(p.LastCall, now), arrowIn
	}
	return r
}

// peopleRows are the rows of the People page that match what was typed, in the phone's order.
func peopleRows(people []Person, typed string, now time.Time) []personRow {
	typed = strings.ToLower(strings.TrimSpace(typed))
	var rows []personRow
	for _, p := range people {
		if typed == "" || strings.Contains(strings.ToLower(p.Name), typed) {
			rows = append(rows, rowOf(p, now))
		}
	}
	return rows
}

// recentRows are those with a call, the newest first.
func recentRows(people []Person, now time.Time) []personRow {
	called := slices.DeleteFunc(slices.Clone(people), func(p Person) bool { return p.LastCall.IsZero() })
	slices.SortStableFunc(called, func(a, b Person) int { return b.LastCall.Compare(a.LastCall) })
	return peopleRows(called, "", now)
}

// nameToCall is whom Enter in the field calls: the listed person of that name however it is spelled, else as typed.
func nameToCall(people []Person, typed string) (name string, known bool) {
	typed = strings.Join(strings.Fields(typed), " ")
	i := slices.IndexFunc(people, func(p Person) bool { return strings.EqualFold(p.Name, typed) })
	if i < 0 {
		return typed, false
	}
	return people[i].Name, true
}

// initials are at most two letters of a name: of its first and its last word.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "?"
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 {
		return string(unicode.ToUpper(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return string(unicode.ToUpper(first)) + string(unicode.ToUpper(last))
}

// colourKey chooses the colour of somebody's avatar, the same each time.
func colourKey(name string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(strings.ToLower(name)))
	return h.Sum32()
}
