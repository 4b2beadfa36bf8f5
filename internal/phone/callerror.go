package phone

import (
	"errors"

	"sundog.dev/sundog/mesh"
)

// callError makes a sentence of what a call cannot do.
func callError(err error) error {
	text := "That could not be sent. Try again."
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mesh.ErrEnded):
		text = "The call has ended."
	case errors.Is(err, mesh.ErrNotRinging):
		text = "The call does not ring any more."
	case errors.Is(err, mesh.ErrNotInCall):
		text = "That can be sent once the call is connected."
	case errors.Is(err, mesh.ErrNobody):
		return errGone
	case errors.Is(err, mesh.ErrReaction):
		text = "That is no emoji to react with."
	case errors.Is(err, mesh.ErrChatTooLong):
		text = "That line is too long to send. Make two of it."
	}
	return &sentence{text, err}
}
