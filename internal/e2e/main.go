// Command e2e checks the built programs from outside: real sockets, real windows, real sound servers, real time.
// It prints each figure beside its mark, a table of all checks at the end, and fails when a mark is missed.
//
//	go run ./internal/e2e            every check
//	go run ./internal/e2e call       only that one (several may be named)
//	go run ./internal/e2e -list      which there are; with names: whether there are these
//	go run ./internal/e2e -demo 3    a call of three on this machine to look at
//
// Its exit status is 0 when every mark was met, 1 when one was missed, and 2 when the checks could not be run or were
// interrupted. Interrupted, it ends what it has started; interrupted twice, it ends at once, and the next run takes away
// what this one has left.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	programs := flag.String("programs", "build", "the `folder` of the built programs")
	demo := flag.Int("demo", 0, "show a call of so many `people` on this machine instead of checking")
	list := flag.Bool("list", false, "list the checks, or see that there are those that are named")
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
	context.AfterFunc(ctx, stop) // from then on a signal ends this program as it does any
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

func run(ctx context.Context, programs string, demo int, list bool, names []string) error {
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	if list {
		if len(names) == 0 {
			fmt.Print(tellChecks())
		}
		return nil
	}
	if programs, err = filepath.Abs(programs); err != nil {
		return err
	}
	sweep(ctx)
	dir, release, err := newRun()
	if err != nil {
		return err
	}
	defer release()
	if demo != 0 {
		return runDemo(ctx, &bench{programs: programs, run: filepath.Base(dir), dir: dir, keep: programs}, demo)
	}
	return runChecks(ctx, chosen, programs, dir)
}
