package flash

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// ServerStream is the service's end of one NetStream of a client: it is published to the service, or plays from it.
type ServerStream struct {
	streams *ServerStreams
	ctx     context.Context // ends with the stream
	cancel  context.CancelFunc
	in      flowReader
	out     streamFlows

	audio, video, paused atomic.Bool
	buffer               atomic.Int64 // ns

	// turn is held while a command is carried out, and while the stream ends.
	turn         sync.Mutex
	ended        bool
	subscription Subscription

	publication atomic.Pointer[Publication] // set with turn held
}

func newServerStream(all *ServerStreams, id uint32) *ServerStream {
	s := &ServerStream{streams: all}
	s.ctx, s.cancel = context.WithCancel(all.ctx)
	s.in.ctx, s.in.running, s.in.barrier, s.in.deliver = s.ctx, &all.running, all.barrier, s.message
	s.out.session, s.out.returnOf, s.out.id, s.out.syncIDs = all.cfg.Session, all.cfg.Control, id, &all.syncIDs
	s.audio.Store(true)
	s.video.Store(true)
	return s
}

// ID is the stream ID.
func (s *ServerStream) ID() uint32 { return s.out.id }

// Client is the client's peer ID.
func (s *ServerStream) Client() PeerID {
	return flashcrypto.Fingerprint(s.out.session.FarCertificate().Fingerprint())
}

// ReceivesAudio tells whether the client wants audio (receiveAudio).
func (s *ServerStream) ReceivesAudio() bool { return s.audio.Load() }

// ReceivesVideo tells whether the client wants video (receiveVideo).
func (s *ServerStream) ReceivesVideo() bool { return s.video.Load() }

// Paused tells whether the client has paused (pause).
func (s *ServerStream) Paused() bool { return s.paused.Load() }

// BufferTime is how much the client says that it buffers (NetStream.bufferTime).
func (s *ServerStream) BufferTime() time.Duration { return time.Duration(s.buffer.Load()) }

// Send sends an audio, video or data message to the client. The message is a whole one (AppendMessage), so that one may go to
// many. It does not wait: ErrFull if the client does not keep up. The receipt tells what has become of it.
func (s *ServerStream) Send(t MessageType, message []byte, opt rtmfp.MessageOptions) (*rtmfp.Receipt, error) {
	return s.out.writeNow(mediumOf(t), message, opt)
}

// Buffered is the number of bytes of audio and video that wait for the client's acknowledgement.
func (s *ServerStream) Buffered() (audio, video int) {
	return s.out.buffered(mediumAudio), s.out.buffered(mediumVideo)
}

// Status tells the client of a change (onStatus), without waiting: ErrFull if it does not keep up.
func (s *ServerStream) Status(st Status) error {
	message, err := AppendCommandMessage(nil, s.streams.cfg.Encoding, StatusCommand(st))
	if err != nil {
		return err
	}
	_, err = s.out.writeNow(mediumData, message, rtmfp.MessageOptions{})
	return err
}

// UserControl sends a user control message about the stream, without waiting.
func (s *ServerStream) UserControl(e UserControlEvent) error {
	control := AppendUserControl(nil, UserControl{Event: e, StreamID: s.ID()})
	_, err := s.out.writeNow(mediumData, AppendMessage(nil, MessageUserControl, 0, control), rtmfp.MessageOptions{})
	return err
}

// Sync makes a barrier across the stream's flows to the client (RFC 7425 §5.2), so that a status behind it comes after the
// media before it. It does not wait; where the client does not keep up there is none.
func (s *ServerStream) Sync() error { return s.out.syncNow() }

// Reject ends the stream from the service's side: its flows are closed and the client's rejected. It may be called by a
// Broker, and does not wait.
func (s *ServerStream) Reject() {
	s.out.close()
	s.cancel()
	s.streams.reject(s)
}

// message takes a message of one of the client's flows; an error rejects the flow.
func (s *ServerStream) message(m Message) error {
	switch m.Type {
	case MessageAudio, MessageVideo:
	case MessageData, MessageCommand, MessageCommandExtended:
		if err := s.streams.cfg.Pace(s.ctx); err != nil {
			return err
		}
	case MessageUserControl:
		if m.Control.Event == EventSetBufferLength {
			s.buffer.Store(int64(m.Control.BufferLength))
		}
		return nil
	default:
		return nil
	}
	if m.Type == MessageCommand || m.Type == MessageCommandExtended {
		c, err := ParseCommand(m.Type, m.Payload)
		if err != nil {
			return nil //nolint:nilerr // what we cannot read is ignored
		}
		return s.command(c)
	}
	if p := s.publication.Load(); p != nil {
		(*p).Message(m)
	}
	return nil
}

// stop ends what is published or played. turn is held.
func (s *ServerStream) stop() (published, played bool) {
	if p := s.publication.Swap(nil); p != nil {
		(*p).Close()
		published = true
	}
	if s.subscription != nil {
		s.subscription.Close()
		s.subscription = nil
		played = true
	}
	return published, played
}

// end ends the stream, once. Its readers reject their flows.
func (s *ServerStream) end() {
	s.turn.Lock()
	defer s.turn.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	s.stop()
	s.out.close()
	s.cancel()
}

// refuse tells the client why a command was not carried out.
func (s *ServerStream) refuse(err error, code string) {
	var refusal *StatusError
	st := Status{Code: code, Level: LevelError, Description: err.Error()}
	if errors.As(err, &refusal) {
		st = refusal.Status
	}
	_ = s.Status(st)
}

// textArgument is the first argument if it is a string; some programs leave out the null before it.
func textArgument(c Command) (string, bool) {
	if text, ok := c.Object.(string); ok {
		return text, true
	}
	return argument[string](c, 0)
}

// argument is an argument of a command, if there is one of that type.
func argument[T amf.Value](c Command, i int) (T, bool) {
	var none T
	if i >= len(c.Args) {
		return none, false
	}
	v, ok := c.Args[i].(T)
	return v, ok
}
