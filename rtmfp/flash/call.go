package flash

import (
	"context"
	"errors"
	"fmt"

	"sundog.dev/sundog/rtmfp/amf"
)

// Call invokes a command at the service (NetConnection.call) and waits for its _result (the values after the command
// object), until ctx ends. An _error is a *StatusError; ErrNotConnected without a service, or when it is lost meanwhile.
func (nc *NetConnection) Call(ctx context.Context, command string, args ...amf.Value) ([]amf.Value, error) {
	leg := nc.serviceLeg()
	if leg == nil {
		return nil, ErrNotConnected
	}
	return nc.callOn(ctx, leg, Command{Name: command, Args: args})
}

func (nc *NetConnection) callOn(ctx context.Context, leg *serviceLeg, c Command) ([]amf.Value, error) {
	values, err := leg.call(ctx, c)
	if err != nil && leg.ctx.Err() != nil && ctx.Err() == nil {
		var status *StatusError
		if !errors.As(err, &status) {
			return nil, fmt.Errorf("%w: %w", ErrNotConnected, err)
		}
	}
	return values, err
}

// Invoke sends a command without a responder (transaction 0), like "relay". It does not wait: ErrFull when the service
// does not keep up, ErrNotConnected without one.
func (nc *NetConnection) Invoke(command string, args ...amf.Value) error {
	leg := nc.serviceLeg()
	if leg == nil {
		return ErrNotConnected
	}
	return leg.send(Command{Name: command, Args: args})
}

// Respond answers an Invocation for which the service waits (_result). Without a transaction there is nothing to answer.
// Errors are those of Invoke.
func (nc *NetConnection) Respond(to Invocation, values ...amf.Value) error {
	return nc.respond(to, Command{Name: CommandResult, Args: values})
}

// RespondError answers an Invocation with an error (_error).
func (nc *NetConnection) RespondError(to Invocation, s Status) error {
	return nc.respond(to, Command{Name: CommandError, Args: []amf.Value{s.Info()}})
}

func (nc *NetConnection) respond(to Invocation, c Command) error {
	if to.Transaction == 0 {
		return nil
	}
	leg := nc.serviceLeg()
	if leg == nil {
		return ErrNotConnected
	}
	c.Transaction = to.Transaction
	return leg.send(c)
}
