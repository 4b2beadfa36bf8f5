package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"
)

// Message is what came on a subject.
type Message struct {
	Subject string
	Data    []byte // valid while the handler runs, and after it
	message *nats.Msg
}

// Answered reports whether the sender waits for an answer.
func (m Message) Answered() bool { return m.message.Reply != "" }

// Respond answers a Request; nothing happens if none is waited for.
func (m Message) Respond(data []byte) error {
	if m.message.Reply == "" {
		return nil
	}
	return translate("answering", m.message.Respond(data))
}

// subject is what a subject of ours is called in NATS.
func (c *Cluster) subject(s string) string { return c.name + "." + s }

// Publish sends a message to all who have subscribed to the subject, at this moment and as far as they keep up. Subjects are NATS': tokens
// of visible characters with points between them. They are the service's own (Config.Name goes before them).
func (c *Cluster) Publish(subject string, data []byte) error {
	c.counters.published.Add(1)
	return translate("sending a message", c.conn.Publish(c.subject(subject), data))
}

// Request sends a message and waits for the first answer. ErrNoResponder, or ErrUnavailable if none came before ctx's end.
func (c *Cluster) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	c.counters.published.Add(1)
	reply, err := c.conn.RequestWithContext(ctx, c.subject(subject), data)
	if errors.Is(err, nats.ErrNoResponders) {
		return nil, fmt.Errorf("%w: %s", ErrNoResponder, subject)
	}
	if err != nil {
		return nil, translate("waiting for an answer", err)
	}
	return reply.Data, nil
}

// Subscription is somebody's interest in a subject.
type Subscription struct {
	once sync.Once
	sub  *nats.Subscription
	err  error
	c    *Cluster
}

// Subscribe has the handler called with each message on the subject (in which * stands for one token, and > for all that
// follow), one after the other. A handler that is slower than the messages come loses some; Stats counts them.
func (c *Cluster) Subscribe(subject string, handler func(Message)) (*Subscription, error) {
	return c.subscribe(subject, "", handler)
}

// SubscribeGroup is like Subscribe, but of all in the group only one gets a message.
func (c *Cluster) SubscribeGroup(subject, group string, handler func(Message)) (*Subscription, error) {
	return c.subscribe(subject, group, handler)
}

func (c *Cluster) subscribe(subject, group string, handler func(Message)) (*Subscription, error) {
	sub, err := c.conn.QueueSubscribe(c.subject(subject), group, func(m *nats.Msg) {
		c.counters.received.Add(1)
		handler(Message{Subject: m.Subject[len(c.name)+1:], Data: m.Data, message: m})
	})
	if err != nil {
		return nil, translate("subscribing", err)
	}
	if err := sub.SetPendingLimits(pendingMessages, pendingBytes); err != nil {
		_ = sub.Unsubscribe()
		return nil, translate("subscribing", err)
	}
	out := &Subscription{sub: sub, c: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscriptions[out] = struct{}{}
	return out, nil
}

// Close ends the subscription. A handler that runs at this moment runs on.
func (s *Subscription) Close() error {
	s.once.Do(func() {
		s.c.mu.Lock()
		s.c.counters.dropped.Add(s.dropped())
		delete(s.c.subscriptions, s)
		s.c.mu.Unlock()
		s.err = translate("ending a subscription", s.sub.Unsubscribe())
	})
	return s.err
}

func (s *Subscription) dropped() uint64 {
	n, err := s.sub.Dropped()
	if err != nil { // closed
		return 0
	}
	return uint64(n)
}

// Flush waits until the server has what was published and subscribed to.
func (c *Cluster) Flush(ctx context.Context) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	return translate("flushing", c.conn.FlushWithContext(ctx))
}
