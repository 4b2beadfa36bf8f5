package rtmfp

import (
	"encoding/binary"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// iikeying is an Initiator Initial Keying (RFC 7016 §2.3.7). Fields alias the packet.
type iikeying struct {
	sessionID   uint32
	cookie      []byte
	certificate []byte
	component   []byte // SKIC
	signed      []byte // initiatorSignedParameters
	signature   []byte
}

func parseIIKeying(b []byte) (c iikeying, err error) {
	if len(b) < 4 {
		return c, errMalformed
	}
	c.sessionID = binary.BigEndian.Uint32(b)
	rest := b[4:]
	if c.cookie, rest, err = wire.Bytes(rest); err != nil {
		return c, err
	}
	if c.certificate, rest, err = wire.Bytes(rest); err != nil {
		return c, err
	}
	if c.component, rest, err = wire.Bytes(rest); err != nil {
		return c, err
	}
	c.signed, c.signature = b[:len(b)-len(rest)], rest
	return c, nil
}

// appendIIKeying appends the chunk; sign makes the signature.
func appendIIKeying(b []byte, c iikeying, sign func([]byte) []byte) []byte {
	start := len(b)
	b = beginChunk(b, chunkIIKeying)
	b = binary.BigEndian.AppendUint32(b, c.sessionID)
	b = wire.AppendBytes(b, c.cookie)
	b = wire.AppendBytes(b, c.certificate)
	b = wire.AppendBytes(b, c.component)
	b = append(b, sign(b[start+chunkHeaderSize:])...)
	return endChunk(b, start)
}

// rikeying is a Responder Initial Keying (RFC 7016 §2.3.8).
type rikeying struct {
	sessionID uint32
	component []byte // SKRC
	portion   []byte // responderSignedParametersPortion
	signature []byte
}

func parseRIKeying(b []byte) (c rikeying, err error) {
	if len(b) < 4 {
		return c, errMalformed
	}
	c.sessionID = binary.BigEndian.Uint32(b)
	var rest []byte
	if c.component, rest, err = wire.Bytes(b[4:]); err != nil {
		return c, err
	}
	c.portion, c.signature = b[:len(b)-len(rest)], rest
	return c, nil
}

// signedRIKeying is what the responder signs: its portion and the initiator's component.
func signedRIKeying(portion, skic []byte) []byte {
	return append(append(make([]byte, 0, len(portion)+len(skic)), portion...), skic...)
}

func appendRIKeying(b []byte, c rikeying, skic []byte, sign func([]byte) []byte) []byte {
	start := len(b)
	b = beginChunk(b, chunkRIKeying)
	b = binary.BigEndian.AppendUint32(b, c.sessionID)
	b = wire.AppendBytes(b, c.component)
	b = append(b, sign(signedRIKeying(b[start+chunkHeaderSize:], skic))...)
	return endChunk(b, start)
}

// cookieChange is an RHello Cookie Change (RFC 7016 §2.3.6).
type cookieChange struct{ old, new []byte }

func parseCookieChange(b []byte) (c cookieChange, err error) {
	c.old, c.new, err = wire.Bytes(b)
	return c, err
}

func appendCookieChange(b []byte, c cookieChange) []byte {
	start := len(b)
	b = beginChunk(b, chunkCookieChange)
	b = wire.AppendBytes(b, c.old)
	return endChunk(append(b, c.new...), start)
}
