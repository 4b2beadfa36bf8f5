package flash

import (
	"errors"
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// PublishStream is a NetStream that publishes directly to peers (made with NetStream.DIRECT_CONNECTIONS, RFC 7425 §5.4).
type PublishStream struct {
	nc      *NetConnection
	name    string
	accept  func(*Peer) bool
	changed chan struct{}

	mu          sync.Mutex
	closed      bool
	subscribers []*PeerStream
	message     []byte   // reused
	together    [][]byte // likewise: messages of message
}

// Publish offers a stream to peers under a name (NetStream.publish). onPeerConnect (of NetStream.client) decides, if not nil, about each
// subscriber, on the NetConnection's goroutine (it must not block, nor call Close). Plays that wait for the name are
// considered at once.
func (nc *NetConnection) Publish(name string, onPeerConnect func(*Peer) bool) (*PublishStream, error) {
	if !fitName(name) {
		return nil, ErrName
	}
	s := &PublishStream{nc: nc, name: name, accept: onPeerConnect, changed: make(chan struct{}, 1)}
	nc.mu.Lock()
	defer nc.mu.Unlock()
	switch {
	case nc.closed:
		return nil, rtmfp.ErrClosed
	case nc.streams[name] != nil:
		return nil, ErrNameTaken
	}
	nc.streams[name] = s
	nc.running.Go(func() { nc.considerPending(s) })
	return s, nil
}

// fitName reports whether a stream may have the name.
func fitName(name string) bool { return name != "" && len(name) <= maxNameLength }

// Name is the stream's name.
func (s *PublishStream) Name() string { return s.name }

// Send invokes handler at all subscribers (NetStream.send), reliably and in order. It does not wait: where a subscriber has left so many
// messages unacknowledged that its flow is full, the message is not sent to it, and the error is ErrFull.
func (s *PublishStream) Send(handler string, args ...amf.Value) error {
	payload, err := AppendData(nil, handler, args...)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return rtmfp.ErrClosed
	}
	var failed error
	for _, sub := range s.subscribers {
		if err := sub.sendData(payload); errors.Is(err, ErrFull) {
			failed = ErrFull // other errors mean that the subscriber is gone
		}
	}
	return failed
}

// Write sends an audio or video message to every subscriber that receives that
// medium. It never blocks: where a subscriber's flow is full the message is
// dropped there (PeerStream.Dropped). Messages not delivered within lifetime are abandoned (0: never; PeerStream.Lost).
// The payload is copied. Another type of message is ErrMessageType.
func (s *PublishStream) Write(m Message, lifetime time.Duration) error {
	if m.Type != MessageAudio && m.Type != MessageVideo {
		return ErrMessageType
	}
	return s.write([]Message{m}, m.Type, lifetime)
}

// WriteTogether is Write for audio messages that go in one packet, if one takes them all: to whoever reads them they are messages as
// any. Of a flow that is full the last ones are dropped.
func (s *PublishStream) WriteTogether(ms []Message, lifetime time.Duration) error {
	return s.write(ms, MessageAudio, lifetime)
}

// write sends audio messages, or one video message.
func (s *PublishStream) write(ms []Message, t MessageType, lifetime time.Duration) error {
	var opt rtmfp.MessageOptions
	if lifetime > 0 {
		opt.DeliverBy = time.Now().Add(lifetime)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return rtmfp.ErrClosed
	}
	s.message, s.together = s.message[:0], s.together[:0]
	for _, m := range ms {
		if m.Type != t {
			return ErrMessageType
		}
		begin := len(s.message)
		s.message = AppendMessage(s.message, t, m.Timestamp, m.Payload)
		s.together = append(s.together, s.message[begin:]) // of memory that stays as it is, should message have to move
	}
	for _, sub := range s.subscribers {
		if t == MessageAudio {
			sub.sendAudio(s.together, opt)
		} else {
			sub.sendVideo(ms[0].Timestamp, s.message, opt)
		}
	}
	return nil
}

// Sync makes a barrier across the flows to each subscriber (RFC 7425 §5.2): what is sent afterwards, sound and picture in
// network order apart, is processed after what was sent until now. It does not wait: where a flow is full there is no barrier,
// and the error is ErrFull. Use it sparingly: text behind one waits for pictures.
func (s *PublishStream) Sync() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return rtmfp.ErrClosed
	}
	var failed error
	for _, sub := range s.subscribers {
		if err := sub.sync(); errors.Is(err, ErrFull) {
			failed = ErrFull // other errors mean that the subscriber is gone
		}
	}
	return failed
}

// PeerStreams are the subscribers (NetStream.peerStreams).
func (s *PublishStream) PeerStreams() []*PeerStream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.subscribers)
}

// TakeMissing appends the timestamps of video messages that subscribers have not got: dropped (PeerStream.Dropped) or abandoned
// (PeerStream.Lost) since the last time.
func (s *PublishStream) TakeMissing(to []uint32) []uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subscribers {
		to = sub.receipts.take(to)
	}
	return to
}

// ReceiveVideo tells whether any subscriber wants video.
func (s *PublishStream) ReceiveVideo() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.subscribers, (*PeerStream).ReceivesVideo)
}

// Changed gets a value (capacity one, coalesced) when the subscribers or what they receive have changed.
func (s *PublishStream) Changed() <-chan struct{} { return s.changed }

// Close unpublishes (NetStream.close): subscribers get NetStream.Play.UnpublishNotify and the flows close. It does not wait.
func (s *PublishStream) Close() error {
	s.nc.mu.Lock()
	if s.nc.streams[s.name] == s {
		delete(s.nc.streams, s.name)
	}
	s.nc.mu.Unlock()
	s.mu.Lock()
	subscribers := s.subscribers
	s.closed, s.subscribers = true, nil
	s.mu.Unlock()
	for _, sub := range subscribers {
		sub.unpublish()
	}
	if len(subscribers) > 0 {
		wake(s.changed)
	}
	return nil
}

// attach takes a subscriber; false if the stream is closed.
func (s *PublishStream) attach(sub *PeerStream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if sub.begin(s) {
		s.subscribers = append(s.subscribers, sub)
		wake(s.changed)
	}
	return true
}

// detach lets a subscriber go.
func (s *PublishStream) detach(sub *PeerStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.subscribers, sub); i >= 0 {
		s.subscribers = slices.Delete(s.subscribers, i, i+1)
		wake(s.changed)
	}
}
