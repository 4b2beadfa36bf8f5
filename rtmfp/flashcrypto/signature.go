package flashcrypto

import (
	"crypto/hmac"
	"crypto/sha256"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/internal/wire"
)

// Password is a shared secret with a name, which goes over the wire (RFC 7425 §4.3.5.1.1). A keying message signed with
// it shows that its sender knows the secret, to those who know it too; whoever has seen one can try guesses at his leisure.
type Password struct {
	ID     string
	Secret []byte
}

// noSignature is what a signer without signature options sends (RFC 7425 §4.3.5); old clients insist on it.
const noSignature = "X"

// Sign implements rtmfp.CryptoProfile. Without passwords it is the empty signature: authenticity comes from the key
// agreement.
func (p *Profile) Sign(parameters []byte) []byte {
	if len(p.opt.SignWith) == 0 {
		return []byte(noSignature)
	}
	var b []byte
	for _, pw := range p.opt.SignWith {
		b = wire.AppendOption(b, signPassword, append(mac(pw.Secret, parameters), pw.ID...))
	}
	return b
}

// Verify implements rtmfp.CryptoProfile (RFC 7425 §4.3.5, 4.3.5.1.1): what is malformed counts as empty, unknown
// options and unknown IDs are ignored, one bad signature under a known ID spoils the whole.
func (p *Profile) Verify(_ rtmfp.Certificate, parameters, signature []byte) bool {
	signed, valid := p.verifyPasswords(parameters, signature)
	return valid && (signed || !p.opt.RequirePassword)
}

// verifyPasswords reports whether a known password signed, and whether none signed badly.
func (p *Profile) verifyPasswords(parameters, signature []byte) (signed, valid bool) {
	valid = true
	for n := 0; len(signature) > 0; n++ {
		opt, rest, err := wire.NextOption(signature)
		if err != nil || opt.Marker || n == maxOptions {
			return false, true
		}
		signature = rest
		if opt.Type != signPassword || len(opt.Value) < sha256.Size {
			continue
		}
		sum, id := opt.Value[:sha256.Size], string(opt.Value[sha256.Size:])
		if secret, known := p.password(id); known {
			signed = true
			valid = valid && hmac.Equal(sum, mac(secret, parameters))
		}
	}
	return signed, valid
}

func (p *Profile) password(id string) ([]byte, bool) {
	for _, pw := range p.opt.VerifyWith {
		if pw.ID == id {
			return pw.Secret, true
		}
	}
	return nil, false
}
