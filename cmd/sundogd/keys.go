package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
)

// Bounds of the developer keys.
const (
	// maxKeys bounds them, since each connect is compared with all: a millisecond at most.
	maxKeys = 10_000

	// maxKey bounds one in bytes. Adobe's had 37.
	maxKey = 256
)

// errBadKey is what somebody without a valid developer key reads.
var errBadKey = errors.New("this service asks for a developer key: put one that its operator has given you behind the address, as in rtmfp://host/KEY")

// keyring knows the developer keys that phones have to show, if any. Only their digests are held and compared, in a time
// that tells nothing about them.
type keyring struct {
	path    string // of their file; none: the keys never change
	digests atomic.Pointer[[][sha256.Size]byte]
}

// openKeys reads --keys: none, a list, or the name of a file.
func openKeys(flag string) (*keyring, error) {
	k := new(keyring)
	if path, ok := strings.CutPrefix(flag, "file:"); ok {
		k.path = path
		return k, k.reload()
	}
	if flag == "" || flag == "none" {
		return k, nil
	}
	var digests [][sha256.Size]byte
	for key := range strings.SplitSeq(flag, ",") {
		if key = strings.TrimSpace(key); key == "" || len(key) > maxKey {
			return nil, fmt.Errorf("--keys holds a key that is empty or longer than %d bytes", maxKey)
		}
		digests = append(digests, sha256.Sum256([]byte(key)))
	}
	k.digests.Store(&digests)
	return k, nil
}

// wanted reports whether phones have to show a key.
func (k *keyring) wanted() bool { return k.digests.Load() != nil }

// files are those whose change is to be followed by reload.
func (k *keyring) files() []string {
	if k.path == "" {
		return nil
	}
	return []string{k.path}
}

// reload reads the file of keys again. If it cannot be read the old keys stay.
func (k *keyring) reload() error {
	if k.path == "" {
		return nil
	}
	b, err := os.ReadFile(k.path)
	if err != nil {
		return fmt.Errorf("the file of developer keys cannot be read: %w", err)
	}
	digests, err := parseKeys(b)
	if err != nil {
		return fmt.Errorf("the file of developer keys %s: %w", k.path, err)
	}
	k.digests.Store(&digests)
	return nil
}

// parseKeys reads a file of keys: one at the beginning of each line, and behind it, after a space, whose it is. Blank lines
// and lines that begin with # are passed over. A file without keys admits nobody.
func parseKeys(b []byte) (digests [][sha256.Size]byte, err error) {
	digests = [][sha256.Size]byte{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; lines.Scan(); n++ {
		fields := bytes.Fields(lines.Bytes())
		if len(fields) == 0 || fields[0][0] == '#' {
			continue
		}
		if len(fields[0]) > maxKey {
			return nil, fmt.Errorf("line %d: a key has %d bytes at most", n, maxKey)
		}
		if len(digests) == maxKeys {
			return nil, fmt.Errorf("there are more than %d keys", maxKeys)
		}
		digests = append(digests, sha256.Sum256(fields[0]))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("a line is too long: %w", err)
	}
	return digests, nil
}

// admit decides about somebody who has shown a key, or "".
func (k *keyring) admit(key string) error {
	digests := k.digests.Load()
	if digests == nil {
		return nil
	}
	shown := sha256.Sum256([]byte(key))
	valid := 0
	for i := range *digests {
		valid |= subtle.ConstantTimeCompare(shown[:], (*digests)[i][:])
	}
	if valid == 0 {
		return errBadKey
	}
	return nil
}
