package flash

import (
	"errors"
	"slices"
	"sync"
)

// testBroker notes what is published, and plays "clip" with what the test sends.
type testBroker struct {
	mu       sync.Mutex
	messages []Message
	stream   *ServerStream // the last
	log      []string
}

func (b *testBroker) note(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log = append(b.log, s)
}

func (b *testBroker) said() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.log)
}

func (b *testBroker) Publish(s *ServerStream, name string, kind PublishKind) (Publication, error) {
	b.note("publish " + name + " " + string(kind))
	switch {
	case name == "taken":
		return nil, &StatusError{Status: Status{Code: CodePublishBadName, Level: LevelError, Description: "taken"}}
	case kind != PublishLive:
		return nil, errors.New("not recorded here")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stream = s
	return b, nil
}

func (b *testBroker) Play(s *ServerStream, name string, opt PlayOptions) (Subscription, error) {
	b.note("play " + name)
	if name == "missing" || opt.Start > 0 {
		return nil, &StatusError{Status: Status{Code: CodePlayNotFound, Level: LevelError, Description: "not here"}}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stream = s
	return b, nil
}

func (b *testBroker) Message(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, m)
}

func (b *testBroker) Start()   { b.note("start") }
func (b *testBroker) Changed() { b.note("changed") }
func (b *testBroker) Close()   { b.note("close") }

func (b *testBroker) got() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.messages)
}

// last is the service's end of the stream that was last published or played.
func (b *testBroker) last() *ServerStream {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stream
}
