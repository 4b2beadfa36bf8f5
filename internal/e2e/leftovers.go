package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Each run of this program has a folder of its own in the system's folder for such, and holds a lock in it for as long as it lives. What
// is outside that folder and might be left over is named after it, with a dot and more behind. So whoever comes later can tell what
// is in use and what nobody will take away.

const (
	// runPrefix begins the name of a run.
	runPrefix = "sundog-e2e-run-"
	// lockName is the file in its folder that is locked.
	lockName = "lock"
	// locksWithin is how long it may take from making the folder to locking the file.
	locksWithin = time.Minute
)

// newRun makes this run's folder; release removes it.
func newRun() (dir string, release func(), err error) {
	if dir, err = os.MkdirTemp("", runPrefix); err != nil {
		return "", nil, err
	}
	lock, err := os.Create(filepath.Join(dir, lockName))
	if err == nil {
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return "", nil, fmt.Errorf("a folder for this run: %w", err)
	}
	return dir, func() { _, _ = os.RemoveAll(dir), lock.Close() }, nil
}

// lives reports whether the run of that folder has not ended.
func lives(dir string) bool {
	lock, err := os.Open(filepath.Join(dir, lockName))
	if err != nil {
		info, err := os.Stat(dir)
		return err == nil && time.Since(info.ModTime()) < locksWithin
	}
	defer func() { _ = lock.Close() }()
	return unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil
}

// sweep takes away what runs have left that were killed: folders, and network namespaces. Their programs have died with them.
func sweep(ctx context.Context) {
	left := func(name string) bool {
		run, _, _ := strings.Cut(name, ".")
		return strings.HasPrefix(run, runPrefix) && !lives(filepath.Join(os.TempDir(), run))
	}
	for _, name := range namespaces(ctx) {
		if left(name) {
			deleteNamespace(name)
		}
	}
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), runPrefix+"*")) // the pattern is right
	for _, dir := range folders {
		if left(filepath.Base(dir)) {
			_ = os.RemoveAll(dir)
		}
	}
}
