package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	// ErrNotFound says that there is no such key, or no longer.
	ErrNotFound = errors.New("cluster: not found")
	// ErrExists refuses a Create.
	ErrExists = errors.New("cluster: exists already")
	// ErrConflict refuses a write whose revision is not the latest.
	ErrConflict = errors.New("cluster: changed meanwhile")
	// ErrTooLarge refuses a key or a value that is longer than is allowed.
	ErrTooLarge = errors.New("cluster: too large")
	// ErrFull refuses a new key, since the bucket, or what NATS may use of disk or memory, is full.
	ErrFull = errors.New("cluster: full")
	// ErrUnavailable says that no server could answer in time: the connection is down, or there is no leader. Whether a
	// write has been applied is not known.
	ErrUnavailable = errors.New("cluster: not available")
	// ErrNoResponder says that nobody listens on the subject of a Request.
	ErrNoResponder = errors.New("cluster: nobody answers to that subject")
	// ErrNotAllowed says that NATS does not admit us, or not to do that.
	ErrNotAllowed = errors.New("cluster: not allowed")
	// ErrNoJetStream says that the NATS cluster keeps no state: JetStream is off there, or for our account.
	ErrNoJetStream = errors.New("cluster: JetStream is not enabled")
	// ErrInUse says that another process uses the data folder.
	ErrInUse = errors.New("cluster: the data folder is in use by another process")
	// ErrClosed is what calls return after Close.
	ErrClosed = errors.New("cluster: closed")
)

// errNoAnswerYet asks for another attempt.
var errNoAnswerYet = errors.New("the bucket has no leader yet")

// NATS' numbers of errors that jetstream has no names for.
const (
	codeWrongLastSequence         jetstream.ErrorCode = 10071
	codeWrongLastSequenceConstant jetstream.ErrorCode = 10164 // the same, in replicated streams
	codeNoPeers                   jetstream.ErrorCode = 10005
	codeInsufficientResources     jetstream.ErrorCode = 10023
	codeReplicasNotSupported      jetstream.ErrorCode = 10074
	codeDuplicateInProcess        jetstream.ErrorCode = 10158
	codeMemoryExceeded            jetstream.ErrorCode = 10028
	codeStorageExceeded           jetstream.ErrorCode = 10047
)

func hasCode(err error, codes ...jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	for _, c := range codes {
		if api.ErrorCode == c {
			return true
		}
	}
	return false
}

// translate makes an error of nats.go one of ours, with what was being done.
func translate(doing string, err error) error {
	var as error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, nats.ErrConnectionClosed):
		as = ErrClosed
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrPermissionViolation):
		as = ErrNotAllowed
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		as = ErrNoJetStream
	case errors.Is(err, nats.ErrMaxPayload):
		as = ErrTooLarge
	case hasCode(err, codeMemoryExceeded, codeStorageExceeded, codeInsufficientResources):
		as = ErrFull
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("cluster: %s: %w", doing, err)
	case transient(err):
		as = ErrUnavailable
	default:
		return fmt.Errorf("cluster: %s: %w", doing, err)
	}
	return fmt.Errorf("%w: %s: %w", as, doing, err)
}

// transient reports whether another attempt may succeed: there was no answer, or no leader.
func transient(err error) bool {
	if errors.Is(err, errNoAnswerYet) || errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, nats.ErrDisconnected) || errors.Is(err, nats.ErrConnectionReconnecting) ||
		errors.Is(err, nats.ErrReconnectBufExceeded) {
		return true
	}
	if hasCode(err, codeDuplicateInProcess) { // an attempt of ours is being decided
		return true
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && api.Code == 503 && api.ErrorCode != codeInsufficientResources &&
		!errors.Is(err, jetstream.ErrJetStreamNotEnabled) && !errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount)
}
