package app

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestATextOfManyLineEndsIsNoHigherThanAPage(t *testing.T) {
	poem := strings.TrimSuffix(strings.Repeat("A line of a poem\n", bubbleLines), "\n")
	for what, c := range map[string]struct{ text, want string }{
		"plain":        {"Hello\nBen", "Hello\nBen"},
		"a poem":       {poem, poem},
		"blank lines":  {"One\n\nTwo\n\n\n\n \n\n\nThree\n\n", "One\n\nTwo\n\nThree"},
		"nothing else": {strings.Repeat("\n", maxChat), ""},
	} {
		if got := lowered(c.text); got != c.want {
			t.Errorf("%s: %q", what, got)
		}
	}
	flood := strings.Repeat("a\n", maxChat/2)
	if got := lowered(flood); strings.Count(got, "\n") >= bubbleLines || strings.Count(got, "a") != maxChat/2 {
		t.Errorf("%d lines with %d of %d letters", strings.Count(got, "\n")+1, strings.Count(got, "a"), maxChat/2)
	}
}

func TestALongChatIsNotBrokenIntoLinesAnewForEachLine(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inChat(2)
	var lines []ChatLine
	for i := range chatKept {
		lines = append(lines, ChatLine{From: "Ben", Text: fmt.Sprint(i, strings.Repeat(" and some more words", 40))})
	}
	began := time.Now()
	d.hears(w, call, lines)
	all := time.Since(began)
	var least time.Duration
	for i := range 5 {
		lines = append(lines[:len(lines):len(lines)], ChatLine{From: "Ben", Text: fmt.Sprint("New ", i)})
		began = time.Now()
		w.chat.show(lines, w.members, w.people.room)
		if took := time.Since(began); i == 0 || took < least {
			least = took
		}
	}
	if least > all/8 { // a quarter where each line is broken anew
		t.Errorf("%d lines take %v, one more of them %v", chatKept, all, least)
	}
}

func TestOfAFloodOnlyWhatIsKeptIsDrawn(t *testing.T) {
	d := newDesk(t, withPeople)
	w, call, _ := d.inChat(2)
	d.hears(w, call, linesFrom(0, 10*chatKept))
	bubbles := 0
	for _, o := range w.chat.lines.Objects {
		if b, is := o.(*bubble); is {
			bubbles++
			if bubbles == 1 && b.line != linesFrom(9*chatKept, 1)[0] {
				t.Errorf("the first is %q", b.line.Text)
			}
		}
	}
	if bubbles != chatKept {
		t.Errorf("%d bubbles", bubbles)
	}
}
