package lan

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxLabel is the length of a DNS label, in bytes (RFC 1035 §3.1).
const maxLabel = 63

// instanceName is a free name for the user's instance: the user's name at first; the second one with a number behind it, and
// after that with something random (RFC 6762 §9, appendix D).
func instanceName(name string, attempt int) string {
	suffix := ""
	switch {
	case attempt == 1:
		suffix = " (2)"
	case attempt > 1:
		suffix = fmt.Sprintf(" (%s)", randomLabel(5))
	}
	name = strings.TrimSpace(strings.ReplaceAll(name, ".", " "))
	if name == "" {
		name = "Sundog"
	}
	for len(name)+len(suffix) > maxLabel {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name + suffix
}

// randomLabel is a host name that tells nothing: the machine's own may name its owner.
func randomLabel(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}
