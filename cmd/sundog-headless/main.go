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
	"slices"
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

const usageHead = `Usage: sundog-headless [flags] answer | call NAME-or-LINK… | confer new | confer ROOM-LINK | echo | devices | identity | trust NAME KEY

  answer              take calls until told to stop
  call NAME-or-LINK…  call somebody, by name or by sundog: link; several: into one conference
  confer new          open a conference; the event room has the link into it
  confer ROOM-LINK    go into one
  echo                take calls and send back what comes
  devices             list cameras, microphones and loudspeakers
  identity            show the profile's identity, and where its key is kept
  identity export FILE | import FILE | keep keyring | keep file
                      take it to another machine, sealed with a passphrase; move the key
  trust NAME KEY      take another identity key for somebody, after identity_changed

With --control, commands are read from standard input, one a line:

  add NAME-or-LINK, remove PEER, block PEER, chat [@PEER] TEXT, file [@PEER] PATH, react EMOJI,
  hand up|down, mute on|off, camera on|off, screen on|off, cap KBPS, view grid|speaker, quit

PEER is a peer ID or the name of somebody in the call.

Flags:
`

// later are the commands that a later version brings.
var later = map[string]bool{"check": true}

// options are the flags.
type options struct {
	phone.Flags
	once, showVersion, replace, control bool
	onceKey, cpuProfile, view, files    string
}

func (o *options) register(set *flag.FlagSet) {
	o.Register(set, phone.Sources{Camera: "none", Mic: "none", Speaker: "null", Display: "null"})
	set.BoolVar(&o.once, "once", false, "with answer and echo: stop after one call")
	set.BoolVar(&o.showVersion, "version", false, "print the version and stop")
	set.StringVar(&o.onceKey, "once-key", "", "with call: for this once, talk to whoever proves this identity `key` in place of the one that is known, and remember nothing")
	set.StringVar(&o.cpuProfile, "cpu-profile", "", "write a CPU profile of the whole run to `FILE`, for go tool pprof")
	set.BoolVar(&o.replace, "replace", false, "with identity import: in the place of the identity that the profile has")
	set.BoolVar(&o.control, "control", false, "read commands from standard input, one a line")
	set.StringVar(&o.view, "view", viewGrid, "whose pictures are shown, and so sent to us: grid (everybody's) | speaker (of whoever speaks)")
	set.StringVar(&o.files, "files", "", "take files that others send, into this `folder` (default: refuse them)")
}

func main() {
	// A reader of our events who goes away must not end a call: writing fails then, and nothing more.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(phone.UntilSignal(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var opts options
	set := flag.NewFlagSet("sundog-headless", flag.ContinueOnError)
	opts.register(set)
	words, err := opts.Parse(set, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usageHead)
		set.SetOutput(stdout)
		set.PrintDefaults()
		return exitOK
	}
	if err == nil && opts.showVersion {
		fmt.Fprintln(stdout, "sundog-headless", version.String())
		return exitOK
	}
	if err == nil {
		err = opts.check(words)
	}
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitUsage
	}
	endProfile, err := profileCPU(opts.cpuProfile)
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitUsage
	}
	defer endProfile()
	out := newPrinter(stdout, opts.JSON)
	switch words[0] {
	case "devices":
		return devices(ctx, out, stderr)
	case "identity":
		c := identityCommand{flags: &opts.Flags, replace: opts.replace, out: out}
		return c.run(ctx, words[1:], stderr)
	case "trust":
		return trustKey(&opts.Flags, words[1], words[2], out, stderr)
	}
	return opts.usePhone(ctx, words, out, stdin, stderr)
}

// usePhone runs a command that needs a phone.
func (o *options) usePhone(ctx context.Context, words []string, out *printer, stdin io.Reader, stderr io.Writer) int {
	cfg, err := o.Config()
	var noKey *profile.KeyError
	if errors.As(err, &noKey) {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitNoCall
	}
	calls := words[0] == "call" || words[0] == "confer"
	if err == nil && cfg.Name == "" && words[0] != "call" {
		err = errors.New("--name is needed, so that others can call")
	}
	if err == nil && words[0] == "call" && slices.ContainsFunc(words[1:], func(name string) bool { return strings.EqualFold(name, cfg.Name) }) {
		err = phone.ErrOwnName
	}
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitUsage
	}
	cfg.Log = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cfg.Echo = words[0] == "echo"
	if calls {
		cfg.Accept = phone.AcceptNone
	}
	p, err := phone.New(cfg)
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitNoCall
	}
	r := newRunner(p, out, o)
	out.print("ready", "peer_id", p.PeerID(), "link", p.Link())
	if o.control {
		go r.readCommands(ctx, stdin) // which nothing can interrupt
	}
	var code int
	switch words[0] {
	case "call":
		code = r.call(ctx, words[1:], o.onceKey)
	case "confer":
		code = r.confer(ctx, words[1])
	default:
		code = r.answer(ctx, o.once)
	}
	if err := p.Close(); err != nil {
		cfg.Log.Warn("closing", "error", err)
	}
	return code
}

// check says what is wrong with the command words and flags, in one sentence.
func (o *options) check(words []string) error {
	if len(words) == 0 {
		return errors.New("a command is needed: answer, call NAME-or-LINK, confer new, confer ROOM-LINK, echo, devices, identity or trust NAME KEY")
	}
	if err := checkWords(words[0], words[1:]); err != nil {
		return err
	}
	if o.onceKey != "" {
		if err := checkOnceKey(words, o.onceKey); err != nil {
			return err
		}
	}
	if o.replace && (words[0] != "identity" || len(words) < 2 || words[1] != "import") {
		return errors.New("--replace goes with identity import")
	}
	if err := checkView(o.view); err != nil {
		return fmt.Errorf("--view: %w", err)
	}
	if o.files != "" {
		if err := phone.CheckFolder(o.files); err != nil {
			return fmt.Errorf("--files: %w", err)
		}
	}
	return o.Check()
}

func checkWords(command string, names []string) error {
	switch {
	case later[command]:
		return fmt.Errorf("%s: %w", command, phone.ErrNotInThisVersion)
	case command == "call" && len(names) == 0:
		return errors.New("call whom? A name or a link is needed")
	case command == "call":
		for _, name := range names {
			if err := phone.CheckCallee(name); err != nil {
				return err
			}
		}
		return nil
	case command == "confer" && len(names) != 1:
		return errors.New("confer takes new, or the link into a conference")
	case command == "confer" && names[0] == "new":
		return nil
	case command == "confer":
		return phone.CheckRoomLink(names[0])
	case command == "identity":
		return checkIdentity(names)
	case command == "trust":
		return checkTrust(names)
	case command != "answer" && command != "echo" && command != "devices":
		return fmt.Errorf("%q is not a command: answer, call NAME-or-LINK, confer new, confer ROOM-LINK, echo, devices, identity or trust NAME KEY", command)
	case len(names) > 0:
		return fmt.Errorf("%s takes no further words, but there is %q", command, names[0])
	}
	return nil
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
