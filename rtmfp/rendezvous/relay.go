package rendezvous

import (
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// relay invokes onRelay(sender's ID, rest…) at the client whose ID is the first argument, here or at another instance. Like
// Cirrus it says nothing of a target that is nowhere, unless an answer was asked for.
func (c *client) relay(command flash.Command, message []byte) error {
	id, rest, ok := relayTarget(command)
	if !ok {
		return c.answerRelay(command, false)
	}
	target, away := c.service.find(id), c.service.link
	if target == nil && away != nil {
		return away.relay(c, id, command, message)
	}
	return c.answerRelay(command, target != nil && target.onRelay(c.id, rest, maxRelayGrowth*len(message)))
}

// answerRelay answers, if there is a transaction, and counts.
func (c *client) answerRelay(command flash.Command, taken bool) error {
	if !taken {
		c.service.counters.relayFailed.Add(1)
		return c.fail(command, "nobody of that ID is here")
	}
	c.service.counters.relayed.Add(1)
	if command.Transaction == 0 {
		return nil
	}
	return c.send(flash.Command{Name: flash.CommandResult, Transaction: command.Transaction, Args: []amf.Value{nil}})
}

// relayTarget reads whom a relay command is for, and what that is to be told.
func relayTarget(command flash.Command) (id flashcrypto.Fingerprint, rest []amf.Value, ok bool) {
	args := command.Args
	if _, isText := command.Object.(string); isText { // the null was left out
		args = append([]amf.Value{command.Object}, args...)
	}
	if len(args) == 0 {
		return id, nil, false
	}
	text, _ := args[0].(string)
	id, err := flashcrypto.ParseFingerprint(text)
	return id, args[1:], err == nil
}

// onRelay reports whether a client took the message of another, which must not take more than limit bytes. A target that does
// not read is as good as gone.
func (c *client) onRelay(from flashcrypto.Fingerprint, rest []amf.Value, limit int) bool {
	c.mu.Lock()
	encoding := c.encoding
	c.mu.Unlock()
	message, err := flash.AppendCommandMessage(nil, encoding, flash.Command{Name: "onRelay", Args: append([]amf.Value{from.String()}, rest...)})
	if err != nil || len(message) > limit {
		return false
	}
	return c.writeMessage(message) == nil
}
