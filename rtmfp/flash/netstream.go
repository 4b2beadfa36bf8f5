package flash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// NetStream is a stream between us and the service (Flash's NetStream in its way CONNECT_TO_FMS, RFC 7425 §5.3.5): it
// publishes or plays. Streams between peers are PublishStream and PlayStream.
//
// It has a goroutine for each flow that the service opens for it, and one that watches; they end with Close, or with the
// service leg.
type NetStream struct {
	leg    *serviceLeg
	id     uint32
	ctx    context.Context // ends with the stream
	cancel context.CancelFunc
	ending sync.Once
	in     inbound
	out    streamFlows

	mu      sync.Mutex
	outcome chan Status       // of the Publish or Play that waits; nil: none does
	decides func(Status) bool // whether a status is what it waits for
}

// CreateStream asks the service for a stream (createStream). A refusal is a *StatusError, ErrNotConnected says that there is
// no service. The stream ends with the service leg, like Flash's.
func (nc *NetConnection) CreateStream(ctx context.Context) (*NetStream, error) {
	leg := nc.serviceLeg()
	if leg == nil {
		return nil, ErrNotConnected
	}
	values, err := nc.callOn(ctx, leg, Command{Name: commandCreateStream})
	if err != nil {
		return nil, fmt.Errorf("flash: creating a stream: %w", err)
	}
	var id float64
	if len(values) > 0 {
		id, _ = values[0].(float64)
	}
	if id < 1 || id > 1<<32-1 || id != float64(uint32(id)) {
		return nil, fmt.Errorf("flash: creating a stream: %w", ErrMalformedMessage)
	}
	s := &NetStream{leg: leg, id: uint32(id)}
	s.ctx, s.cancel = context.WithCancel(leg.ctx)
	s.in.init(s.ctx, nc, leg.barrier)
	s.in.audio.Store(true)
	s.in.video.Store(true)
	s.in.onStatus, s.in.onControl = s.decide, s.control
	s.out.session, s.out.returnOf, s.out.id, s.out.syncIDs = leg.session, leg.canonicalFlow(), s.id, &leg.syncIDs
	if err := s.begin(); err != nil {
		s.cancel()
		return nil, fmt.Errorf("flash: creating a stream: %w", err)
	}
	return s, nil
}

// begin opens the data flow and makes the stream known to the leg.
func (s *NetStream) begin() error {
	data, err := s.out.flow(mediumData)
	if err != nil {
		return err
	}
	if err := s.leg.addStream(s); err != nil {
		s.out.close()
		return err
	}
	if !s.leg.nc.start(func() { s.watch(data) }) {
		s.leg.removeStream(s)
		s.out.close()
		return rtmfp.ErrClosed
	}
	return nil
}

// ID is the stream ID that the service gave.
func (s *NetStream) ID() uint32 { return s.id }

// Read returns the next message that the service sent for the stream: audio, video and data (onMetaData …) of what is
// played, statuses, and user control messages (MessageUserControl) about the stream. Nothing is dropped here: while nobody
// reads, the service's flows fill, and it is the service that drops what is late. Statuses that Publish and Play waited for
// come here too. After Close it is rtmfp.ErrClosed, after the service's end the session's error, io.EOF when the service has
// rejected the stream.
func (s *NetStream) Read(ctx context.Context) (Message, error) { return s.in.queue.pop(ctx) }

// Write sends an audio or video message of a stream that is published. While the flow of the medium is full it waits
// until ctx ends (with an ended ctx and room in the flow it succeeds). The payload is copied. The receipt tells what
// has become of a message that may be abandoned.
func (s *NetStream) Write(ctx context.Context, m Message, opt rtmfp.MessageOptions) (*rtmfp.Receipt, error) {
	if m.Type != MessageAudio && m.Type != MessageVideo {
		return nil, ErrMessageType
	}
	buffer := messageBuffers.Get().(*[]byte)
	defer messageBuffers.Put(buffer)
	*buffer = AppendMessage((*buffer)[:0], m.Type, m.Timestamp, m.Payload)
	return s.out.write(ctx, mediumOf(m.Type), *buffer, opt)
}

// messageBuffers are used again by NetStream.Write, whose messages the flow copies.
var messageBuffers = sync.Pool{New: func() any { return new([]byte) }}

// Send invokes handler at all who play the stream (NetStream.send), reliably and in order. It does not wait: ErrFull when the
// service does not keep up.
func (s *NetStream) Send(handler string, args ...amf.Value) error {
	return s.SendAt(0, handler, args...)
}

// SendAt is Send with a timestamp on the stream's clock, in ms.
func (s *NetStream) SendAt(timestamp uint32, handler string, args ...amf.Value) error {
	encoding, _ := s.leg.agreed()
	message, err := AppendDataMessage(nil, encoding, timestamp, handler, args...)
	if err != nil {
		return err
	}
	_, err = s.out.writeNow(mediumData, message, rtmfp.MessageOptions{})
	return err
}

// SetDataFrame has the service keep data ("onMetaData", mostly) and send it to each who begins to play (@setDataFrame).
func (s *NetStream) SetDataFrame(handler string, args ...amf.Value) error {
	return s.Send(handlerSetDataFrame, append([]amf.Value{handler}, args...)...)
}

// ClearDataFrame has the service forget what SetDataFrame had it keep (@clearDataFrame).
func (s *NetStream) ClearDataFrame(handler string) error {
	return s.Send(handlerClearDataFrame, handler)
}

// Sync makes a barrier across the stream's flows (RFC 7425 §5.2): what is sent afterwards on any of them is processed after
// what was sent until now on all of them. It waits, while a flow is full, until ctx ends. Use it sparingly: a key frame that is
// under way holds the sound.
func (s *NetStream) Sync(ctx context.Context) error { return s.out.sync(ctx) }

// Buffered is the number of bytes of audio and video that wait for the service's acknowledgement.
func (s *NetStream) Buffered() (audio, video int) {
	return s.out.buffered(mediumAudio), s.out.buffered(mediumVideo)
}

// CloseStream stops publishing or playing (closeStream); the stream may be used again. What was written before is
// processed first.
func (s *NetStream) CloseStream(ctx context.Context) error {
	if err := s.out.sync(ctx); err != nil {
		return err
	}
	return s.command(commandCloseStream)
}

// Close ends the stream (NetStream.close, dispose). It does not wait: what was written still goes out, for some seconds at most, before the service hears
// that the stream is deleted (deleteStream).
func (s *NetStream) Close() error {
	s.end(rtmfp.ErrClosed, true)
	return nil
}

// watch ends the stream when the service rejects our data flow, or with the leg.
func (s *NetStream) watch(data *rtmfp.SendFlow) {
	select {
	case <-data.Done():
		var exception *rtmfp.FlowException
		if err := data.Err(); errors.As(err, &exception) {
			s.end(io.EOF, false)
		} else {
			s.end(err, false)
		}
	case <-s.ctx.Done():
		s.end(nil, false)
	}
}

// end ends the stream, once; discard drops what is not read yet.
func (s *NetStream) end(err error, discard bool) {
	s.ending.Do(func() {
		leg := s.leg
		if err == nil {
			err = leg.failure()
		}
		s.in.queue.close(err, discard)
		flows := s.out.close()
		s.cancel()
		if !leg.nc.start(func() { s.delete(flows) }) {
			leg.removeStream(s)
		}
	})
}

// delete tells the service that the stream is deleted, once it has acknowledged what was sent for the stream: the deletion
// must not overtake that. A service that does not for a while does not wait for it either.
func (s *NetStream) delete(flows []*rtmfp.SendFlow) {
	defer s.leg.removeStream(s)
	grace := time.NewTimer(deleteGrace)
	defer grace.Stop()
	late := false
	for _, f := range flows {
		select {
		case <-f.Done():
		case <-grace.C:
			late = true
		case <-s.leg.ctx.Done():
			return
		}
		if late {
			break
		}
	}
	_ = s.leg.send(Command{Name: commandDeleteStream, Args: []amf.Value{s.id}})
}

// command sends a command on the stream's data flow.
func (s *NetStream) command(name string, args ...amf.Value) error {
	encoding, _ := s.leg.agreed()
	message, err := AppendCommandMessage(nil, encoding, Command{Name: name, Args: args})
	if err != nil {
		return err
	}
	_, err = s.out.writeNow(mediumData, message, rtmfp.MessageOptions{})
	return err
}

// control queues a user control message about the stream. It never waits, since it may have come by the connection's control
// flow: what nobody reads is dropped.
func (s *NetStream) control(u UserControl) {
	if u.Event.ofStream() {
		_ = s.in.queue.push(now, Message{Type: MessageUserControl, Control: u})
	}
}
