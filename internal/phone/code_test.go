package phone

import (
	"strings"
	"testing"
)

func FuzzParseCode(f *testing.F) {
	for _, text := range []string{
		"", codePrefix, "SUNDOG-CHECK:2:x", "sundog:bob?v=1", code{}.String(), strings.ToLower(code{by: Identity{1}}.String()) + " ",
		codePrefix + strings.Repeat("G", 64) + ":" + strings.Repeat("0", 64),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCode(text)
		if err != nil {
			if err.Error() == "" || c != (code{}) {
				t.Fatalf("%q: %v and %+v", text, err, c)
			}
			return
		}
		if again, err := parseCode(c.String()); err != nil || again != c || c.String() != strings.ToUpper(strings.TrimSpace(text)) {
			t.Fatalf("%q is read as %v", text, c)
		}
	})
}
