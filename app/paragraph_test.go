package app

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestTextWrapsAtWordsAndBreaksOnlyWhatIsTooWide(t *testing.T) {
	test.NewTempApp(t)
	width := fyne.MeasureText("one two", 14, fyne.TextStyle{}).Width + 1
	for text, want := range map[string][]string{
		"one two":           {"one two"},
		"one two one two":   {"one two", "one two"},
		"one\ntwo":          {"one", "two"},
		"":                  {""},
		"a onetwoone":       {"a", "onetwo", "one"},
		"one  two   onetwo": {"one two", "onetwo"},
	} {
		got := wrapped(text, width, 14, fyne.TextStyle{})
		if text == "a onetwoone" { // where exactly a word breaks is the font's business
			if len(got) != 3 || got[0] != "a" || got[1]+got[2] != "onetwoone" {
				t.Errorf("%q wraps to %q", text, got)
			}
			continue
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q wraps to %q, want %q", text, got, want)
		}
	}
}

func TestALabelIsShortenedWithAnEllipsis(t *testing.T) {
	test.NewTempApp(t)
	const name = "A person with an extraordinarily long name"
	got := fitted(name, 100, 14, fyne.TextStyle{})
	if got == name || got[len(got)-len("…"):] != "…" {
		t.Errorf("shortened to %q", got)
	}
	if w := fyne.MeasureText(got, 14, fyne.TextStyle{}).Width; w > 100 {
		t.Errorf("%q is %.0f wide", got, w)
	}
	if got := fitted("Ben", 100, 14, fyne.TextStyle{}); got != "Ben" {
		t.Errorf("what fits was shortened to %q", got)
	}
}
