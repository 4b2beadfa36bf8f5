// Command e2e checks the built programs from outside: real sockets, real windows, real sound servers, real time.
// It prints each figure beside its mark, and fails when one misses.
//
//	go run ./internal/e2e            every check
//	go run ./internal/e2e call       only that one (several may be named)
//	go run ./internal/e2e -demo 3    a call of three on this machine to look at
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// check is one end-to-end check.
type check struct {
	name  string
	about string
	run   func(context.Context, *bench) error
}

var checks = []check{
	{"call", "a headless call over loopback: speed, sound, picture, delay", checkCall},
	{"sound", "the same with a sound server's devices", checkSound},
	{"endings", "every way a call can end, and a service that comes and goes", checkEndings},
	{"window", "two windows, used as a new user would", checkWindow},
	{"windowtrust", "two windows compare words; a changed key is told", checkWindowTrust},
	{"windowconfer", "a window’s call grows to three: adding, hands, taking out, a shared screen", checkWindowConfer},
	{"links", "the emulator of home uplinks, with plain datagrams", checkLinks},
	{"lan", "two phones on one network, with no service: found and called", checkLAN},
	{"conference", "eight people behind home links, all heard and seen by all", checkConference},
	{"conference-slow", "the same, one of them with a fifth of the uplink", checkConferenceSlow},
	{"conference-sixteen", "sixteen people, of whom one speaks, and then another", checkConferenceSixteen},
	{"conference-cut", "eight people, and an uplink that is cut to a fifth and comes back", checkConferenceCut},
	{"conference-file", "eight people, and a file from one to all over a link that breaks", checkConferenceFile},
	{"conference-door", "who comes into a conference and who does not; a crash, a broken link, the opener's end", checkConferenceDoor},
	{"keyring", "the identity key in a real keyring, which goes away in each way; export and import", checkKeyring},
	{"oldclient", "call signalling with a program that speaks as the Video Phone did", checkOldClient},
	{"middle", "a man in the middle between two phones, a thousand times, and each of his strategies", checkMiddle},
	{"hostile", "damaged packets by the million", checkHostile},
	{"service", "the service's start, a kill in the middle of a call, and its return", checkService},
	{"cluster", "three instances on three NATS servers, each killed in turn", checkCluster},
	{"relay", "RTMFP over coturn", checkRelay},
	{"xmpp", "the XMPP directory on a Prosody and an ejabberd", checkXMPP},
}

// bench is where a check works.
type bench struct {
	programs string // the folder of the built programs
	dir      string // this check's own folder
	keep     string // where screenshots and logs worth keeping go
	report   *report
}

func main() {
	programs := flag.String("programs", "build", "the `folder` of the built programs")
	demo := flag.Int("demo", 0, "show a call of so many `people` on this machine instead of checking")
	list := flag.Bool("list", false, "list the checks")
	links := flag.Bool("emulate-links", false, "be the emulator of links that a check has started")
	flag.Parse()
	if *links {
		if err := emulate(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "e2e: the link emulator:", err)
			os.Exit(2)
		}
		return
	}
	_ = os.Setenv("SUNDOG_KEYRING", "off") // leave the keyring of whoever runs this alone; the name is right
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := 0
	switch err := run(ctx, *programs, *demo, *list, flag.Args()); {
	case errors.Is(err, errMissed):
		code = 1
	case err != nil:
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 2
	}
	stop()
	os.Exit(code)
}

// errMissed says that a mark was missed; the report has told which.
var errMissed = errors.New("a mark was missed")

func run(ctx context.Context, programs string, demo int, list bool, names []string) error {
	if list {
		for _, c := range checks {
			fmt.Printf("%-18s  %s\n", c.name, c.about)
		}
		return nil
	}
	programs, err := filepath.Abs(programs)
	if err != nil {
		return err
	}
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sundog-e2e-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	keep := filepath.Join(programs, "e2e")
	if err := os.MkdirAll(keep, 0o755); err != nil {
		return err
	}
	r := newReport(os.Stdout)
	if demo != 0 {
		return runDemo(ctx, &bench{programs: programs, dir: dir, keep: programs, report: r}, demo)
	}
	for _, c := range chosen {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b := &bench{programs: programs, dir: filepath.Join(dir, c.name), keep: filepath.Join(keep, c.name), report: r}
		if err := os.MkdirAll(b.dir, 0o755); err != nil {
			return err
		}
		_ = os.RemoveAll(b.keep) // of the last run
		if err := os.MkdirAll(b.keep, 0o755); err != nil {
			return err
		}
		r.section(c.name, c.about)
		r.note("load average before: %s", loadAverage())
		start := time.Now()
		if err := c.run(ctx, b); err != nil {
			r.holds("the check ran to its end", false, err.Error())
		}
		r.note("%s took %.0f s", c.name, time.Since(start).Seconds())
		_ = os.RemoveAll(b.dir) // pictures are large
	}
	if !r.summary() {
		return errMissed
	}
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

func choose(names []string) ([]check, error) {
	if len(names) == 0 {
		return checks, nil
	}
	var chosen []check
	for _, name := range names {
		known := len(chosen)
		for _, c := range checks {
			if c.name == name {
				chosen = append(chosen, c)
			}
		}
		if len(chosen) == known {
			var all []string
			for _, c := range checks {
				all = append(all, c.name)
			}
			return nil, fmt.Errorf("there is no check %q; there are %s", name, strings.Join(all, ", "))
		}
	}
	return chosen, nil
}
