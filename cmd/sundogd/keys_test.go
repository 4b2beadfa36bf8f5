package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDeveloperKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte("# ours\n\none the chess club\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		flag             string
		admitted, others []string
	}{
		{"", []string{"", "any"}, nil},
		{"none", []string{"", "any"}, nil},
		{"one, two", []string{"one", "two"}, []string{"", "three", "one, two", "o"}},
		{"file:" + file, []string{"one", "two"}, []string{"", "ours", "#", "the", "one the chess club"}},
		{"file:/dev/null", nil, []string{"", "one"}},
	} {
		k, err := openKeys(tt.flag)
		if err != nil {
			t.Errorf("%s: %v", tt.flag, err)
			continue
		}
		for _, key := range tt.admitted {
			if err := k.admit(key); err != nil {
				t.Errorf("%s: %q: %v", tt.flag, key, err)
			}
		}
		for _, key := range tt.others {
			if err := k.admit(key); !errors.Is(err, errBadKey) {
				t.Errorf("%s: %q: %v", tt.flag, key, err)
			}
		}
	}
}

func TestBadDeveloperKeysAreTold(t *testing.T) {
	long := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(long, []byte("short\n"+strings.Repeat("x", maxKey+1)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	many := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(many, []byte(strings.Repeat("x\n", maxKeys+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string]string{
		"one,,two":                    "empty",
		strings.Repeat("x", maxKey+1): "longer than",
		"file:/dev/null/keys":         "cannot be read",
		"file:" + long:                "line 2",
		"file:" + many:                "more than 10000 keys",
	} {
		if _, err := openKeys(flag); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", flag, err, want)
		}
	}
}

func FuzzKeys(f *testing.F) {
	for _, seed := range []string{"", "one\ntwo\n", "# none\n", "one whose\r\n", strings.Repeat("x", 300), "\x00\n\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if digests, err := parseKeys(b); err == nil && (digests == nil || len(digests) > maxKeys) {
			t.Errorf("%d keys", len(digests))
		}
	})
}
