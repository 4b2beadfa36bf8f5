// Package identityfile seals what a person takes to another machine into one file that a passphrase opens. It does not know what the
// content is. The format is described in docs/identity.md.
//
//	file, err := identityfile.Seal(content, passphrase, identityfile.Recommended)
//	err = identityfile.Create(path, file)
//	file, err = identityfile.Read(path)
//	content, err = identityfile.Open(file, passphrase)
package identityfile

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/text/unicode/norm"
)

// Cost is what trying one passphrase costs (argon2id, RFC 9106).
type Cost struct {
	Passes uint32
	Memory uint32 // KiB
	Lanes  uint32
}

// Recommended lies between the two choices of RFC 9106 §4: memory that a small machine has, for about a second.
var Recommended = Cost{Passes: 3, Memory: 256 << 10, Lanes: 4}

// Limits of what a file may ask for: it may come from anybody.
const (
	maxMemory = 1 << 20 // KiB: four times what we ask for, and still to be had on most machines
	maxWork   = 4 << 20 // passes × KiB: five times what we ask for; some seconds
	maxLanes  = 16      // each is a goroutine

	// MaxContent bounds the content, in bytes: thousands of people with the longest names and links that there are.
	MaxContent = 32 << 20

	// minPassphrase is the shortest passphrase that Seal takes, in characters. A short one of them is guessed all the same.
	minPassphrase = 8
	maxPassphrase = 1024 // bytes
)

// The header and what surrounds the content, in bytes.
const (
	magic      = "sundog identity"
	version    = 1
	saltSize   = 16
	headerSize = len(magic) + 1 + 4*4 + saltSize + chacha20poly1305.NonceSizeX // 72
	sumSize    = sha256.Size
	maxFile    = headerSize + MaxContent + chacha20poly1305.Overhead + sumSize
)

// Errors of Seal, Open and Read (errors.Is); their texts are for the user.
var (
	ErrNotIdentity = errors.New("that file is no exported identity")
	ErrNewer       = errors.New("a later version of the program has written that file; use that one to import it")
	ErrDamaged     = errors.New("the file is damaged or not whole; copy it again from where it was written")
	ErrTooCostly   = errors.New("to open the file would take more memory or time than any of ours does, so it was not tried")
	ErrPassphrase  = errors.New("that is not the passphrase of the file (or somebody has changed the file); try again")
	ErrShort       = fmt.Errorf("the passphrase is too short: it needs at least %d characters, and five words or more are advised", minPassphrase)
	ErrLong        = errors.New("the passphrase is too long")
	ErrTooLarge    = errors.New("that is too much for one file")
	ErrExists      = errors.New("there is a file of that name already; choose another name")
)

// header is what precedes the sealed content.
type header struct {
	cost  Cost
	size  uint32 // of the content
	salt  [saltSize]byte
	nonce [chacha20poly1305.NonceSizeX]byte
}

func (h *header) append(b []byte) []byte {
	b = append(append(b, magic...), version)
	for _, n := range []uint32{h.cost.Passes, h.cost.Memory, h.cost.Lanes, h.size} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return append(append(b, h.salt[:]...), h.nonce[:]...)
}

// parse checks all that needs no passphrase, and returns the sealed content.
func parse(file []byte) (h header, sealed []byte, err error) {
	switch {
	case len(file) <= len(magic) || string(file[:len(magic)]) != magic:
		return h, nil, ErrNotIdentity
	case file[len(magic)] != version:
		return h, nil, ErrNewer
	case len(file) < headerSize+chacha20poly1305.Overhead+sumSize || len(file) > maxFile:
		return h, nil, ErrDamaged
	}
	// The sum is no protection: it tells damage from a wrong passphrase.
	body, sum := file[:len(file)-sumSize], file[len(file)-sumSize:]
	if sha256.Sum256(body) != [sumSize]byte(sum) {
		return h, nil, ErrDamaged
	}
	b := body[len(magic)+1:]
	for _, n := range []*uint32{&h.cost.Passes, &h.cost.Memory, &h.cost.Lanes, &h.size} {
		*n, b = binary.BigEndian.Uint32(b), b[4:]
	}
	b = b[copy(h.salt[:], b):]
	b = b[copy(h.nonce[:], b):]
	switch {
	case uint64(len(b)) != uint64(h.size)+chacha20poly1305.Overhead:
		return h, nil, ErrDamaged
	case !h.cost.possible():
		return h, nil, ErrDamaged
	case !h.cost.bearable():
		return h, nil, ErrTooCostly
	}
	return h, b, nil
}

// possible reports whether argon2id is defined for it (RFC 9106 §3.1).
func (c Cost) possible() bool {
	return c.Passes > 0 && c.Lanes > 0 && uint64(c.Memory) >= 8*uint64(c.Lanes)
}

func (c Cost) bearable() bool {
	return c.Memory <= maxMemory && c.Lanes <= maxLanes && uint64(c.Passes)*uint64(c.Memory) <= maxWork
}

// key makes the key of a passphrase. Keyboards write one character in several ways; all are the same here (NFC, as RFC 8265 §4.2).
func (h *header) key(passphrase string) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(passphrase)), h.salt[:], h.cost.Passes, h.cost.Memory, uint8(h.cost.Lanes), chacha20poly1305.KeySize)
}

// CheckPassphrase says whether a passphrase can seal: ErrShort, ErrLong.
func CheckPassphrase(passphrase string) error {
	switch {
	case len(passphrase) > maxPassphrase:
		return ErrLong
	case utf8.RuneCountInString(passphrase) < minPassphrase:
		return ErrShort
	}
	return nil
}

// Seal seals content. It takes as long as the cost says.
func Seal(content []byte, passphrase string, cost Cost) ([]byte, error) {
	h := header{cost: cost, size: uint32(len(content))}
	_, _ = rand.Read(h.salt[:]) // does not fail
	_, _ = rand.Read(h.nonce[:])
	return seal(&h, content, passphrase)
}

func seal(h *header, content []byte, passphrase string) ([]byte, error) {
	if err := CheckPassphrase(passphrase); err != nil {
		return nil, err
	}
	if len(content) > MaxContent {
		return nil, ErrTooLarge
	}
	if !h.cost.possible() || !h.cost.bearable() {
		return nil, ErrTooCostly
	}
	aead, err := chacha20poly1305.NewX(h.key(passphrase))
	if err != nil {
		return nil, err
	}
	file := h.append(make([]byte, 0, headerSize+len(content)+chacha20poly1305.Overhead+sumSize))
	file = aead.Seal(file, h.nonce[:], content, file)
	sum := sha256.Sum256(file)
	return append(file, sum[:]...), nil
}

// Open opens what Seal has sealed. It takes as long as the file says, within limits.
func Open(file []byte, passphrase string) ([]byte, error) {
	h, sealed, err := parse(file)
	if err != nil {
		return nil, err
	}
	if len(passphrase) > maxPassphrase {
		return nil, ErrPassphrase
	}
	aead, err := chacha20poly1305.NewX(h.key(passphrase))
	if err != nil {
		return nil, err
	}
	content, err := aead.Open(nil, h.nonce[:], sealed, file[:headerSize])
	if err != nil {
		return nil, ErrPassphrase
	}
	return content, nil
}
