package flashcrypto

import (
	"bytes"

	"sundog.dev/sundog/rtmfp"
)

// ShareKey reports whether two certificates of this package hold the same static public key, however it is encoded: then
// they are one peer's. The handshake refuses a far end that holds a key of the endpoint's own; this is for those who have
// several endpoints.
func ShareKey(a, b rtmfp.Certificate) bool {
	ca, ok := a.(*certificate)
	if !ok {
		return false
	}
	cb, ok := b.(*certificate)
	if !ok {
		return false
	}
	for _, k := range ca.keys {
		theirs := cb.staticKey(k.group)
		if k.static != nil && theirs != nil && sameKey(k.group, k.static, theirs) {
			return true
		}
	}
	return false
}

// sameKey compares two public keys of a group by what they mean. Curve25519 ignores the last bit (RFC 7748 §5); in the other
// groups, zeros may be in front.
func sameKey(g Group, a, b []byte) bool {
	if g == Group31 && len(a) == len(b) && len(a) > 0 {
		last := len(a) - 1
		return bytes.Equal(a[:last], b[:last]) && a[last]|0x80 == b[last]|0x80
	}
	return bytes.Equal(minimal(a), minimal(b))
}
