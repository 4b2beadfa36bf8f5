package idmanager

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ValidName reports whether a name may be registered: 1 to MaxName bytes of UTF-8 with no space around it, and nothing in it that makes
// it look like another name.
func ValidName(name string) bool {
	return name != "" && len(name) <= MaxName && plainText(name) && strings.TrimSpace(name) == name
}

// plainText reports whether a text holds nothing that would make it look like another: control characters, those that turn the
// writing's direction, broken UTF-8.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r == '\u200b'
	})
}

// FoldName gives one spelling to all that directories take for the same name.
func FoldName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }
