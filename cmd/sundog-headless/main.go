// Command sundog-headless is the phone without a window, for servers, bots,
// kiosks and tests: it answers, calls, echoes, and tells what happens as text or JSON.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/internal/version"
)

// Exit statuses.
const (
	exitOK     = 0 // a call was established and ended as meant, or answer was stopped as asked
	exitNoCall = 1
	exitUsage  = 2
	exitBroken = 3 // an established call broke
)

const usageHead = `Usage: sundog-headless [flags] answer | call NAME-or-LINK | echo | devices | identity | trust NAME KEY

  answer             take calls until told to stop
  call NAME-or-LINK  call somebody, by name or by sundog: link
  echo               take calls and send back what comes
  devices            list cameras, microphones and loudspeakers
  identity           show the profile's identity, and where its key is kept
  identity export FILE | import FILE | keep keyring | keep file
                     take it to another machine, sealed with a passphrase; move the key
  trust NAME KEY     take another identity key for somebody, after identity_changed

Flags:
`

// later are the commands that a later version brings.
var later = map[string]bool{"confer": true, "check": true}

func main() {
	// A reader of our events who goes away must not end a call: writing fails then, and nothing more.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(phone.UntilSignal(), os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var flags phone.Flags
	set := flag.NewFlagSet("sundog-headless", flag.ContinueOnError)
	flags.Register(set, phone.Sources{Camera: "none", Mic: "none", Speaker: "null", Display: "null"})
	once := set.Bool("once", false, "with answer and echo: stop after one call")
	showVersion := set.Bool("version", false, "print the version and stop")
	onceKey := set.String("once-key", "", "with call: for this once, talk to whoever proves this identity `key` in place of the one that is known, and remember nothing")
	cpuProfile := set.String("cpu-profile", "", "write a CPU profile of the whole run to `FILE`, for go tool pprof")
	replace := set.Bool("replace", false, "with identity import: in the place of the identity that the profile has")
	words, err := flags.Parse(set, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usageHead)
		set.SetOutput(stdout)
		set.PrintDefaults()
		return exitOK
	}
	if err == nil && *showVersion {
		fmt.Fprintln(stdout, "sundog-headless", version.String())
		return exitOK
	}
	if err == nil {
		err = check(&flags, words)
	}
	if err == nil && *onceKey != "" {
		err = checkOnceKey(words, *onceKey)
	}
	if err == nil && *replace && (words[0] != "identity" || len(words) < 2 || words[1] != "import") {
		err = errors.New("--replace goes with identity import")
	}
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitUsage
	}
	endProfile, err := profileCPU(*cpuProfile)
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitUsage
	}
	defer endProfile()
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	out := newPrinter(stdout, flags.JSON)
	if words[0] == "devices" {
		return devices(ctx, out, stderr)
	}
	if words[0] == "identity" {
		c := identityCommand{flags: &flags, replace: *replace, out: out}
		return c.run(ctx, words[1:], stderr)
	}
	if words[0] == "trust" {
		return trustKey(&flags, words[1], words[2], out, stderr)
	}
	cfg, err := flags.Config()
	var noKey *profile.KeyError
	if errors.As(err, &noKey) {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitNoCall
	}
	if err == nil && cfg.Name == "" && words[0] != "call" {
		err = errors.New("--name is needed, so that others can call")
	}
	if err == nil && words[0] == "call" && strings.EqualFold(words[1], cfg.Name) {
		err = phone.ErrOwnName
	}
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitUsage
	}
	cfg.Log = log
	cfg.Echo = words[0] == "echo"
	if words[0] == "call" {
		cfg.Accept = phone.AcceptNone
	}
	p, err := phone.New(cfg)
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitNoCall
	}
	r := &runner{phone: p, out: out, duration: flags.Duration, failed: map[*phone.Call]int{}}
	out.print("ready", "peer_id", p.PeerID(), "link", p.Link())
	var code int
	if words[0] == "call" {
		code = r.call(ctx, words[1], *onceKey)
	} else {
		code = r.answer(ctx, *once)
	}
	if err := p.Close(); err != nil {
		log.Warn("closing", "error", err)
	}
	return code
}

// check says what is wrong with the command words and flags, in one sentence.
func check(flags *phone.Flags, words []string) error {
	if len(words) == 0 {
		return errors.New("a command is needed: answer, call NAME-or-LINK, echo, devices, identity or trust NAME KEY")
	}
	command, names := words[0], words[1:]
	switch {
	case later[command]:
		return fmt.Errorf("%s: %w", command, phone.ErrNotInThisVersion)
	case command == "call" && len(names) == 0:
		return errors.New("call whom? A name or a link is needed")
	case command == "call" && len(names) > 1:
		return fmt.Errorf("calling several people: %w", phone.ErrNotInThisVersion)
	case command == "call":
		if err := phone.CheckCallee(names[0]); err != nil {
			return err
		}
	case command == "identity":
		if err := checkIdentity(names); err != nil {
			return err
		}
	case command == "trust":
		if err := checkTrust(names); err != nil {
			return err
		}
	case command != "answer" && command != "echo" && command != "devices":
		return fmt.Errorf("%q is not a command: answer, call NAME-or-LINK, echo, devices, identity or trust NAME KEY", command)
	case len(names) > 0:
		return fmt.Errorf("%s takes no further words, but there is %q", command, names[0])
	}
	return flags.Check()
}

func devices(ctx context.Context, out *printer, stderr io.Writer) int {
	d, err := phone.ListDevices(ctx)
	for _, c := range d.Cameras {
		out.print("device", "kind", "camera", "spec", c.Spec, "label", c.Label)
	}
	for _, m := range d.Mics {
		out.print("device", "kind", "mic", "spec", m.Spec, "label", m.Label, "default", m.Default)
	}
	for _, s := range d.Speakers {
		out.print("device", "kind", "speaker", "spec", s.Spec, "label", s.Label, "default", s.Default)
	}
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
	}
	return exitOK
}
