package phone

import (
	"encoding/hex"
	"strings"

	"sundog.dev/sundog/mesh/trust"
)

// codePrefix begins the text of a code that one phone shows and another scans. The number is the version. All of the text is capitals and
// digits, which QR codes pack best.
const codePrefix = "SUNDOG-CHECK:1:"

// code is what one member's phone shows for another's to scan: all 256 bits of the short string, so that a match says
// more than the words do, and whose phone it is.
type code struct {
	short trust.ShortString
	by    Identity
}

// String is the text: the prefix, 64 hex digits of the short string, a colon, 64 of the identity.
func (c code) String() string {
	return codePrefix + strings.ToUpper(hex.EncodeToString(c.short[:])+":"+c.by.String())
}

// parseCode reads the text of a code. The error is a sentence.
func parseCode(text string) (code, error) {
	foreign := &sentence{"This is not a code for comparing calls. Scan the one that the other phone shows beside the words.", nil}
	text = strings.ToUpper(strings.TrimSpace(text))
	body, ok := strings.CutPrefix(text, codePrefix)
	if !ok {
		if strings.HasPrefix(text, codePrefix[:len(codePrefix)-2]) {
			return code{}, &sentence{"This code is of another version of the program. Compare the words instead.", nil}
		}
		return code{}, foreign
	}
	short, by, ok := strings.Cut(body, ":")
	var c code
	if !ok || len(short) != 2*len(c.short) || len(by) != 2*len(c.by) {
		return code{}, foreign
	}
	if _, err := hex.Decode(c.short[:], []byte(short)); err != nil {
		return code{}, foreign
	}
	if _, err := hex.Decode(c.by[:], []byte(by)); err != nil {
		return code{}, foreign
	}
	return c, nil
}
