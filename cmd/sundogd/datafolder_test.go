package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheDataFolderFitsWhoeverRunsTheService(t *testing.T) {
	home := func() (string, error) { return "/home/ann", nil }
	for name, tt := range map[string]struct {
		environment map[string]string
		uid         int
		want        string
	}{
		"a unit":              {map[string]string{"STATE_DIRECTORY": "/var/lib/private/sundogd"}, 65000, "/var/lib/private/sundogd"},
		"a unit with two":     {map[string]string{"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, 0, "/var/lib/a"},
		"root":                {nil, 0, "/var/lib/sundogd"},
		"a user":              {nil, 1000, "/home/ann/.local/state/sundogd"},
		"a user who chose":    {map[string]string{"XDG_STATE_HOME": "/state"}, 1000, "/state/sundogd"},
		"a relative XDG path": {map[string]string{"XDG_STATE_HOME": "state"}, 1000, "/home/ann/.local/state/sundogd"},
	} {
		got, err := defaultFolder(func(name string) string { return tt.environment[name] }, tt.uid, home)
		if err != nil || got != tt.want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, tt.want)
		}
	}
	if _, err := defaultFolder(func(string) string { return "" }, 1000, func() (string, error) { return "", errors.New("no home") }); err == nil {
		t.Error("a user without a home has a folder")
	}
}

func TestWithoutAFolderNothingIsLeft(t *testing.T) {
	dir, remove, err := dataFolder(noData)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
	if err := remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
}

// A mistake is told in a sentence, in the operator's words.
func TestADataFolderInUseIsSaidPlainly(t *testing.T) {
	dir := t.TempDir()
	start(t, "--data", dir)
	var stderr strings.Builder
	status := run(t.Context(), nil, []string{"--rtmfp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", dir}, io.Discard, &stderr)
	want := "sundogd: the data folder is in use by another process: " + filepath.Join(dir, stateFolder) + "; stop that process or choose another folder\n"
	if status != exitFailed || stderr.String() != want {
		t.Errorf("status %d, %q, want %q", status, stderr.String(), want)
	}
}
