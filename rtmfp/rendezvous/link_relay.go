package rendezvous

import (
	"time"

	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// relay passes a relay command on to the instance that has its target, once that is known. Whether the target took it is asked only
// if the client wants to know.
func (l *link) relay(c *client, target flashcrypto.Fingerprint, command flash.Command, message []byte) error {
	from, now := c.session.FarAddr().Addr(), time.Now()
	l.s.mu.Lock()
	allowed := l.relays.Take(from, 1, now) == 0 && l.clients.Take(1, clientAskRate, clientAskBurst, now) == 0
	l.s.mu.Unlock()
	if !allowed {
		l.s.counters.throttled.Add(1)
		return c.answerRelay(command, false)
	}
	err := l.question(instanceID{}, clusterMessage{kind: kindSeek, client: target}, len(message), func(here *clusterMessage) {
		if here == nil || here.kind != kindHere {
			_ = c.answerRelay(command, false)
			return
		}
		l.relayTo(here.sender, c, command, message)
	})
	if err != nil {
		return c.answerRelay(command, false)
	}
	return nil
}

// relayTo passes a relay command on to an instance.
func (l *link) relayTo(instance instanceID, c *client, command flash.Command, message []byte) {
	m := clusterMessage{kind: kindRelay, client: c.id, command: message}
	l.s.counters.relayedAway.Add(1)
	if command.Transaction == 0 {
		l.write(instance, m)
		return
	}
	err := l.question(instance, m, 0, func(answer *clusterMessage) {
		_ = c.answerRelay(command, answer != nil && answer.kind == kindRelayed && answer.taken)
	})
	if err != nil {
		_ = c.answerRelay(command, false)
	}
}

// relayed hands the relay command of another instance's client to its target here, and reports whether that took it.
func (l *link) relayed(m clusterMessage) bool {
	message, err := flash.ParseMessage(m.command)
	if err != nil {
		return false
	}
	command, err := flash.ParseCommand(message.Type, message.Payload)
	if err != nil || command.Name != commandRelay {
		return false
	}
	id, rest, ok := relayTarget(command)
	if !ok {
		return false
	}
	target := l.s.find(id)
	taken := target != nil && target.onRelay(m.client, rest, maxRelayGrowth*len(m.command))
	if taken {
		l.s.counters.relayed.Add(1)
	} else {
		l.s.counters.relayFailed.Add(1)
	}
	return taken
}
