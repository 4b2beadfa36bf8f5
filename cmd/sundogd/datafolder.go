package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// noData is the value of --data with which names are forgotten at the end.
const noData = "none"

// dataFolder is the folder to keep names in, which it makes. remove, at the end, deletes it if it was meant for this run
// only, and otherwise does nothing.
func dataFolder(flag string) (dir string, remove func() error, err error) {
	if flag == noData {
		dir, err := os.MkdirTemp("", "sundogd-")
		if err != nil {
			return "", nil, fmt.Errorf("a temporary folder cannot be made: %w", err)
		}
		return dir, func() error { return os.RemoveAll(dir) }, nil
	}
	if dir = flag; dir == "" {
		if dir, err = defaultFolder(os.Getenv, os.Geteuid(), os.UserHomeDir); err != nil {
			return "", nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("the data folder cannot be made: %w; choose another by --data", err)
	}
	return dir, func() error { return nil }, nil
}

// defaultFolder is where names are kept if nobody says anything: what systemd gives the unit (StateDirectory=), the
// system's place for root, or the user's.
func defaultFolder(getenv func(string) string, uid int, home func() (string, error)) (string, error) {
	if state, _, _ := strings.Cut(getenv("STATE_DIRECTORY"), ":"); state != "" {
		return state, nil
	}
	if uid == 0 {
		return "/var/lib/sundogd", nil
	}
	// The XDG Base Directory Specification has relative paths ignored.
	if state := getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "sundogd"), nil
	}
	dir, err := home()
	if err != nil {
		return "", fmt.Errorf("there is no place for a data folder (%w); choose one by --data", err)
	}
	return filepath.Join(dir, ".local", "state", "sundogd"), nil
}
