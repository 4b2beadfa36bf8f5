package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"sundog.dev/sundog/internal/identityfile"
	"sundog.dev/sundog/internal/keystore"
	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/profile"
)

// passphraseVariable is where the passphrase of an exported identity comes from, if it does not come from the terminal: a flag would show it to
// everybody on the machine.
const passphraseVariable = "SUNDOG_PASSPHRASE"

// identityCommand shows the profile's identity, or takes it from one profile to another.
type identityCommand struct {
	flags   *phone.Flags
	replace bool
	out     *printer
	options []profile.Option // for tests
}

// checkIdentity says what is wrong with the words behind identity.
func checkIdentity(words []string) error {
	switch {
	case len(words) == 0:
		return nil
	case words[0] != "export" && words[0] != "import" && words[0] != "keep":
		return fmt.Errorf("identity takes export FILE, import FILE, keep keyring or keep file, but there is %q", words[0])
	case words[0] == "keep" && (len(words) != 2 || words[1] != string(keystore.Keyring) && words[1] != string(keystore.File)):
		return errors.New("keep the identity key where? It is keyring or file")
	case len(words) != 2:
		return fmt.Errorf("identity %s takes one file", words[0])
	}
	return nil
}

// run runs the command, whose words are checked.
func (c *identityCommand) run(ctx context.Context, words []string, stderr io.Writer) int {
	var err error
	switch {
	case len(words) == 0:
		err = c.show()
	case words[0] == "export":
		err = c.export(ctx, words[1], stderr)
	case words[0] == "import":
		err = c.importFrom(ctx, words[1], stderr)
	default:
		err = c.keep(keystore.Place(words[1]))
	}
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitNoCall
	}
	return exitOK
}

// withProfile opens the profile for f.
func (c *identityCommand) withProfile(f func(*profile.Store) error, options ...profile.Option) error {
	store, err := c.flags.OpenProfile(append(options, c.options...)...)
	if err != nil {
		return err
	}
	return errors.Join(f(store), store.Close())
}

// show tells who the profile is. Where its key is not to be had, it tells the rest, and the error says so.
func (c *identityCommand) show() error {
	tell := func(s *profile.Store) error {
		c.out.print("identity", "identity", hex.EncodeToString(s.PublicIdentity()), "fingerprint", grouped(s.PublicIdentity()), "kept_in", s.KeptIn())
		return nil
	}
	err := c.withProfile(tell)
	var none *profile.KeyError
	if errors.As(err, &none) {
		return errors.Join(c.withProfile(tell, profile.WithoutKey()), err)
	}
	return err
}

// grouped writes a key so that it can be read aloud and compared.
func grouped(key []byte) string {
	var b strings.Builder
	for i := 0; i < len(key); i += 2 {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%x", key[i:min(i+2, len(key))])
	}
	return b.String()
}

func (c *identityCommand) export(ctx context.Context, file string, stderr io.Writer) error {
	if _, err := os.Lstat(file); err == nil {
		return identityfile.ErrExists // before a passphrase is asked for
	}
	return c.withProfile(func(s *profile.Store) error {
		passphrase, err := askPassphrase(ctx, stderr, true)
		if err == nil {
			err = s.ExportIdentity(file, passphrase)
		}
		if err == nil {
			c.out.print("exported", "identity", hex.EncodeToString(s.PublicIdentity()), "file", file, "people", len(s.People()))
		}
		return err
	})
}

// importFrom imports into a profile whether or not its own key is to be had, and makes none for a new one.
func (c *identityCommand) importFrom(ctx context.Context, file string, stderr io.Writer) error {
	if _, err := identityfile.Read(file); err != nil {
		return err
	}
	return c.withProfile(func(s *profile.Store) error {
		passphrase, err := askPassphrase(ctx, stderr, false)
		if err != nil {
			return err
		}
		done, err := s.ImportIdentity(file, passphrase, c.replace)
		if errors.Is(err, profile.ErrIdentityKept) {
			return fmt.Errorf("%w; to give that up for the one of the file, add --replace, or name another folder with --profile", err)
		}
		if err == nil {
			c.out.print("imported", "identity", hex.EncodeToString(done.Identity), "people", done.People, "replaced", done.Replaced,
				"backup", done.Backup, "kept_in", s.KeptIn())
		}
		return err
	}, profile.WithoutKey())
}

func (c *identityCommand) keep(place keystore.Place) error {
	return c.withProfile(func(s *profile.Store) error {
		err := s.MoveKey(place)
		if err == nil {
			c.out.print("identity", "identity", hex.EncodeToString(s.PublicIdentity()), "kept_in", s.KeptIn())
		}
		return err
	})
}

// askPassphrase takes the passphrase from the environment, or asks on the terminal without showing it: a new one twice.
func askPassphrase(ctx context.Context, stderr io.Writer, fresh bool) (string, error) {
	if passphrase := os.Getenv(passphraseVariable); passphrase != "" {
		return passphrase, nil
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", errors.New("a passphrase is needed: start this in a terminal, or set " + passphraseVariable)
	}
	passphrase, err := askOnce(ctx, stderr, "Passphrase of the file: ")
	if err != nil || !fresh {
		return passphrase, err
	}
	if err := identityfile.CheckPassphrase(passphrase); err != nil {
		return "", err
	}
	again, err := askOnce(ctx, stderr, "The same once more: ")
	if err == nil && again != passphrase {
		err = errors.New("the two passphrases differ, so nothing was written; try again")
	}
	return passphrase, err
}

// askOnce asks on the terminal, until ctx ends.
func askOnce(ctx context.Context, stderr io.Writer, question string) (string, error) {
	terminal := int(os.Stdin.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	type answer struct {
		text []byte
		err  error
	}
	answered := make(chan answer, 1)
	fmt.Fprint(stderr, question)
	defer fmt.Fprintln(stderr)
	go func() { // reads on when ctx ends: the program does, too
		text, err := term.ReadPassword(terminal)
		answered <- answer{text, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil {
			return "", fmt.Errorf("no passphrase was given: %w", a.err)
		}
		return string(a.text), nil
	case <-ctx.Done():
		return "", errors.Join(errors.New("no passphrase was given"), term.Restore(terminal, before))
	}
}
