package rtmfp


import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

// Config is what an Endpoint needs.
type Config struct {
	// Crypto is the identity and cryptography profile. Required.
	Crypto CryptoProfile
	// Introducer answers Initiator Hellos that are for somebody else; nil ignores them.
	Introducer Introducer
	// Log receives what an operator may want to know; nil discards it.
	Log *slog.Logger
}

// Introducer decides about an IHello whose discriminator does not select this
// endpoint's own identity: redirect, forward, or silence (RFC 7016 §3.5.1.4–6).
// It is called on the endpoint's own goroutine and must not block.
type Introducer interface {
	Introduce(epd []byte, from netip.AddrPort) (Introduction, bool)
}

// Introduction is an Introducer's answer.
type Introduction struct {
	// Redirect lists the addresses to tell the initiator.
	Redirect []Address
	// Forward, if set, is the session in which a FIHello goes to the target.
	Forward *Session
}

// Origin says how an address became known (RFC 7016 §2.1.5).
type Origin uint8

// Address is a socket address with its origin.
type Address struct {
	netip.AddrPort
	Origin Origin
}

// Endpoint is one RTMFP endpoint: an identity on a packet conn, with its sessions.
type Endpoint struct{}

// NewEndpoint starts an endpoint on conn and owns conn from then on.
func NewEndpoint(conn PacketConn, cfg Config) (*Endpoint, error) { panic("stub") }

// Dial returns the open session with the identity that epd selects, or opens
// one by sending IHellos to the candidate addresses (and those that Redirects
// add) until ctx ends or the RFC's 95 s have passed.
// In glare (RFC 7016 §3.5.1.3) it returns whichever session won.
func (e *Endpoint) Dial(ctx context.Context, epd []byte, candidates ...netip.AddrPort) (*Session, error) {
	panic("stub")
}

// Accept returns the next session that a far end has opened and that no Dial
// has returned. The backlog is bounded; sessions beyond it are closed.
func (e *Endpoint) Accept(ctx context.Context) (*Session, error) { panic("stub") }

// LocalAddr is the address of the packet conn.
func (e *Endpoint) LocalAddr() netip.AddrPort { panic("stub") }

// Close closes all sessions in order (a short wait for the acknowledgements), then
// the packet conn, and waits for the endpoint's goroutines.
func (e *Endpoint) Close() error { panic("stub") }

// Session is an open session with a far endpoint (RFC 7016 §3.5).
type Session struct{}

// FarCertificate is the far end's certificate; its fingerprint is the peer ID.
func (s *Session) FarCertificate() Certificate { panic("stub") }

// NearNonce and FarNonce are the session's nonces (RFC 7425 §4.6.5), 32 bytes.
func (s *Session) NearNonce() []byte { panic("stub") }

// FarNonce is the far end's nonce.
func (s *Session) FarNonce() []byte { panic("stub") }

// FarAddr is the far end's present address; it may change (RFC 7016 §3.5.3).
func (s *Session) FarAddr() netip.AddrPort { panic("stub") }

// Initiator reports whether the near end opened the session.
func (s *Session) Initiator() bool { panic("stub") }

// OpenFlow opens a sending flow with the user's metadata (RFC 7016 §3.6.2.1).
func (s *Session) OpenFlow(metadata []byte, opt FlowOptions) (*SendFlow, error) { panic("stub") }

// AcceptFlow returns the next receiving flow, associated ones too. A flow buffers up to
// its window until it is accepted and read; the backlog is bounded.
func (s *Session) AcceptFlow(ctx context.Context) (*RecvFlow, error) { panic("stub") }

// SetKeepalive sets how long the session may be silent before the near end
// pings (RFC 7016 §3.5.4.1).
func (s *Session) SetKeepalive(d time.Duration) { panic("stub") }

// SetTimeout sets how long the far end may be silent, while something is due
// from it, before the session ends with ErrTimeout.
func (s *Session) SetTimeout(d time.Duration) { panic("stub") }

// SetAcceptForwarded says whether FIHellos from this session are answered:
// whether the far end may introduce others to us. Off at first.
func (s *Session) SetAcceptForwarded(on bool) { panic("stub") }

// Stats is a snapshot of the session's path.
func (s *Session) Stats() Stats { panic("stub") }

// Done is closed when the session has ended; Err then says why.
func (s *Session) Done() <-chan struct{} { panic("stub") }

// Err is nil while the session is open, ErrClosed after an orderly close by
// either end, ErrTimeout after silence.
func (s *Session) Err() error { panic("stub") }

// Close closes the session in order (RFC 7016 §3.5.5): data already written is
// not waited for. It returns at once; Done is closed when the far end knows or the wait ran out.
func (s *Session) Close() error { panic("stub") }

// Stats describes a session's path.
type Stats struct {
	RTT              time.Duration // smoothed round trip time, 0 while unknown
	LastReceived     time.Time     // when the last authentic packet came
	BytesSent        uint64        // UDP payload bytes
	BytesReceived    uint64
	PacketsSent      uint64 // packets with user data
	PacketsLost      uint64 // of those, found lost
	CongestionWindow int    // bytes
	Outstanding      int    // bytes in flight
}

// Priority orders flows and messages of a session. Time-critical ones come
// before and make other sessions yield (RFC 7016 §3.5.2.1).
type Priority uint8

// Priorities, low to high. PriorityVideo and above are time critical.
const (
	PriorityBackground Priority = iota
	PriorityBulk
	PriorityRoutine
	PriorityData
	PriorityVideo
	PriorityAudio
	PriorityControl
)

// FlowOptions are the choices for a sending flow.
type FlowOptions struct {
	Priority Priority
	// ReturnOf associates the flow to a receiving flow of the same session (RFC 7016 §2.3.11.1.2).
	ReturnOf *RecvFlow
	// Buffer bounds the bytes that are written and not yet acknowledged or abandoned. 0: a default.
	Buffer int
}

// SendFlow is the sending end of a flow.
type SendFlow struct{}

// Write queues a message (which is copied). It blocks while the flow's buffer is full, until ctx ends.
// With an already ended ctx and room in the buffer it succeeds.
func (f *SendFlow) Write(ctx context.Context, msg []byte, opt MessageOptions) (*Receipt, error) {
	panic("stub")
}

// Session is the session of the flow.
func (f *SendFlow) Session() *Session { panic("stub") }

// Close closes the flow after what was written (RFC 7016 §3.6.2.11). It does not wait.
func (f *SendFlow) Close() error { panic("stub") }

// Done is closed when the flow has ended: closed and acknowledged, rejected by the far
// end, or gone with its session. Err then says which.
func (f *SendFlow) Done() <-chan struct{} { panic("stub") }

// Err is nil while the flow is open; a *FlowException when the far end rejected it.
func (f *SendFlow) Err() error { panic("stub") }

// Buffered is the number of bytes written and neither acknowledged nor abandoned.
func (f *SendFlow) Buffered() int { panic("stub") }

// MessageOptions are the choices for one message.
type MessageOptions struct {
	// StartBy abandons the message if its transmission has not begun by then; DeliverBy
	// if it is not acknowledged by then. Zero: never (full reliability).
	StartBy, DeliverBy time.Time
	// NoRetransmit abandons what is lost instead of sending it again.
	NoRetransmit bool
}

// Receipt follows one written message.
type Receipt struct{}

// Done is closed when the message is delivered or abandoned.
func (r *Receipt) Done() <-chan struct{} { panic("stub") }

// Delivered reports, after Done, whether the far end acknowledged all of the message.
func (r *Receipt) Delivered() bool { panic("stub") }

// Abandon gives the message up, unless it is delivered.
func (r *Receipt) Abandon() { panic("stub") }

// Order is the order in which a receiving flow delivers messages.
type Order uint8

// The orders of delivery (RFC 7425 §5.1.1).
const (
	OriginalOrder Order = iota // the sender's queuing order
	NetworkOrder               // as soon as a message is complete
)

// RecvFlow is the receiving end of a flow.
type RecvFlow struct{}

// Metadata is the user's metadata of the flow. Not to be modified.
func (f *RecvFlow) Metadata() []byte { panic("stub") }

// ReturnOf is the near end's sending flow that this one is associated to, or nil.
func (f *RecvFlow) ReturnOf() *SendFlow { panic("stub") }

// Session is the session of the flow.
func (f *RecvFlow) Session() *Session { panic("stub") }

// SetOrder chooses the order of delivery; OriginalOrder at first.
func (f *RecvFlow) SetOrder(o Order) { panic("stub") }

// Read returns the next message, which the caller owns. At the flow's orderly
// end it is io.EOF, after the session's end the session's error.
func (f *RecvFlow) Read(ctx context.Context) ([]byte, error) { panic("stub") }

// Reject refuses the flow with an exception code (RFC 7016 §3.6.3.7).
func (f *RecvFlow) Reject(code uint64) { panic("stub") }

// FlowException is the error of a sending flow that the far end rejected (RFC 7016 §3.6.2.10).
type FlowException struct{ Code uint64 }

// Error implements error.
func (e *FlowException) Error() string { panic("stub") }

type rtmfpError string

func (e rtmfpError) Error() string { return string(e) }

// Errors that callers may act on (errors.Is).
const (
	ErrClosed   = rtmfpError("rtmfp: closed")
	ErrTimeout  = rtmfpError("rtmfp: the far end is silent")
	ErrNoAnswer = rtmfpError("rtmfp: no answer from any address")
	ErrTooLarge = rtmfpError("rtmfp: message or metadata too large")
)
