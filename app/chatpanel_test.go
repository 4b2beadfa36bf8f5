package app

import (
	"slices"
	"strings"
	"testing"
)

func TestOnlyNewLinesAreAddedEvenWhenTheBeginningIsLost(t *testing.T) {
	line := func(s string) ChatLine { return ChatLine{Text: s} }
	a, b, c, d := line("a"), line("b"), line("c"), line("d")
	for _, x := range []struct{ before, now, want []ChatLine }{
		{nil, []ChatLine{a}, []ChatLine{a}},
		{[]ChatLine{a}, []ChatLine{a}, nil},
		{[]ChatLine{a, b}, []ChatLine{a, b, c}, []ChatLine{c}},
		{[]ChatLine{a, b, c}, []ChatLine{b, c, d}, []ChatLine{d}},
		{[]ChatLine{a, b}, []ChatLine{c, d}, []ChatLine{c, d}},
		{[]ChatLine{a, b}, nil, nil},
	} {
		if got := newLines(x.before, x.now); !slices.Equal(got, x.want) {
			t.Errorf("%v, then %v: new %v, want %v", x.before, x.now, got, x.want)
		}
	}
}

func TestOverThePicturesALongLineIsToldShortly(t *testing.T) {
	for text, want := range map[string]string{
		"Hello":                             "Ben: Hello",
		strings.Repeat("a\n", 2):            "Ben: a a",
		strings.Repeat("a\n", maxChat/2):    "Ben: " + strings.Repeat("a ", overMost/2-1) + "a…",
		strings.Repeat("b", overMost):       "Ben: " + strings.Repeat("b", overMost),
		strings.Repeat("ä", overMost) + "ä": "Ben: " + strings.Repeat("ä", overMost) + "…",
	} {
		if got := lineOver(ChatLine{From: "Ben", Text: text}); got != want {
			t.Errorf("%.20q…: %q", text, got)
		}
	}
	if got := lineOver(ChatLine{From: "Ben", Private: true, Text: "Hello"}); got != "Only to you, from Ben: Hello" {
		t.Error(got)
	}
}
