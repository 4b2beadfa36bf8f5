// Command interop acts as an RTMFP program over real UDP, to be run against programs of other makes: an echoing peer, a
// measuring sender and receiver, a maker of handshakes, and a link that is slow, lossy or changes its address.
// It also shows the library at work.
//
//	go run ./internal/interop                      what there is
//	go run ./internal/interop sink -h              the flags of one
//	go run ./internal/interop sink -listen 127.0.0.1:1935 &
//	go run ./internal/interop send -small 200 -rate 100 127.0.0.1:1935
//
// Reports are JSON, one object a line, on the standard output.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// command is one thing that the program can be.
type command struct {
	name, arguments, about string
	// run parses its own flags from args, writes reports to out and ends with ctx.
	run func(ctx context.Context, flags *flag.FlagSet, args []string, out *reporter) error
}

var commands = []command{
	{"sink", "", "accept sessions, take every message, and tell at each flow's end how fast and how late they came", runSink},
	{"echo", "", "accept sessions and send every message back in a return flow", runEcho},
	{"send", "address", "open a session and send bulk messages, small ones at a steady rate, or both", runSend},
	{"handshakes", "address", "open and close sessions as fast as it goes", runHandshakes},
	{"connect", "uri", "connect to a service and tell what it says", runConnect},
	{"publish", "uri", "publish an FLV file, or test media, at a service", runPublish},
	{"play", "uri", "play a stream of a service, into an FLV file or to measure it", runPlay},
	{"oldphone", "uri", "call or answer as the Video Phone did", runOldPhone},
	{"service", "", "be a rendezvous service that also checks connectivity, or sends clients on to others", runService},
	{"check", "uri", "ask a service for its connectivity check", runCheck},
	{"link", "address", "forward datagrams to an address and back like a slow and lossy link", runLink},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		usage(stderr)
		return 2
	}
	for _, c := range commands {
		if c.name != args[0] {
			continue
		}
		flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
		flags.SetOutput(stderr)
		flags.Usage = func() {
			fmt.Fprintf(stderr, "usage: interop %s [flags] %s\n%s\n", c.name, c.arguments, c.about)
			flags.PrintDefaults()
		}
		switch err := c.run(ctx, flags, args[1:], &reporter{encoder: json.NewEncoder(stdout)}); {
		case errors.Is(err, flag.ErrHelp), errors.Is(err, errUsage):
			return 2
		case err != nil && ctx.Err() == nil:
			fmt.Fprintf(stderr, "interop %s: %v\n", c.name, err)
			return 1
		}
		return 0
	}
	fmt.Fprintf(stderr, "interop: there is no command %q\n", args[0])
	usage(stderr)
	return 2
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: interop command [flags] [arguments]; -h after the command tells its flags")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-28s %s\n", c.name+" "+c.arguments, c.about)
	}
}

// errUsage says that the arguments are wrong, which has been told.
var errUsage = errors.New("bad arguments")

// parse reads the flags and exactly n arguments.
func parse(flags *flag.FlagSet, args []string, n int) error {
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if flags.NArg() != n {
		flags.Usage()
		return errUsage
	}
	return nil
}
