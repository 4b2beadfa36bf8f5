package v1

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// ErrBadJSON says that a body is not one JSON object of the right shape.
var ErrBadJSON = errors.New("the body is not one JSON object with the right fields")

// Decode reads a body that holds one JSON object and nothing else. Unknown fields are ignored. How deep it may be nested is
// bounded by encoding/json, how long by the caller.
func Decode(body []byte, into any) error {
	if !utf8.Valid(body) { // encoding/json would put U+FFFD there
		return ErrBadJSON
	}
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return ErrBadJSON
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(into); err != nil {
		return ErrBadJSON
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrBadJSON
	}
	return nil
}
