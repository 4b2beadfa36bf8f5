package v1

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"sundog.dev/sundog/idmanager"
)

// ErrBadName says that a string cannot be a name. Its text is a sentence's end.
var ErrBadName = errors.New("a name has 1 to 255 bytes of UTF-8, and only letters, digits, signs and spaces that can be seen")

// Normalise gives a name the spelling in which it is signed, stored and shown: Unicode's composed form (NFC), without white
// space around it and with single spaces inside. ErrBadName for what is too long, for control and formatting characters (they
// are invisible, and would let two names look the same) and for what is no text.
//
// Letters that merely look alike, such as Latin and Cyrillic a, make different names: a name is no proof of a person, and
// the identity key that it belongs to is what phones compare.
func Normalise(name string) (string, error) {
	if len(name) > 4*idmanager.MaxName || !utf8.ValidString(name) { // composing may shorten it
		return "", ErrBadName
	}
	name = strings.Join(strings.Fields(norm.NFC.String(name)), " ")
	if name == "" || len(name) > idmanager.MaxName {
		return "", ErrBadName
	}
	for _, r := range name {
		if !unicode.IsGraphic(r) || r == utf8.RuneError || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) {
			return "", ErrBadName
		}
	}
	return name, nil
}

// Fold is what names are compared by: names that differ only in case (Unicode's full case folding), in the form of accents
// (canonical equivalence), in white space or in variation selectors are one name.
func Fold(name string) (string, error) {
	name, err := Normalise(name)
	if err != nil {
		return "", err
	}
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, name)
	// Unicode 16 §3.13, D145: the iota below (U+0345) is the reason for decomposing before folding.
	name = norm.NFC.String(cases.Fold().String(norm.NFD.String(cases.Fold().String(norm.NFD.String(name)))))
	if name = strings.Join(strings.Fields(name), " "); name == "" {
		return "", ErrBadName
	}
	return name, nil
}

// SameName reports whether two strings are one name.
func SameName(a, b string) bool {
	if a == b {
		return true
	}
	fa, err := Fold(a)
	if err != nil {
		return false
	}
	fb, err := Fold(b)
	return err == nil && fa == fb
}
