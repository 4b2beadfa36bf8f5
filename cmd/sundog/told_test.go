package main

import (
	"errors"
	"testing"
)

func TestErrorsAreToldInSentences(t *testing.T) {
	for text, want := range map[string]string{
		"that is your own name":                       "That is your own name.",
		"No service answers at a. Check the address.": "No service answers at a. Check the address.",
		"ärger":              "Ärger.",
		`a name such as "x"`: `A name such as "x".`,
		"the profile is damaged (it ends in the middle)": "The profile is damaged (it ends in the middle).",
	} {
		err := errors.New(text)
		if got := told(err); got.Error() != want || !errors.Is(got, err) {
			t.Errorf("%q is told as %q", text, got)
		}
	}
	if told(nil) != nil {
		t.Error("nothing is told as an error")
	}
}
