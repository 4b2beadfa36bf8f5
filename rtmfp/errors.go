package rtmfp

import "fmt"

type rtmfpError string

func (e rtmfpError) Error() string { return string(e) }

// Errors that callers may act on (errors.Is).
const (
	ErrClosed   = rtmfpError("rtmfp: closed")
	ErrTimeout  = rtmfpError("rtmfp: the far end is silent")
	ErrNoAnswer = rtmfpError("rtmfp: no answer from any address")
	// ErrKeying says that the far end was found but refused, since no acceptable keys could be agreed on with it; the
	// CryptoProfile's reason is wrapped beside it.
	ErrKeying   = rtmfpError("rtmfp: no keys could be agreed on with the far end")
	ErrTooLarge = rtmfpError("rtmfp: message or metadata too large")
	// ErrTooMany says that a limit of params.go is reached.
	ErrTooMany = rtmfpError("rtmfp: too many at once")
)

// errMalformed says that a packet or chunk does not have its syntax.
const errMalformed = rtmfpError("rtmfp: malformed")

// FlowException is the error of a sending flow that the far end rejected (RFC 7016 §3.6.2.10).
type FlowException struct{ Code uint64 }

// Error implements error.
func (e *FlowException) Error() string {
	return fmt.Sprintf("rtmfp: the far end rejected the flow (exception %d)", e.Code)
}
