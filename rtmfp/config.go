package rtmfp

import (
	"io"
	"log/slog"
	"net/netip"
)

// Config is what an Endpoint needs.
type Config struct {
	// Crypto is the identity and cryptography profile. Required.
	Crypto CryptoProfile
	// Introducer answers Initiator Hellos that are for somebody else; nil ignores them.
	Introducer Introducer
	// Redirect, if set, is asked about Initiator Hellos that do select this endpoint's own identity, before they are
	// answered: whoever sent them is sent on to the addresses that it returns (a Responder Redirect, RFC 7016 §3.5.1.4),
	// so that load is balanced, or the endpoint can be drained. None: the IHello is answered. It is called like Introducer.
	Redirect func(epd []byte, from netip.AddrPort) []Address
	// SessionBuffer bounds the received and unread bytes of all flows of a session together, and with them the length of a
	// message; 0: 2 MiB, enough for the longest. A far end may fill it in each of its sessions.
	SessionBuffer int
	// Log receives what an operator may want to know; nil discards it.
	Log *slog.Logger
	// Events receives the event log, which explains sessions afterwards: one JSON object (an Event) a line, each in
	// one Write, from a goroutine of the endpoint's own. A slow writer loses events, which the log says, but holds up
	// nothing but Close. nil: no event log.
	Events io.Writer
}

// Introducer decides about an IHello whose discriminator does not select this
// endpoint's own identity: redirect, forward, or silence (RFC 7016 §3.5.1.4–6).
// It is called on the endpoint's own goroutine and must not block; it may use
// methods of sessions that do not wait, like FarAddr.
type Introducer interface {
	Introduce(epd []byte, from netip.AddrPort) (Introduction, bool)
}

// Introduction is an Introducer's answer.
type Introduction struct {
	// Later, if set, is called before the endpoint goes on, with what lets somebody redirect this IHello when
	// it is known where to. Like Introduce it must not block.
	Later func(*LateIntroduction)
	// Redirect lists the addresses to tell the initiator.
	Redirect []Address
	// Forward, if set, is the session in which a FIHello goes to the target.
	Forward *Session
	// ReplyTo is where the target is to answer the initiator; invalid: where the IHello came from, as RFC 7016 §3.5.1.5
	// has it. An introducer that knows more addresses of the initiator's may name another, should that not do.
	ReplyTo netip.AddrPort
}

// Origin says how an address became known (RFC 7016 §2.1.5).
type Origin uint8

// The origins of an address. A peer's reported and observed addresses should never
// be sent as unknown: some running peers read that as "gone".
const (
	OriginUnknown  Origin = iota
	OriginReported        // by the endpoint itself
	OriginObserved        // by the sender of this address
	OriginRelay           // a relay, proxy or redirector
)

// Address is a socket address with its origin.
type Address struct {
	netip.AddrPort
	Origin Origin
}
