package main

import (
	"errors"
	"fmt"
	"io"

	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/profile"
)

// What there is to do after identity_changed, besides leaving it.

// checkTrust says what is wrong with the words behind trust.
func checkTrust(words []string) error {
	if len(words) != 2 {
		return errors.New("trust takes a name and an identity key")
	}
	_, err := phone.ParseIdentity(words[1])
	return err
}

// checkOnceKey says what is wrong with --once-key.
func checkOnceKey(words []string, key string) error {
	if words[0] != "call" {
		return errors.New("--once-key goes with call")
	}
	if _, err := phone.ParseIdentity(key); err != nil {
		return fmt.Errorf("--once-key: %w", err)
	}
	return nil
}

// trustKey takes another identity key for somebody on the list. The words are checked.
func trustKey(flags *phone.Flags, name, key string, out *printer, stderr io.Writer) int {
	identity, err := phone.ParseIdentity(key)
	if err == nil {
		store, openErr := flags.OpenProfile()
		if err = openErr; err == nil {
			err = errors.Join(store.Replace(name, identity[:]), store.Close())
		}
	}
	if errors.Is(err, profile.ErrNobody) {
		err = fmt.Errorf("nobody on your list is called %q", name)
	}
	if err != nil {
		fmt.Fprintln(stderr, "sundog-headless:", err)
		return exitNoCall
	}
	out.print("trusted", "peer", name, "identity", identityText(identity))
	return exitOK
}
