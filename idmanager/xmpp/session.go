package xmpp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// session is a stream on which stanzas go to and fro. One goroutine reads (serve), one writes, one watches over it.
type session struct {
	c      *Client
	conn   net.Conn
	raw    net.Conn // below TLS
	in     *elementReader
	resume *resumption

	heard   atomic.Int64 // when the last element came, ns since 1970
	outbox  chan []byte
	ended   chan struct{}   // closed by serve when it has read its last
	ctx     context.Context // ends then
	cancel  context.CancelFunc
	writing sync.WaitGroup

	mu     sync.Mutex // the order in outbox is that of resume
	closed bool       // our closing tag is in outbox, or the connection is closed
	cause  error      // why fail ended it
}

func newSession(c *Client, s *stream, r *resumption) *session {
	// Room for all that is sent again, with as many requests for acknowledgement.
	ctx, cancel := context.WithCancel(c.ctx)
	return &session{ctx: ctx, cancel: cancel, c: c, conn: s.conn, raw: s.raw, in: s.in, resume: r, outbox: make(chan []byte, 2*(maxOutbox+maxUnacked)), ended: make(chan struct{})}
}

// start starts writing. What a resumed stream has not delivered goes first.
func (s *session) start(fresh bool) {
	s.heard.Store(time.Now().UnixNano())
	s.resume.mu.Lock()
	for _, b := range s.resume.unacked {
		s.outbox <- b
	}
	s.resume.mu.Unlock()
	s.writing.Go(s.write)
	s.writing.Go(s.oversee)
	s.writing.Go(s.confirm)
	if fresh {
		s.writing.Go(s.settle)
	}
}

// send puts a stanza on its way, and asks for its acknowledgement; false: the session is over.
func (s *session) send(e *element) bool {
	b := e.bytes(nsClient)
	s.mu.Lock()
	var err error
	if s.closed {
		s.mu.Unlock()
		return false // and not counted: the next session may have begun
	}
	switch {
	case !s.resume.sending(b):
		err = fmt.Errorf("%w: it acknowledges nothing", errProtocol)
	case s.resume.on:
		err = s.put(b)
		if err == nil {
			err = s.put(el(nsResume, "r").bytes(nsClient))
		}
	default:
		err = s.put(b)
	}
	s.mu.Unlock()
	if err != nil {
		s.fail(err)
	}
	return err == nil
}

// sendRaw puts on its way what is no stanza.
func (s *session) sendRaw(b []byte) {
	s.mu.Lock()
	var err error
	if !s.closed {
		err = s.put(b)
	}
	s.mu.Unlock()
	if err != nil {
		s.fail(err)
	}
}

// put puts something into outbox; s.mu is held.
func (s *session) put(b []byte) error {
	select {
	case s.outbox <- b:
		return nil
	default:
		return errors.New("it takes nothing from us")
	}
}

// fail closes the connection for that reason, if it is the first.
func (s *session) fail(err error) {
	s.mu.Lock()
	if s.cause == nil {
		s.cause = err
	}
	s.closed = true
	s.mu.Unlock()
	_ = s.raw.Close()
}

// goodbye closes the stream in good order (RFC 6120 §4.4), so that contacts learn at once that we have gone, and waits until
// the server has done so, too.
func (s *session) goodbye(ctx context.Context) {
	s.send(el(nsClient, "presence", "type", "unavailable"))
	s.sendRaw([]byte("</stream:stream>"))
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	select {
	case <-s.ended:
	case <-ctx.Done():
	}
	s.fail(ErrClosed)
}

func (s *session) write() {
	for {
		select {
		case b := <-s.outbox:
			_ = s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
			if _, err := s.conn.Write(b); err != nil {
				s.fail(err)
				return
			}
		case <-s.ended:
			return
		}
	}
}

// oversee asks a silent server whether it is there, and ends the session when it is not.
func (s *session) oversee() {
	timer := time.NewTimer(idleInterval)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-s.c.ctx.Done():
			s.fail(ErrClosed)
			return
		case <-s.ended:
			return
		}
		switch silent := time.Since(time.Unix(0, s.heard.Load())); {
		case silent >= idleInterval+answerTimeout:
			s.fail(errNoAnswer)
			return
		case silent >= idleInterval:
			s.ping()
			timer.Reset(idleInterval + answerTimeout - silent)
		default:
			timer.Reset(idleInterval - silent)
		}
	}
}

// ping makes the server say something: an acknowledgement, or the answer to an XEP-0199 ping, even if that is an error.
func (s *session) ping() {
	if s.resume.on {
		s.sendRaw(el(nsResume, "r").bytes(nsClient))
		return
	}
	s.send(el(nsClient, "iq", "type", "get", "id", randomID(), "to", s.c.jid.Domain).add(el(nsPing, "ping")))
}

// serve reads until the stream ends or breaks, and returns why, when nothing runs any more: io.EOF after the server's
// closing tag.
func (s *session) serve() error {
	err := s.read()
	close(s.ended)
	s.cancel()
	s.fail(err)
	s.writing.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}

func (s *session) read() error {
	for {
		e, err := s.in.next()
		if err != nil {
			return err
		}
		s.heard.Store(time.Now().UnixNano())
		switch {
		case e.is(nsStream, "error"):
			return parseStreamError(e)
		case e.is(nsResume, "r"):
			s.sendRaw(s.resume.answer().bytes(nsClient))
		case e.is(nsResume, "a"):
			if err := s.resume.acknowledged(e); err != nil {
				return err
			}
		case e.space == nsClient:
			s.c.handle(s, e)
			s.resume.handling()
		}
	}
}
