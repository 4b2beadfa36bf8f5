package cluster

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestMessages(t *testing.T) {
	c := open(t)
	got := make(chan string, 10)
	all, err := c.Subscribe("room.*", func(m Message) { got <- m.Subject + " " + string(m.Data) })
	if err != nil {
		t.Fatal(err)
	}
	echo, err := c.Subscribe("echo", func(m Message) {
		if !m.Answered() {
			t.Error("no answer is waited for")
		}
		if err := m.Respond(append([]byte("you said "), m.Data...)); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Publish("room.1", []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if m := <-got; m != "room.1 hello" {
		t.Error(m)
	}
	answer, err := c.Request(t.Context(), "echo", []byte("hello"))
	if err != nil || string(answer) != "you said hello" {
		t.Errorf("%q, %v", answer, err)
	}
	if _, err := c.Request(t.Context(), "nobody", nil); !errors.Is(err, ErrNoResponder) {
		t.Errorf("asking nobody: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := c.Request(ctx, "room.2", nil); !errors.Is(err, ErrUnavailable) {
		t.Errorf("asking somebody who does not answer: %v", err)
	}
	for _, s := range []*Subscription{all, echo, echo} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Request(t.Context(), "echo", nil); !errors.Is(err, ErrNoResponder) {
		t.Errorf("asking somebody who has gone: %v", err)
	}
}

func TestASlowHandlerLosesMessagesAndTheyAreCounted(t *testing.T) {
	c := open(t)
	hold, held := make(chan struct{}), make(chan struct{}, 2*pendingMessages)
	s, err := c.Subscribe("room", func(Message) { held <- struct{}{}; <-hold })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 * pendingMessages {
		if err := c.Publish("room", fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := c.Stats().Dropped; n < pendingMessages-1 {
		t.Errorf("%d were dropped", n)
	}
	close(hold)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if n := c.Stats().Dropped; n < pendingMessages-1 {
		t.Errorf("%d were dropped", n)
	}
}
