package flash

import (
	"context"
	"errors"

	"sundog.dev/sundog/rtmfp"
)

// now is a context that has ended: with it a write succeeds if the flow has room, and fails at once if not.
var now = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// noOptions are those of a message that is never abandoned.
var noOptions rtmfp.MessageOptions

// writeNow writes a message without ever waiting; ErrFull if the flow has no room.
func writeNow(f *rtmfp.SendFlow, msg []byte, opt rtmfp.MessageOptions) (*rtmfp.Receipt, error) {
	receipt, err := f.Write(now, msg, opt)
	if errors.Is(err, context.Canceled) {
		return nil, ErrFull
	}
	return receipt, err
}

// writeCommand writes a command message of type 20 without waiting.
func writeCommand(f *rtmfp.SendFlow, c Command) error {
	payload, err := AppendCommand(nil, c)
	if err != nil {
		return err
	}
	_, err = writeNow(f, AppendMessage(nil, MessageCommand, 0, payload), rtmfp.MessageOptions{})
	return err
}
