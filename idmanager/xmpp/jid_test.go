package xmpp

import (
	"strings"
	"testing"
)

func TestJIDsArePrepared(t *testing.T) {
	for in, want := range map[string]string{
		"ann@example.org":              "ann@example.org",
		"Ann@Example.ORG":              "ann@example.org",
		"ann@example.org/Desk":         "ann@example.org/Desk",
		"ann@example.org/a/b@c":        "ann@example.org/a/b@c",
		"ann@example.org.":             "ann@example.org",
		"zoë@bücher.example":           "zoë@bücher.example",
		"ZOË@xn--bcher-kva.example":    "zoë@bücher.example",
		"ａｎｎ@example.org":              "ann@example.org", // full-width letters
		"example.org":                  "example.org",
		"example.org/ann@home":         "example.org/ann@home",
		"ann@192.0.2.1":                "ann@192.0.2.1",
		"ann@[2001:db8:0::1]":          "ann@[2001:db8::1]",
		"o\\27hara@example.org":        "o\\27hara@example.org",
		"ann@example.org/with a space": "ann@example.org/with a space",
	} {
		j, err := ParseJID(in)
		if err != nil || j.String() != want {
			t.Errorf("%q is %q, %v; want %q", in, j, err, want)
		}
	}
	for _, in := range []string{
		"", "@", "@example.org", "ann@", "ann@/desk", "ann@example.org/", "a nn@example.org", "ann@exa mple.org", "an<n@example.org",
		"ann@bob@example.org", "ann@example.org:5222", "ann@[::1", "ann@[192.0.2.1]", "ann@[fe80::1%eth0]", "ann@a..b", "\xff@example.org", "ann\x00@example.org",
		strings.Repeat("x", 1024) + "@example.org", "ann@example.org/" + strings.Repeat("x", 1024), "ann@" + strings.Repeat("x.", 600),
	} {
		if j, err := ParseJID(in); err == nil {
			t.Errorf("%q passes as %q", in, j)
		}
	}
}

func FuzzJID(f *testing.F) {
	for _, s := range []string{"ann@example.org/Desk", "ZOË@xn--bcher-kva.example", "[2001:db8::1]", "ß@ß.example", "@/", "a@b/@/", "İ@x", "Xn--.0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		j, err := ParseJID(s)
		if err != nil {
			return
		}
		again, err := ParseJID(j.String())
		if err != nil || again != j {
			t.Fatalf("%q is prepared as %q, and that as %q (%v)", s, j, again, err)
		}
		if j.Domain == "" || len(j.Local) > maxPart || len(j.Resource) > maxPart || strings.ContainsAny(j.Local+j.Domain, "@/<>'\"& ") {
			t.Fatalf("%q passes as %q", s, j)
		}
	})
}
