package transfer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sundog.dev/sundog/mesh/room/incall"
)

// TidyName makes a file name from the network fit to be used in a folder of ours, on any system: without a path, without characters that a
// system or a reader takes for something else, not hidden, not a device's name, not too long. It is never empty.
func TidyName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	var b strings.Builder
	for _, r := range name {
		switch {
		case r == utf8.RuneError || !unicode.IsPrint(r):
		case strings.ContainsRune(`<>:"|?*`, r):
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	name = strings.TrimLeft(strings.Trim(b.String(), " ."), " .-") // a dash would be taken for an option
	stem, _, _ := strings.Cut(name, ".")
	if deviceName(stem) {
		name = "_" + name
	}
	if len(name) > incall.MaxFileName {
		name = shorten(name)
	}
	if name == "" {
		return "file"
	}
	return name
}

// shorten cuts a name in front of its ending.
func shorten(name string) string {
	ending := ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 16 {
		name, ending = name[:i], name[i:]
	}
	for len(name)+len(ending) > incall.MaxFileName {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return strings.TrimRight(name, " .") + ending
}

// deviceName reports whether Windows takes a name, whatever its ending, for a device.
func deviceName(stem string) bool {
	stem = strings.ToUpper(strings.TrimSpace(stem))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	number, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		number, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(number) == 1 && strings.Contains("0123456789¹²³", number)
}
