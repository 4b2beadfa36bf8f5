package rendezvous

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"sundog.dev/sundog/internal/source"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// client is one session and what has been said in it.
type client struct {
	service *Service
	session *rtmfp.Session
	id      flashcrypto.Fingerprint
	since   time.Time // when the session was opened
	pacer   pacer
	// streamPacer is for what is said on streams, sound and picture apart.
	streamPacer pacer
	readers     sync.WaitGroup // those of control flows, one that follows moves, and a connectivity check
	ended       context.Context

	// Guarded by mu. Flows are read by a goroutine each, so commands may come at once.
	mu        sync.Mutex
	canonical *rtmfp.RecvFlow // the client's first control flow
	reply     *rtmfp.SendFlow // ours, nil before connect
	encoding  flash.ObjectEncoding
	streams   *flash.ServerStreams // nil before connect
	flows     int                  // control flows being read
	checks    bool                 // the client is here for a connectivity check only
	checked   bool                 // which has begun
	refused   bool                 // its connect was

	// Guarded by the service's mutex.
	introducible bool             // setPeerInfo has come
	reported     []netip.AddrPort // replaced, never changed
	forwards     source.Bucket
	observed     netip.AddrPort                    // where it was at setPeerInfo
	asked        map[flashcrypto.Fingerprint]asked // whom it has asked for lately
}

func newClient(s *Service, session *rtmfp.Session) *client {
	return &client{service: s, session: session, id: session.FarCertificate().Fingerprint(), since: time.Now()}
}

// serve runs until the session or the service ends.
func (c *client) serve() {
	log := c.service.cfg.Log.With("peer", c.id.String(), "address", c.session.FarAddr().String())
	log.Debug("session opened")
	var end context.CancelFunc
	c.ended, end = context.WithCancel(c.service.ctx)
	defer end()
	c.session.SetKeepalive(sessionKeepalive)
	c.session.SetTimeout(sessionTimeout)
	idle := time.AfterFunc(connectTimeout, func() {
		if c.idle() {
			_ = c.session.Close()
		}
	})
	defer idle.Stop()
	c.readers.Go(c.followMoves)
	for {
		flow, err := c.session.AcceptFlow(c.service.ctx)
		if err != nil {
			log.Debug("session ended", "why", err)
			break
		}
		if !c.take(flow) {
			flow.Reject(rejectCode)
		}
	}
	_ = c.session.Close()
	end()
	c.readers.Wait() // a connect may still be under way
	if streams := c.clientStreams(); streams != nil {
		streams.Close()
	}
	c.service.remove(c)
}

func (c *client) connected() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reply != nil
}

// idle reports whether the client has not said what it is here for.
func (c *client) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reply == nil || c.refused || c.checks && !c.checked
}

func (c *client) isRefused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

func (c *client) isCheck() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.checks
}

// take begins to read a control flow: the first one, which is associated to
// nothing, and further ones that are associated to ours (RFC 7425 §5.3.1, §5.3.2). Flows of streams are read elsewhere.
func (c *client) take(flow *rtmfp.RecvFlow) bool {
	stream, _, err := flash.ParseMetadata(flow.Metadata())
	if err != nil {
		return false
	}
	if stream != 0 {
		streams := c.clientStreams()
		return streams != nil && streams.AcceptFlow(flow)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.flows >= maxControlFlows:
		return false
	case c.canonical == nil:
		if flow.ReturnOf() != nil {
			return false
		}
		c.canonical = flow
	case c.reply == nil || flow.ReturnOf() != c.reply:
		return false
	}
	c.flows++
	c.readers.Go(func() { c.read(flow) })
	return true
}

// read carries out the commands of one control flow. With the canonical one the connection ends (RFC 7425 §5.3.6).
func (c *client) read(flow *rtmfp.RecvFlow) {
	ctx := c.service.ctx
	for {
		b, err := flow.Read(ctx)
		if err == nil {
			err = c.message(ctx, b)
		}
		if err != nil {
			break
		}
	}
	c.mu.Lock()
	c.flows--
	canonical := flow == c.canonical
	c.mu.Unlock()
	if canonical {
		c.service.remove(c)
		_ = c.session.Close()
	} else {
		flow.Reject(rejectCode)
	}
}

// These end the reading of a flow.
var (
	errMisbehaved = errors.New("rendezvous: unacceptable message")
	errRefused    = errors.New("rendezvous: refused")
)

// message handles one RTMP message; what is none, or no command, is passed over. An error ends the flow.
func (c *client) message(ctx context.Context, b []byte) error {
	if len(b) > maxCommand {
		return errMisbehaved
	}
	if err := c.pacer.wait(ctx, commandRate, commandBurst); err != nil {
		return err
	}
	m, err := flash.ParseMessage(b)
	if err != nil {
		return nil //nolint:nilerr // passed over
	}
	if m.Type == flash.MessageUserControl {
		u, err := flash.ParseUserControl(m.Payload)
		if err != nil {
			return nil //nolint:nilerr // passed over
		}
		return c.userControl(u)
	}
	command, err := flash.ParseCommand(m.Type, m.Payload)
	if err != nil {
		return nil //nolint:nilerr // passed over
	}
	return c.command(command, b)
}

// atOnce is a context that has ended: a write succeeds at once or not at all.
var atOnce = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// send writes a command to the client in the encoding that it asked for, unless too much waits for it already.
func (c *client) send(command flash.Command) error {
	c.mu.Lock()
	encoding := c.encoding
	c.mu.Unlock()
	message, err := flash.AppendCommandMessage(nil, encoding, command)
	if err != nil {
		return err
	}
	return c.writeMessage(message)
}

// lastWords writes a command and closes our control flow, and waits, but not for long, for the client to read that and
// end the session, which tells it nothing more.
func (c *client) lastWords(command flash.Command) {
	if c.send(command) != nil {
		return
	}
	c.mu.Lock()
	_ = c.reply.Close()
	c.mu.Unlock()
	wait := time.NewTimer(lastWordsWait)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-c.ended.Done():
	}
}

func (c *client) write(t flash.MessageType, payload []byte) error {
	return c.writeMessage(flash.AppendMessage(nil, t, 0, payload))
}

func (c *client) writeMessage(message []byte) error {
	c.mu.Lock()
	reply := c.reply
	c.mu.Unlock()
	if reply == nil {
		return rtmfp.ErrClosed
	}
	_, err := reply.Write(atOnce, message, rtmfp.MessageOptions{})
	return err
}
