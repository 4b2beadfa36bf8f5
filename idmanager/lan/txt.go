package lan

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
)

// The keys of the TXT record (RFC 6763 §6). Binary values are in base64 without padding. A value that is too long for one string
// of 255 bytes goes on under the key with a 2 behind it.
const (
	txtVersion    = "txtvers" // "1"; RFC 6763 §6.7 wants it first
	txtName       = "n"
	txtPeerID     = "p"
	txtIdentity   = "k"
	txtTime       = "t" // ms since 1970
	txtNonce      = "x"
	txtSignature  = "s"
	txtRendezvous = "r"
)

// maxString is what one string of a TXT record holds (RFC 1035 §3.3.14).
const maxString = 255

var errTXT = errors.New("lan: the TXT record holds no registration")

var base64URL = base64.RawURLEncoding.Strict()

// packTXT writes a registration as a TXT record.
func packTXT(reg idmanager.Registration) ([]string, error) {
	id, err := hex.DecodeString(reg.PeerID)
	if err != nil {
		return nil, fmt.Errorf("lan: %w", err)
	}
	all := []string{txtVersion + "=1"}
	add := func(key, value string) {
		if room := maxString - len(key) - 1; len(value) > room {
			all = append(all, key+"="+value[:room])
			key, value = key+"2", value[room:]
		}
		all = append(all, key+"="+value)
	}
	add(txtName, reg.Name)
	add(txtPeerID, base64URL.EncodeToString(id))
	add(txtIdentity, base64URL.EncodeToString(reg.Identity))
	add(txtTime, strconv.FormatInt(reg.Time.UnixMilli(), 10))
	add(txtNonce, base64URL.EncodeToString(reg.Nonce[:]))
	if reg.Rendezvous != "" {
		add(txtRendezvous, reg.Rendezvous)
	}
	add(txtSignature, base64URL.EncodeToString(reg.Signature))
	return all, nil
}

// parseTXT reads a registration; whether it is signed is for the caller to verify. Unknown keys are ignored, and of
// several strings with one key the first counts (RFC 6763 §6.4).
func parseTXT(txt []string) (idmanager.Registration, error) {
	values := make(map[string]string)
	for i, s := range txt {
		key, value, ok := strings.Cut(s, "=")
		if i >= maxRecords || len(s) > maxString {
			return idmanager.Registration{}, errTXT
		}
		key = strings.ToLower(key)
		if _, twice := values[key]; ok && !twice {
			values[key] = value
		}
	}
	if values[txtVersion] != "1" {
		return idmanager.Registration{}, errTXT
	}
	text := func(key string) string { return values[key] + values[key+"2"] }
	var firstErr error
	binary := func(key string, length int) []byte {
		b, err := base64URL.DecodeString(values[key])
		if err != nil || len(b) != length {
			firstErr = fmt.Errorf("%w: %q", errTXT, key)
			return make([]byte, length)
		}
		return b
	}
	reg := idmanager.Registration{
		Name:       text(txtName),
		PeerID:     hex.EncodeToString(binary(txtPeerID, 32)),
		Rendezvous: text(txtRendezvous),
		Identity:   binary(txtIdentity, 32),
		Nonce:      [16]byte(binary(txtNonce, 16)),
		Signature:  binary(txtSignature, 64),
	}
	ms, err := strconv.ParseInt(values[txtTime], 10, 64)
	if err != nil || ms < 0 || ms > 1<<50 {
		return idmanager.Registration{}, fmt.Errorf("%w: %q", errTXT, txtTime)
	}
	reg.Time = time.UnixMilli(ms)
	if firstErr == nil && !idmanager.ValidName(reg.Name) {
		firstErr = fmt.Errorf("%w: %q", errTXT, txtName)
	}
	return reg, firstErr
}
