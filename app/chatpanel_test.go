package app

import (
	"slices"
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
