package mesh

type meshError string

func (e meshError) Error() string { return string(e) }

// Errors that callers may act on.
const (
	ErrBusy         = meshError("mesh: another call is going on")
	ErrEnded        = meshError("mesh: the call has ended")
	ErrClosed       = meshError("mesh: the agent is closed")
	ErrNotRinging   = meshError("mesh: the call does not ring")
	ErrNotInCall    = meshError("mesh: the call is not established")
	ErrChatTooLong  = meshError("mesh: the text is too long")
	ErrNobody       = meshError("mesh: whom it is for is not in the call")
	ErrFile         = meshError("mesh: that is no file that can be sent")
	ErrNoFile       = meshError("mesh: there is no such transfer of a file")
	ErrTooManyFiles = meshError("mesh: too many files that are sent to them already have not come")
	ErrReaction     = meshError("mesh: a reaction is one emoji")
)

// UnresolvedError is a Resolver's error that says by which reason the call ends.
type UnresolvedError struct {
	Reason Reason
	Err    error
}

func (e *UnresolvedError) Error() string { return e.Err.Error() }

// Unwrap is what the resolver has found.
func (e *UnresolvedError) Unwrap() error { return e.Err }
