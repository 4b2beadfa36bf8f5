package turn

import (
	"errors"
	"fmt"
	"net"

	"github.com/pion/stun/v3"
)

// Errors of a relay, to be found by errors.Is. What Dial, reads and writes return says more.
var (
	ErrNoAnswer     = errors.New("turn: the relay does not answer")
	ErrUnauthorized = errors.New("turn: the relay refuses the user name or the password, which may have expired")
	ErrQuota        = errors.New("turn: the relay has no more room for this user")
	ErrCapacity     = errors.New("turn: the relay is full")
	ErrForbidden    = errors.New("turn: the relay does not reach that address")
	ErrRefused      = errors.New("turn: the relay refuses")

	// ErrLost ends a Conn whose allocation is gone. A Conn that has ended returns net.ErrClosed too.
	ErrLost = errors.New("turn: the relay has given up the relayed address")
)

var (
	errClosed = fmt.Errorf("turn: %w", net.ErrClosed)
	errFamily = fmt.Errorf("%w: it relays IPv4 only", ErrForbidden)
	errFull   = fmt.Errorf("turn: more than %d peers at a time", maxPeers)
)

// noAnswer says what was tried, and what to do.
func noAnswer(u URL) error {
	if u.TCP {
		return fmt.Errorf("%w: nothing came from %s over TCP within %v; is it running, and its address right?", ErrNoAnswer, u.Host, streamTimeout)
	}
	return fmt.Errorf("%w: %s was asked %d times over UDP; if it is running, UDP may be blocked on the way: try ?transport=tcp", ErrNoAnswer, u.Host, maxTries)
}

// refusal makes an error of an error response.
func refusal(host string, m *stun.Message) error {
	var code stun.ErrorCodeAttribute
	if code.GetFrom(m) != nil {
		return fmt.Errorf("%w: %s says %s", ErrRefused, host, m.Type)
	}
	kind := ErrRefused
	switch code.Code {
	case stun.CodeUnauthorized, stun.CodeWrongCredentials:
		kind = ErrUnauthorized
	case stun.CodeForbidden, stun.CodePeerAddrFamilyMismatch:
		kind = ErrForbidden
	case stun.CodeAllocQuotaReached:
		kind = ErrQuota
	case stun.CodeInsufficientCapacity:
		kind = ErrCapacity
	case stun.CodeAllocMismatch:
		kind = ErrLost
	}
	return fmt.Errorf("%w (%s says %d %q)", kind, host, code.Code, code.Reason)
}
