// Package keystore keeps a program's secret keys where the system keeps such things: in its keyring (Secret Service, Keychain,
// Credential Manager) where there is one, else in files that nobody but the user can read. It does not know what the keys are
// for, and remembers nothing: the caller notes under which name and in which place each one is.
//
//	keys := keystore.New(folder, keystore.Auto)
//	place, err := keys.Keep("identity-1", seed)
//	seed, err = keys.Read(place, "identity-1")
package keystore

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Place is where a key is kept. Its values are written to disk by callers.
type Place string

// The places.
const (
	Keyring Place = "keyring"
	File    Place = "file"
)

// Use says whether the system's keyring may be used.
type Use string

// The choices for Use.
const (
	Auto Use = "auto" // where there is one, and it is unlocked when a key is first kept
	Off  Use = "off"  // never: not even asked for a key that is there
)

// ParseUse reads a choice for Use.
func ParseUse(s string) (Use, error) {
	switch u := Use(s); u {
	case Auto, Off:
		return u, nil
	}
	return "", fmt.Errorf("--keyring is auto or off, not %q", s)
}

const (
	// callWait is how long a keyring may take that has nothing to ask. A desktop that is just starting needs a second or two.
	callWait = 5 * time.Second
	// promptWait is how long the user may take to unlock it, in the dialogue that the system shows for that.
	promptWait = 60 * time.Second

	maxSecret = 256 // bytes: keys are short, and Windows takes no more than 2,560
	maxName   = 128 // characters: a file's name, too
)

// Errors (errors.Is): why a key cannot be had. Their texts end a sentence that begins with where the key is.
var (
	// ErrForbidden says that the key is in the keyring and Use is Off.
	ErrForbidden = errors.New("which may not be used now (--keyring off)")
	// ErrAbsent says that no keyring is to be reached: none is installed, or this is no desktop session.
	ErrAbsent = errors.New("but none is to be found in this session")
	// ErrLocked says that the keyring is locked, and was not unlocked when the user was asked.
	ErrLocked = errors.New("which is locked")
	// ErrSilent says that the keyring did not answer in time.
	ErrSilent = errors.New("which does not answer")
	// ErrGone says that the keyring, or the folder, holds no such key, or not any more.
	ErrGone = errors.New("but is not there any more")
	// ErrExposed says that others could read or exchange the key file.
	ErrExposed = errors.New("which others can get at")
	// ErrDamaged says that what is kept under the name is no key.
	ErrDamaged = errors.New("but is damaged there")
)

// Keys are the keys kept for one profile. It is safe for concurrent use.
type Keys struct {
	folder string
	ring   *ring
}

// New keeps keys in the keyring or in files of the folder, which is made when it is needed.
func New(folder string, use Use) *Keys {
	k := &Keys{folder: folder}
	if use == Auto {
		k.ring = newRing()
	}
	return k
}

// Keep keeps a key under a name, in the keyring if there is one that is unlocked and takes it, else in a file, and tells where. It
// asks the user nothing. What was kept in that place under the name before is overwritten; the key has been read back when it returns.
func (k *Keys) Keep(ctx context.Context, name string, secret []byte) (Place, error) {
	if err := k.KeepIn(ctx, Keyring, name, secret); err == nil {
		return Keyring, nil
	}
	return File, k.KeepIn(ctx, File, name, secret)
}

// KeepIn is Keep with the place given.
func (k *Keys) KeepIn(ctx context.Context, place Place, name string, secret []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if len(secret) == 0 || len(secret) > maxSecret {
		return fmt.Errorf("a key of %d bytes cannot be kept", len(secret))
	}
	text := encode(secret)
	var err error
	switch {
	case place == File:
		err = k.writeFile(name, text)
	case k.ring == nil:
		err = ErrForbidden
	default:
		err = k.ring.set(ctx, name, text)
	}
	if err != nil {
		return err
	}
	back, err := k.Read(ctx, place, name)
	if err == nil && !bytes.Equal(back, secret) {
		err = ErrDamaged
	}
	return err
}

// Read returns a key. A keyring that is locked asks the user to unlock it, where it can.
func (k *Keys) Read(ctx context.Context, place Place, name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	var text string
	var err error
	switch {
	case place == File:
		text, err = k.readFile(name)
	case place != Keyring:
		err = fmt.Errorf("a place by the name of %q is not known to this version", place)
	case k.ring == nil:
		err = ErrForbidden
	default:
		text, err = k.ring.get(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	return decode(text)
}

// Forget removes a key. One that is not there is no error.
func (k *Keys) Forget(ctx context.Context, place Place, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	switch {
	case place == File:
		return k.removeFile(name)
	case k.ring == nil:
		return ErrForbidden
	}
	return k.ring.delete(ctx, name)
}

// Where describes a place, as the middle of a sentence: "the system's keyring", or the file.
func (k *Keys) Where(place Place, name string) string {
	if place == File {
		return "the file " + k.path(name)
	}
	return "the system's keyring"
}

func checkName(name string) error {
	plain := func(r rune) bool { return r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' }
	if name == "" || len(name) > maxName || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return fmt.Errorf("%q is no name of a key", name)
	}
	return nil
}

// prefix tells what follows, and its version.
const prefix = "sundog-key-1:"

// encode makes one line of text of a key: keyrings keep texts.
func encode(secret []byte) string { return prefix + base64.StdEncoding.EncodeToString(secret) }

func decode(text string) ([]byte, error) {
	rest, ok := strings.CutPrefix(strings.TrimRight(text, "\r\n"), prefix)
	if !ok || strings.ContainsAny(rest, "\r\n") || base64.StdEncoding.DecodedLen(len(rest)) > maxSecret+2 { // base64 would pass over line ends
		return nil, ErrDamaged
	}
	secret, err := base64.StdEncoding.Strict().DecodeString(rest)
	if err != nil || len(secret) == 0 || len(secret) > maxSecret {
		return nil, ErrDamaged
	}
	return secret, nil
}
