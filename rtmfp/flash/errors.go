package flash

type flashError string

func (e flashError) Error() string { return string(e) }

// Errors that callers may act on.
const (
	ErrNotConnected = flashError("flash: not connected to a service")
	ErrConnected    = flashError("flash: connected to a service already, or about to be")
	ErrTooManyPeers = flashError("flash: too many peer connections")
	ErrNameTaken    = flashError("flash: a stream of that name is published already")
	// ErrOwnID says that a peer ID is our own.
	ErrOwnID = flashError("flash: that peer is ourselves")
	// ErrURI says that an address is not of the form rtmfp://host[:port][/app].
	ErrURI = flashError("flash: not an rtmfp address")
	// ErrRefused says that the publisher refused a subscription.
	ErrRefused = flashError("flash: the publisher refused the subscription")
	// ErrFull says that a message was not sent since the far end does not keep up.
	ErrFull = flashError("flash: the far end does not keep up")
	// ErrBusy says that the stream still waits for the answer to another command.
	ErrBusy = flashError("flash: the stream waits for another answer")
	// ErrName says that a stream's name is empty or too long.
	ErrName = flashError("flash: unfit name for a stream")
)

// StatusError is a refusal by the service.
type StatusError struct{ Status Status }

// Error implements error.
func (e *StatusError) Error() string {
	if e.Status.Description == "" {
		return "flash: refused by the service: " + e.Status.Code
	}
	return "flash: refused by the service: " + e.Status.Code + ": " + e.Status.Description
}
