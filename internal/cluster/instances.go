package cluster

import (
	"errors"

	"sundog.dev/sundog/rtmfp/rendezvous"
)

// Subjects of the messages between instances of the rendezvous service.
const (
	subjectAllInstances = "rendezvous.all"
	subjectInstance     = "rendezvous.to." // and the instance's name
)

// Instances is the way between the instances of the rendezvous service, or nil where there can be no other, since the
// server is inside this one.
func (c *Cluster) Instances() rendezvous.Cluster {
	if c.Embedded() {
		return nil
	}
	return instances{c}
}

// instances implements rendezvous.Cluster. Each instance has two subscriptions, however many clients it has.
type instances struct{ c *Cluster }

func (i instances) Join(instance string, deliver func([]byte)) (leave func(), err error) {
	handler := func(m Message) { deliver(m.Data) }
	all, err := i.c.Subscribe(subjectAllInstances, handler)
	if err != nil {
		return nil, err
	}
	own, err := i.c.Subscribe(subjectInstance+instance, handler)
	if err != nil {
		return nil, errors.Join(err, all.Close())
	}
	return func() { _, _ = all.Close(), own.Close() }, nil // a connection that is gone has left
}

func (i instances) Send(instance string, message []byte) error {
	if instance == "" {
		return i.c.Publish(subjectAllInstances, message)
	}
	return i.c.Publish(subjectInstance+instance, message)
}
