package flash

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"sundog.dev/sundog/rtmfp"
)

// PlayStream is a NetStream that plays from a peer (made with its peer ID, RFC 7425 §5.4): the subscriber's control flow, and the publisher's
// flows in return of it.
type PlayStream struct {
	peer    *Peer
	name    string
	control *rtmfp.SendFlow
	ctx     context.Context // ends with the stream
	cancel  context.CancelFunc
	ending  sync.Once
	in      inbound
	started atomic.Bool // the publisher has opened a flow
}

// Play subscribes to a stream of the peer (NetStream.play, RFC 7425 §5.4.1) and returns at once; the publisher's answers arrive as messages. A name that is
// not published yet waits at the publisher.
func (p *Peer) Play(name string) (*PlayStream, error) {
	return p.PlayReceiving(name, true, true)
}

// PlayReceiving is Play with the choice of media from the start: not a message of a medium that is off will come, nor is
// one that comes all the same let through.
func (p *Peer) PlayReceiving(name string, audio, video bool) (*PlayStream, error) {
	if !fitName(name) {
		return nil, ErrName
	}
	p.mu.Lock()
	p.lastStream++
	id := p.lastStream
	p.mu.Unlock()
	// Above the media: on a path that those fill, nothing could be asked for otherwise.
	control, err := p.session.OpenFlow(AppendMetadata(nil, id, false), rtmfp.FlowOptions{Priority: rtmfp.PriorityControl})
	if err != nil {
		return nil, err
	}
	s := &PlayStream{peer: p, name: name, control: control}
	s.ctx, s.cancel = context.WithCancel(p.ctx)
	s.in.init(s.ctx, p.nc, newBarrier())
	s.in.newestWins = true
	s.in.audio.Store(audio)
	s.in.video.Store(video)
	s.in.afterStatus = s.afterStatus
	p.mu.Lock()
	if p.plays == nil { // the peer has ended
		p.mu.Unlock()
		s.cancel()
		_ = control.Close()
		return nil, rtmfp.ErrClosed
	}
	p.plays[control] = s
	p.mu.Unlock()
	// Before the play, so that not even the first messages of an unwanted medium are sent.
	if !audio {
		err = errors.Join(err, s.receive(commandReceiveAudio, false))
	}
	if !video {
		err = errors.Join(err, s.receive(commandReceiveVideo, false))
	}
	err = errors.Join(err, writeCommand(control, Command{Name: commandPlay, Args: []any{name}}))
	if err == nil && !p.nc.start(s.watch) {
		err = rtmfp.ErrClosed
	}
	if err != nil {
		s.end(err, true)
		return nil, err
	}
	return s, nil
}

// Name is the stream's name at the publisher.
func (s *PlayStream) Name() string { return s.name }

// Peer is the publisher.
func (s *PlayStream) Peer() *Peer { return s.peer }

// Read returns the next message: audio and video in network order (newest wins: the oldest media are
// dropped when the reader is slow), data and status in order. io.EOF when the publisher ended the stream, ErrRefused when
// it refused the subscription, the session's error when that has ended, rtmfp.ErrClosed after Close.
func (s *PlayStream) Read(ctx context.Context) (Message, error) { return s.in.queue.pop(ctx) }

// Dropped counts the messages that were dropped since nobody read them in time.
func (s *PlayStream) Dropped() (audio, video uint64) { return s.in.queue.dropped() }

// ReceiveAudio asks the publisher to start or stop audio (NetStream.receiveAudio). What still comes after a stop is dropped.
func (s *PlayStream) ReceiveAudio(on bool) error {
	s.in.audio.Store(on)
	return s.receive(commandReceiveAudio, on)
}

// ReceiveVideo asks the publisher to start or stop video (NetStream.receiveVideo). What still comes after a stop is dropped.
func (s *PlayStream) ReceiveVideo(on bool) error {
	s.in.video.Store(on)
	return s.receive(commandReceiveVideo, on)
}

func (s *PlayStream) receive(command string, on bool) error {
	return writeCommand(s.control, Command{Name: command, Args: []any{on}})
}

// Close ends the subscription (NetStream.close, RFC 7425 §5.4.3).
func (s *PlayStream) Close() error {
	s.end(rtmfp.ErrClosed, true)
	return nil
}

// watch ends the stream when the publisher rejects the control flow, or with the peer.
func (s *PlayStream) watch() {
	select {
	case <-s.control.Done():
		var exception *rtmfp.FlowException
		switch err := s.control.Err(); {
		case !errors.As(err, &exception):
			s.end(err, false)
		case s.started.Load():
			s.end(io.EOF, false)
		default:
			s.end(ErrRefused, false)
		}
	case <-s.ctx.Done():
		s.end(nil, false)
	}
}

// end ends the stream, once; discard drops what is not read yet.
func (s *PlayStream) end(err error, discard bool) {
	s.ending.Do(func() {
		if err == nil {
			err = rtmfp.ErrClosed
			if cause := s.peer.session.Err(); cause != nil {
				err = cause
			}
		}
		s.in.queue.close(err, discard)
		s.cancel()
		p := s.peer
		p.mu.Lock()
		delete(p.plays, s.control)
		p.mu.Unlock()
		_ = s.control.Close()
	})
}

// addFlow takes a flow of the publisher for this stream; false if there are too many.
func (s *PlayStream) addFlow(f *rtmfp.RecvFlow, networkOrder bool) bool {
	s.started.Store(true) // RFC 7425 §5.4.2: a publisher that opens flows has admitted us
	return s.in.add(f, networkOrder)
}

// afterStatus ends the stream with UnpublishNotify, the last that it brings.
func (s *PlayStream) afterStatus(st Status) error {
	if st.Code != CodeUnpublishNotify {
		return nil
	}
	s.end(io.EOF, false)
	return io.EOF
}
