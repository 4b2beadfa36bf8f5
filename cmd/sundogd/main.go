// Command sundogd is Sundog's service: it introduces phones to each other (RTMFP over UDP), keeps the directory of names
// (HTTP: reg.cgi and /v1), and relays what finds no direct path (TURN), encrypted as it is. It sees no sound and no picture.
// docs/service.md is its manual.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"sundog.dev/sundog/internal/version"
)

// Exit statuses.
const (
	exitOK     = 0 // stopped as asked
	exitFailed = 1 // could not start, or broke
	exitFlags  = 2 // bad flags
)

func main() {
	// Once draining has begun a second signal has its usual effect, the end at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	os.Exit(run(ctx, hup, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx ends and returns the exit status. What went wrong is one sentence on stderr.
func run(ctx context.Context, hup <-chan os.Signal, args []string, stdout, stderr io.Writer) int {
	opt, err := parseFlags(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		_, _ = fmt.Fprintf(stderr, "sundogd: %v\n", err)
		return exitFlags
	case opt.showVersion:
		_, _ = fmt.Fprintln(stdout, "sundogd", version.String())
		return exitOK
	}
	if err := serve(ctx, hup, opt, stderr); err != nil {
		// What its packages say begins with their names, which are nothing to an operator.
		_, _ = fmt.Fprintf(stderr, "sundogd: %s\n", strings.TrimPrefix(err.Error(), "cluster: "))
		return exitFailed
	}
	return exitOK
}
