package main

import (
	"slices"
	"strings"
	"testing"
)

func TestAConfigurationIsReadLineByLine(t *testing.T) {
	got, err := parseConfig("\n# a comment\n  http =  :80 \r\nkeys = a = b\nturn=\n")
	want := []setting{{3, "http", ":80"}, {4, "keys", "a = b"}, {5, "turn", ""}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func FuzzConfig(f *testing.F) {
	for _, seed := range []string{"", "a=b", "# c\nhttp = :80\n", "=", "a=1\na=2", "\x00=\xff\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		settings, err := parseConfig(text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") && !strings.Contains(text, "\n") {
				t.Errorf("more than a line: %v", err)
			}
			return
		}
		for _, s := range settings {
			if s.name == "" || s.name != strings.TrimSpace(s.name) || strings.Contains(s.value, "\n") {
				t.Errorf("%+v", s)
			}
		}
	})
}
