package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
)

// keyringHang is how long a keyring that does not answer may hold up the start, in s.
const keyringHang = 8

// refused checks that a profile's key is not to be had, and that this is told and nothing else done.
func (k *keyringCheck) refused(ctx context.Context, d *desktop, about, says string, most float64, flags ...string) error {
	told, err := k.identity(ctx, d, k.profile, append(flags, "identity")...)
	if err != nil {
		return err
	}
	k.report.equals(about+": exit status", told.status, 1)
	k.report.holds(about+": the sentence says why, and what to do", strings.Contains(told.said, says) && strings.Contains(told.said, "identity import FILE"), told.said)
	k.report.equals(about+": the identity is the same", told.Identity, k.public)
	k.report.atMost(about+": told within", told.took.Seconds(), most, "s")
	k.report.note("%q", told.said)
	answer, err := k.identity(ctx, d, k.profile, append(flags, "--name", "ada", "--once", "answer")...)
	if err != nil {
		return err
	}
	k.report.holds(about+": no phone starts", answer.status == 1 && answer.said == told.said, fmt.Sprint(answer.status, answer.said))
	return nil
}

func (k *keyringCheck) tellsAnAbsentKeyring(ctx context.Context) error {
	nowhere := *k.bare
	nowhere.address = "unix:path=" + filepath.Join(k.dir, "nobody")
	if err := k.refused(ctx, &nowhere, "no bus, as over ssh", "none is to be found", keyringPatience); err != nil {
		return err
	}
	if err := k.refused(ctx, k.bare, "a bus without a keyring", "none is to be found", keyringPatience); err != nil {
		return err
	}
	if err := k.refused(ctx, k.desktop, "--keyring off", "--keyring off", keyringPatience, "--keyring", "off"); err != nil {
		return err
	}
	for about, d := range map[string]*desktop{"no bus": &nowhere, "no keyring": k.bare} {
		told, err := k.identity(ctx, d, filepath.Join(k.dir, about), "identity")
		if err != nil {
			return err
		}
		k.report.holds("a new profile with "+about+" has its key in a file", told.status == 0 && strings.HasPrefix(told.KeptIn, "the file "), told.said)
		k.report.atMost("… and waits no longer than", told.took.Seconds(), keyringPatience, "s")
	}
	return nil
}

// tellsASilentKeyring has a bus that takes connections and says nothing.
func (k *keyringCheck) tellsASilentKeyring(ctx context.Context) error {
	socket := filepath.Join(k.dir, "silent")
	l, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	silent := *k.bare
	silent.address = "unix:path=" + socket
	return k.refused(ctx, &silent, "a bus that hangs", "does not answer", keyringHang)
}

func (k *keyringCheck) tellsALockedKeyring(ctx context.Context) error {
	if err := k.desktop.lock(ctx); err != nil {
		return err
	}
	if err := k.refused(ctx, k.desktop, "a locked keyring", "which is locked", keyringHang); err != nil {
		return err
	}
	fresh, err := k.identity(ctx, k.desktop, filepath.Join(k.dir, "locked"), "identity")
	if err != nil {
		return err
	}
	k.report.holds("a new profile beside a locked keyring has its key in a file", fresh.status == 0 && strings.HasPrefix(fresh.KeptIn, "the file "), fresh.said)
	k.desktop.endKeyring()
	if err := k.desktop.startKeyring(ctx); err != nil {
		return err
	}
	told, err := k.identity(ctx, k.desktop, k.profile, "identity")
	if err != nil {
		return err
	}
	k.report.holds("unlocked again, it has the key", told.status == 0 && told.Identity == k.public, told.said)
	return nil
}

// isUnlockedByTheUser has the system ask for the password in its own window.
func (k *keyringCheck) isUnlockedByTheUser(ctx context.Context) error {
	screen, err := k.startDisplay(ctx, 800, 600)
	if err != nil {
		return err
	}
	defer screen.stop()
	if err := k.desktop.showOn(ctx, screen); err != nil {
		return err
	}
	for _, c := range []struct {
		about  string
		keys   [][]string
		status int
	}{
		{"a keyring that the user does not unlock", [][]string{{"key", "Escape"}}, 1},
		{"a keyring that the user unlocks", [][]string{{"type", "--delay", "50", keyringPassword}, {"key", "Return"}}, 0},
	} {
		if err := k.desktop.lock(ctx); err != nil {
			return err
		}
		answered := make(chan error, 1)
		go func() { answered <- screen.answer(ctx, c.keys) }()
		told, err := k.identity(ctx, k.desktop, k.profile, "identity")
		if err := errors.Join(err, <-answered); err != nil {
			return err
		}
		k.report.equals(c.about+": exit status", told.status, c.status)
		k.report.holds(c.about+": says what is so", strings.Contains(told.said, "which is locked") == (c.status != 0), told.said)
		k.report.equals(c.about+": the identity is the same", told.Identity, k.public)
	}
	return nil
}
