package app

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// personRow is a person as a row of a list shows them.
type personRow struct {
	id       string
	name     string
	line     string // where and since when, or the last call
	tone     tone
	colour   uint32
	online   bool
	verified bool
	arrow    arrow
	pretends bool // a request under a contact's name, with another key
}

// arrow is which way the last call went.
type arrow int

const (
	noArrow arrow = iota
	arrowOut
	arrowIn
	arrowMissed
)

func faceOf(p Person) personRow {
	return personRow{id: p.ID, name: p.Name, colour: p.Colour, online: p.Online || p.Nearby, verified: p.Verified}
}

// contactRow tells whether and where a person is there, or since when not.
func contactRow(p Person, now time.Time) personRow {
	r := faceOf(p)
	switch {
	case p.KeyChanged:
		r.line, r.tone = "Shows another identity than before", toneBad
	case p.Nearby:
		r.line = "Here now"
		if p.Contact {
			r.line = "Here now, a contact"
		}
	case p.Online:
		r.line = "Reachable"
		if p.Where != "" {
			r.line = "Reachable through " + p.Where
		}
	case p.LastSeen.IsZero():
		r.line = "Not seen yet"
	default:
		r.line = "Last seen " + moment(p.LastSeen, now)
	}
	return r
}

// callRow tells of the last call with a person.
func callRow(p Person, now time.Time) personRow {
	r := faceOf(p)
	when := moment(p.LastCall, now)
	switch {
	case p.Missed && p.Outgoing:
		r.line, r.arrow = "No answer, "+when, arrowOut
	case p.Missed:
		r.line, r.arrow, r.tone = "Missed, "+when, arrowMissed, toneBad
	case p.Outgoing:
		r.line, r.arrow = "You called, "+when, arrowOut
	default:
		r.line, r.arrow = "Called you, "+when, arrowIn
	}
	return r
}

// requestText says when and how often somebody has tried to call.
func requestText(q Request, now time.Time) string {
	if q.Contact != "" {
		return "Not the " + q.Contact + " you know: another key, " + moment(q.Last, now)
	}
	line := "Wanted to call you, " + moment(q.Last, now)
	switch {
	case q.Count == 2:
		line = "Wanted to call you twice, last " + moment(q.Last, now)
	case q.Count > 2:
		line = "Wanted to call you " + number(q.Count) + " times, last " + moment(q.Last, now)
	}
	return line
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
