package main

import (
	"context"
	"log/slog"
	"os"
	"time"
)

// reloadInterval is how often files are looked at for changes.
const reloadInterval = 2 * time.Second

// reloadable is what comes from files that may change while the service runs.
type reloadable interface {
	files() []string
	reload() error
}

// followFiles reads again what has changed, and all when hup is received from, until ctx ends. What cannot be read is
// logged, and the old content stays in use.
func followFiles(ctx context.Context, hup <-chan os.Signal, interval time.Duration, log *slog.Logger, all ...reloadable) {
	seen := make([][]os.FileInfo, len(all))
	for i, r := range all {
		seen[i] = look(r.files())
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		asked := false
		select {
		case <-ctx.Done():
			return
		case <-hup:
			asked = true
		case <-tick.C:
		}
		for i, r := range all {
			now := look(r.files())
			if len(now) == 0 || !asked && same(seen[i], now) {
				continue
			}
			seen[i] = now
			if err := r.reload(); err != nil {
				log.Error("not reloaded, the old content stays in use", "files", r.files(), "why", err)
			} else {
				log.Info("reloaded", "files", r.files())
			}
		}
	}
}

// look is the state of files; nil for one that is not there.
func look(files []string) []os.FileInfo {
	infos := make([]os.FileInfo, len(files))
	for i, name := range files {
		infos[i], _ = os.Stat(name)
	}
	return infos
}

// same reports whether no file has changed or been replaced.
func same(a, b []os.FileInfo) bool {
	for i := range a {
		if (a[i] == nil) != (b[i] == nil) {
			return false
		}
		if a[i] != nil && (!os.SameFile(a[i], b[i]) || a[i].Size() != b[i].Size() || !a[i].ModTime().Equal(b[i].ModTime())) {
			return false
		}
	}
	return true
}
