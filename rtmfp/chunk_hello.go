package rtmfp

import (
	"net/netip"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// ihello is an Initiator Hello (RFC 7016 §2.3.2). Fields alias the packet.
type ihello struct{ epd, tag []byte }

func parseIHello(b []byte) (c ihello, err error) {
	c.epd, c.tag, err = wire.Bytes(b)
	return c, err
}

func appendIHello(b []byte, c ihello) []byte {
	start := len(b)
	b = beginChunk(b, chunkIHello)
	b = wire.AppendBytes(b, c.epd)
	return endChunk(append(b, c.tag...), start)
}

// fihello is a Forwarded Initiator Hello (RFC 7016 §2.3.3).
type fihello struct {
	epd     []byte
	replyTo netip.AddrPort
	tag     []byte
}

func parseFIHello(b []byte) (c fihello, err error) {
	if c.epd, b, err = wire.Bytes(b); err != nil {
		return c, err
	}
	c.replyTo, _, c.tag, err = wire.Address(b)
	return c, err
}

func appendFIHello(b []byte, c fihello) []byte {
	start := len(b)
	b = beginChunk(b, chunkFIHello)
	b = wire.AppendBytes(b, c.epd)
	b = wire.AppendAddress(b, c.replyTo, wire.OriginObserved)
	return endChunk(append(b, c.tag...), start)
}

// rhello is a Responder Hello (RFC 7016 §2.3.4).
type rhello struct{ tag, cookie, certificate []byte }

func parseRHello(b []byte) (c rhello, err error) {
	if c.tag, b, err = wire.Bytes(b); err != nil {
		return c, err
	}
	c.cookie, c.certificate, err = wire.Bytes(b)
	return c, err
}

func appendRHello(b []byte, c rhello) []byte {
	start := len(b)
	b = beginChunk(b, chunkRHello)
	b = wire.AppendBytes(b, c.tag)
	b = wire.AppendBytes(b, c.cookie)
	return endChunk(append(b, c.certificate...), start)
}

// redirect is a Responder Redirect (RFC 7016 §2.3.5). No destinations: an implied redirect.
type redirect struct {
	tag          []byte
	destinations []Address
}

func parseRedirect(b []byte) (c redirect, err error) {
	if c.tag, b, err = wire.Bytes(b); err != nil {
		return c, err
	}
	for len(b) > 0 && len(c.destinations) < maxCandidates {
		var a netip.AddrPort
		var o wire.Origin
		if a, o, b, err = wire.Address(b); err != nil {
			return c, err
		}
		c.destinations = append(c.destinations, Address{a, Origin(o)})
	}
	return c, nil
}

func appendRedirect(b []byte, c redirect) []byte {
	start := len(b)
	b = beginChunk(b, chunkRedirect)
	b = wire.AppendBytes(b, c.tag)
	for _, d := range c.destinations {
		b = wire.AppendAddress(b, d.AddrPort, wire.Origin(d.Origin))
	}
	return endChunk(b, start)
}
