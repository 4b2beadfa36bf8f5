package v1

import (
	"encoding/base64"
	"fmt"
)

// Bytes are written as base64url without padding (RFC 4648 §5).
type Bytes []byte

// MarshalText implements encoding.TextMarshaler.
func (b Bytes) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText implements encoding.TextUnmarshaler. Each value has one spelling only.
func (b *Bytes) UnmarshalText(text []byte) error {
	out, err := base64.RawURLEncoding.Strict().AppendDecode(nil, text)
	if err != nil || len(out)*4 != len(text)*3-len(text)*3%4 {
		return fmt.Errorf("%.20q is not base64url without padding", text)
	}
	*b = out
	return nil
}
