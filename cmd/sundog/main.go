// Command sundog is the desktop phone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/internal/version"
)

const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	os.Exit(run(phone.UntilSignal(), os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var flags phone.Flags
	set := flag.NewFlagSet("sundog", flag.ContinueOnError)
	flags.Register(set, phone.Sources{})
	var call []string
	set.Func("call", "call this `name` at start; given several times, all of them into one call", func(name string) error {
		call = append(call, name)
		return nil
	})
	answer := set.Bool("answer", false, "take every call at once")
	showVersion := set.Bool("version", false, "tell the version and exit")
	words, err := flags.Parse(set, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, "Usage: sundog [flags] [sundog:LINK]\n\nFlags:\n")
		set.SetOutput(stdout)
		set.PrintDefaults()
		return exitOK
	}
	link := ""
	switch {
	case err != nil:
	case len(words) == 1 && isLink(words[0]):
		link = words[0]
	case len(words) > 0:
		err = fmt.Errorf("sundog takes flags and one sundog: link, but there is %q", words[0])
	}
	if err == nil {
		err = flags.Check()
	}
	if err != nil {
		fmt.Fprintln(stderr, "sundog:", err)
		return exitUsage
	}
	if *showVersion {
		fmt.Fprintln(stdout, "sundog", version.String())
		return exitOK
	}
	if err := open(ctx, &flags, app.Options{Version: version.String(), Call: call}, link, *answer, stderr); err != nil {
		fmt.Fprintln(stderr, "sundog:", err)
		return exitFailed
	}
	return exitOK
}

// open runs the phone and its windows until the main one is closed. A link goes to the window that is open already with
// the same profile, if there is one.
func open(ctx context.Context, flags *phone.Flags, opts app.Options, link string, answer bool, stderr io.Writer) (err error) {
	dir, err := flags.Folder()
	if err != nil {
		return err
	}
	if link != "" && handOver(dir, link) {
		return nil
	}
	cfg, err := flags.Config()
	if err != nil && !troubled(err) {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	links := listenForLinks(dir, log)
	defer links.close()
	if link != "" {
		links.put(link)
	}
	opts.Links = links.opened
	var d *desk
	defer func() {
		if d != nil {
			err = errors.Join(err, d.phone.Close())
			d.close()
		}
	}()
	if err == nil {
		cfg.Log = log
		if d, err = begin(cfg, flags, answer); err != nil {
			return err
		}
		return app.Run(ctx, d, opts)
	}
	shown := app.RunTroubled(ctx, told(err), func() (app.Phone, error) {
		cfg, err := flags.Config()
		if err == nil {
			cfg.Log = log
			d, err = begin(cfg, flags, answer)
		}
		if err != nil {
			return nil, told(err)
		}
		return d, nil
	}, opts)
	if d != nil {
		return shown
	}
	return err
}

// troubled reports whether the profile is there and cannot be used as it is: the user has to hear of that without a terminal, too.
func troubled(err error) bool {
	var noKey *profile.KeyError
	return errors.As(err, &noKey) || errors.Is(err, profile.ErrDamaged) || errors.Is(err, profile.ErrNewer)
}

// begin makes the phone, and the desk that the windows see it by.
func begin(cfg phone.Config, flags *phone.Flags, answer bool) (*desk, error) {
	settings := cfg.Profile.Settings()
	cfg.Directory = windowDirectories(cfg.Directory)
	if !flags.Given("accept") {
		cfg.Accept = windowAccept(settings)
	}
	if settings.Name != cfg.Name || settings.Server != cfg.Server || settings.Directory != cfg.Directory {
		settings.Name, settings.Server, settings.Directory = cfg.Name, cfg.Server, cfg.Directory
		if err := cfg.Profile.SaveSettings(settings); err != nil {
			cfg.Log.Warn("what the flags say holds for this time only", "error", err)
		}
	}
	capped := flags.Given("uplink-cap")
	if !capped {
		cfg.UplinkCap, cfg.SaveData = settings.UplinkCap, settings.DataSaver
	}
	cfg.Ring = true
	given := cfg.Sources
	cfg.Sources = withDefaults(settings, given)
	p, err := phone.New(cfg)
	if err != nil {
		return nil, err
	}
	p.SetTones(!settings.Quiet)
	d := newDesk(p, given, answer, flags.Given("accept"))
	d.olds, d.capped = flags.Given("old-clients"), capped
	return d, nil
}
