package version

import "testing"

func TestVersionSaysWhatWasStamped(t *testing.T) {
	defer func(n, r string) { number, revision = n, r }(number, revision)
	for _, c := range []struct{ number, revision, want string }{
		{"", "", "development"},
		{"", "1a2b3c4", "development"},
		{"0.1.0", "", "0.1.0"},
		{"0.1.0", "1a2b3c4-dirty", "0.1.0 (1a2b3c4-dirty)"},
	} {
		number, revision = c.number, c.revision
		if got := String(); got != c.want {
			t.Errorf("number %q, revision %q: %q, want %q", c.number, c.revision, got, c.want)
		}
	}
}
