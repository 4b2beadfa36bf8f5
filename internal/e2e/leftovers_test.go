package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWhatAKilledRunLeftIsSweptAndWhatIsInUseIsNot(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	mine, release, err := newRun()
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-2 * locksWithin)
	folder := func(name string, locked bool, age time.Time) string {
		dir := filepath.Join(os.TempDir(), name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if locked { // once: nobody holds it any more
			if err := os.WriteFile(filepath.Join(dir, lockName), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(dir, age, age); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	killed := folder(runPrefix+"killed", true, time.Now())
	itsServer := folder(runPrefix+"killed.server", false, long)
	early := folder(runPrefix+"early", false, long)
	begins := folder(runPrefix+"begins", false, time.Now())
	ourServer := folder(filepath.Base(mine)+".server", false, long)
	foreign := folder("sundog-of-somebody-else", false, long)
	sweep(t.Context())
	for dir, stays := range map[string]bool{mine: true, ourServer: true, begins: true, foreign: true, killed: false, itsServer: false, early: false} {
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s: there is %v, want %v", filepath.Base(dir), err == nil, stays)
		}
	}
	release()
	if _, err := os.Stat(mine); err == nil {
		t.Error("the run's own folder is still there at its end")
	}
}
