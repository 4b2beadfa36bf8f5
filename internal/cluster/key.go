package cluster

import (
	"encoding/hex"
	"strings"
)

// Keys are any bytes; in a subject only some may be. Letters, digits, - and _ stand for themselves, any other byte is
// written =XX with its two hexadecimal digits, and the empty key is = alone. So one key has one spelling.

const hexDigits = "0123456789ABCDEF"

func plain(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-' || b == '_'
}

// encodeKey spells a key so that it can be one token of a subject.
func encodeKey(key string) string {
	if key == "" {
		return "="
	}
	escaped := 0
	for i := range len(key) {
		if !plain(key[i]) {
			escaped++
		}
	}
	if escaped == 0 {
		return key
	}
	var b strings.Builder
	b.Grow(len(key) + 2*escaped)
	for i := range len(key) {
		if c := key[i]; plain(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('=')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

// decodeKey is encodeKey's inverse; false for what encodeKey never writes.
func decodeKey(token string) (string, bool) {
	if token == "=" {
		return "", true
	}
	if token == "" {
		return "", false
	}
	if !strings.Contains(token, "=") {
		for i := range len(token) {
			if !plain(token[i]) {
				return "", false
			}
		}
		return token, true
	}
	var b strings.Builder
	b.Grow(len(token))
	for i := 0; i < len(token); i++ {
		if c := token[i]; c != '=' {
			if !plain(c) {
				return "", false
			}
			b.WriteByte(c)
			continue
		}
		if i+2 >= len(token) {
			return "", false
		}
		var one [1]byte
		if _, err := hex.Decode(one[:], []byte(token[i+1:i+3])); err != nil || plain(one[0]) {
			return "", false
		}
		b.WriteByte(one[0])
		i += 2
	}
	key := b.String()
	return key, encodeKey(key) == token // lower case digits are another spelling
}
