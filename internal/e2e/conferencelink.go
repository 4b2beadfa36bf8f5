package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Invitations as docs/rooms.md and the type in mesh/room describe them: 213 bytes, the last 64 of which are the inviter's signature.
const (
	invitationContext = "sundog room invitation 1\x00"
	invitationIssued  = 123
	invitationExpires = 131
	invitationSigned  = 149
	invitationSize    = invitationSigned + ed25519.SignatureSize
)

// expiredLink is a link whose invitation was good until an hour ago, signed by its inviter's own key.
func expiredLink(link string, key ed25519.PrivateKey, now time.Time) (string, error) {
	return changeLink(link, func(raw []byte) {
		binary.BigEndian.PutUint64(raw[invitationIssued:], uint64(now.Add(-2*time.Hour).UnixMilli()))
		binary.BigEndian.PutUint64(raw[invitationExpires:], uint64(now.Add(-time.Hour).UnixMilli()))
		copy(raw[invitationSigned:], ed25519.Sign(key, append([]byte(invitationContext), raw[:invitationSigned]...)))
	})
}

// forgedLink is a link whose invitation is good for an hour longer than its inviter has signed.
func forgedLink(link string) (string, error) {
	return changeLink(link, func(raw []byte) {
		until := binary.BigEndian.Uint64(raw[invitationExpires:])
		binary.BigEndian.PutUint64(raw[invitationExpires:], until+uint64(time.Hour.Milliseconds()))
	})
}

// changeLink changes the invitation in a link to a conference.
func changeLink(link string, change func(raw []byte)) (string, error) {
	before, text, ok := strings.Cut(link, "room=")
	if !ok {
		return "", fmt.Errorf("no invitation in the link %q", link)
	}
	text, after, _ := strings.Cut(text, "&")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < invitationSize {
		return "", fmt.Errorf("the link's invitation cannot be read (%d bytes): %w", len(raw), err)
	}
	change(raw)
	if after != "" {
		after = "&" + after
	}
	return before + "room=" + base64.RawURLEncoding.EncodeToString(raw) + after, nil
}

// profileKey is the identity key of a profile that keeps it in a file.
func profileKey(profile string) (ed25519.PrivateKey, error) {
	files, err := filepath.Glob(filepath.Join(profile, "identity", "*.key"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("%d key files in %s: %w", len(files), profile, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	_, coded, _ := strings.Cut(strings.TrimSpace(string(text)), ":")
	seed, err := base64.StdEncoding.DecodeString(coded)
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("the key file holds no Ed25519 key")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
