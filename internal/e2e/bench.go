package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// checkLimit bounds a check that hangs: the longest takes less than half of it.
const checkLimit = 30 * time.Minute

// bench is where a check works.
type bench struct {
	programs string // the folder of the built programs
	run      string // begins the name of all that might be left over outside dir, see sweep
	dir      string // this check's own folder
	keep     string // where screenshots and logs worth keeping go
	report   *report
}

// errMissed says that a mark was missed; the report has told which.
var errMissed = errors.New("a mark was missed")

// runChecks runs the checks one after another, and prints what came of them, also into files in the folder e2e beside the programs:
// report.txt of each check, and summary.txt.
func runChecks(ctx context.Context, chosen []check, programs, dir string) error {
	r := newReport(os.Stdout)
	r.over = func() bool { return ctx.Err() != nil }
	kept := filepath.Join(programs, "e2e")
	for _, c := range chosen {
		b := &bench{programs: programs, run: filepath.Base(dir), dir: filepath.Join(dir, c.name), keep: filepath.Join(kept, c.name), report: r}
		if ctx.Err() != nil {
			r.notRun(c.name)
			continue
		}
		if err := b.perform(ctx, c); err != nil {
			return err
		}
	}
	summary, err := os.Create(filepath.Join(kept, "summary.txt"))
	if err != nil {
		return err
	}
	defer func() { _ = summary.Close() }()
	met := r.summary(io.MultiWriter(os.Stdout, summary))
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	if !met {
		return errMissed
	}
	return nil
}

// perform runs one check. The error is of the surroundings; what goes wrong in the check is in the report.
func (b *bench) perform(ctx context.Context, c check) error {
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }() // pictures are large
	_ = os.RemoveAll(b.keep)                   // of the last run
	if err := os.MkdirAll(b.keep, 0o755); err != nil {
		return err
	}
	text, err := os.Create(filepath.Join(b.keep, "report.txt"))
	if err != nil {
		return err
	}
	defer func() { _ = text.Close() }()
	defer b.report.into(text)()
	b.report.begin(c.name, c.about)
	b.report.note("load average before: %s", loadAverage())
	limited, cancel := context.WithTimeoutCause(ctx, checkLimit, fmt.Errorf("it took longer than %v", checkLimit))
	defer cancel()
	start := time.Now()
	err = c.run(limited, b)
	took := time.Since(start)
	switch {
	case ctx.Err() != nil:
		b.report.interrupted(took)
		return nil
	case limited.Err() != nil:
		err = context.Cause(limited)
	}
	if err != nil {
		b.report.holds("the check ran to its end", false, err.Error())
	}
	b.report.end(took)
	return nil
}

// loadAverage tells how busy the machine is: real time is measured here, and a busy machine has less of it.
func loadAverage() string {
	line, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(line)); err == nil && len(fields) > 0 {
		return fmt.Sprintf("%s, on %d processors", fields[0], runtime.NumCPU())
	}
	return "unknown"
}
