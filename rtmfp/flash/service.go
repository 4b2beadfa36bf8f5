package flash

import (
	"context"
	"errors"
	"io"
	"maps"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// serviceLeg is the session with a service and the control flows in it (RFC 7425 §5.3).
type serviceLeg struct {
	nc      *NetConnection
	session *rtmfp.Session
	control *rtmfp.SendFlow
	ctx     context.Context // ends with the leg
	cancel  context.CancelFunc
	ending  sync.Once

	mu      sync.Mutex
	last    float64 // transaction
	waiting map[float64]chan Command
	flows   int
	err     error // why the leg has ended
}

// newServiceLeg opens the control flow and starts the leg's goroutines.
func (nc *NetConnection) newServiceLeg(session *rtmfp.Session) (*serviceLeg, error) {
	control, err := session.OpenFlow(AppendMetadata(nil, 0, false), rtmfp.FlowOptions{Priority: rtmfp.PriorityData})
	if err != nil {
		return nil, err
	}
	leg := &serviceLeg{nc: nc, session: session, control: control, waiting: make(map[float64]chan Command)}
	leg.ctx, leg.cancel = context.WithCancel(nc.ctx)
	session.SetKeepalive(serviceKeepalive)
	session.SetTimeout(serviceTimeout)
	session.SetAcceptForwarded(true) // this far end may introduce others to us
	if !nc.start(leg.watch) || !nc.start(leg.acceptFlows) {
		leg.cancel()
		return nil, rtmfp.ErrClosed
	}
	return leg, nil
}

// watch ends the leg when the session or the control flow has ended.
func (leg *serviceLeg) watch() {
	select {
	case <-leg.session.Done():
		leg.end(leg.session.Err())
	case <-leg.control.Done():
		leg.end(leg.control.Err()) // RFC 7425 §5.3.6: the far end has ended abruptly
	case <-leg.ctx.Done():
		leg.end(rtmfp.ErrClosed)
	}
}

// end ends the leg, once. If it was the NetConnection's, that says so.
func (leg *serviceLeg) end(err error) {
	leg.ending.Do(func() {
		if err == nil {
			err = rtmfp.ErrClosed
		}
		leg.mu.Lock()
		leg.err = err
		leg.mu.Unlock()
		leg.cancel()
		nc := leg.nc
		nc.mu.Lock()
		lost := nc.leg == leg
		if lost {
			nc.leg = nil
		}
		nc.mu.Unlock()
		_ = leg.control.Close()
		_ = leg.session.Close()
		if lost {
			nc.log.Info("the service is lost", "error", err)
			nc.events.pushOut(Status{Code: CodeConnectClosed, Level: LevelStatus, Description: err.Error()})
		}
	})
}

// acceptFlows accepts the service's return flows for stream 0. Streams of the service are not for us.
func (leg *serviceLeg) acceptFlows() {
	for {
		f, err := leg.session.AcceptFlow(leg.ctx)
		if err != nil {
			return // watch ends the leg
		}
		id, _, err := ParseMetadata(f.Metadata())
		if err != nil || id != 0 || f.ReturnOf() != leg.control || !leg.addFlow() {
			f.Reject(rejectCode)
			continue
		}
		leg.mu.Lock()
		canonical := leg.flows == 1
		leg.mu.Unlock()
		leg.nc.running.Go(func() { leg.read(f, canonical) })
	}
}

func (leg *serviceLeg) addFlow() bool {
	leg.mu.Lock()
	defer leg.mu.Unlock()
	if leg.flows >= maxServiceFlows {
		return false
	}
	leg.flows++
	return true
}

// read takes the messages of one return flow. The end of the first one, the canonical, is the end of the leg (RFC 7425
// §5.3.6).
func (leg *serviceLeg) read(f *rtmfp.RecvFlow, canonical bool) {
	for {
		b, err := f.Read(leg.ctx)
		if err != nil {
			if canonical && errors.Is(err, io.EOF) {
				leg.end(rtmfp.ErrClosed)
			}
			return
		}
		if m, err := ParseMessage(b); err == nil {
			leg.handle(m)
		}
	}
}

func (leg *serviceLeg) handle(m Message) {
	switch m.Type {
	case MessageUserControl:
		if u, err := ParseUserControl(m.Payload); err == nil && u.Event == EventSetKeepalive {
			leg.setKeepalive(u.ServerKeepalive, u.PeerKeepalive)
		}
	case MessageCommand, MessageCommandExtended:
		c, err := ParseCommand(m.Type, m.Payload)
		if err != nil {
			leg.nc.log.Debug("a malformed command of the service", "error", err)
			return
		}
		leg.command(c)
	}
}

func (leg *serviceLeg) command(c Command) {
	switch c.Name {
	case CommandResult, CommandError:
		leg.mu.Lock()
		answer := leg.waiting[c.Transaction]
		delete(leg.waiting, c.Transaction)
		leg.mu.Unlock()
		if answer != nil {
			answer <- c // capacity one, and once only
		}
	case CommandOnStatus:
		if s, ok := c.Status(); ok {
			leg.nc.events.push(s)
		}
	default:
		if !leg.nc.events.push(Invocation{Command: c.Name, Args: c.Args}) {
			leg.nc.log.Warn("an invocation by the service was dropped: nobody reads them", "command", c.Name)
		}
	}
}

// setKeepalive follows user control 41 within our bounds (RFC 7425 §5.3.4): on the leg, on peers without streams, and on
// those to come.
func (leg *serviceLeg) setKeepalive(service, peer time.Duration) {
	leg.session.SetKeepalive(min(max(service, keepaliveFloor), keepaliveCeiling))
	peer = min(max(peer, keepaliveFloor), keepaliveCeiling)
	nc := leg.nc
	nc.mu.Lock()
	nc.peerKeepalive = peer
	peers := maps.Clone(nc.peers)
	nc.mu.Unlock()
	for _, p := range peers {
		if p.idle() {
			p.session.SetKeepalive(peer)
		}
	}
}

// call invokes a command and waits for its answer.
func (leg *serviceLeg) call(ctx context.Context, c Command) ([]amf.Value, error) {
	answer := make(chan Command, 1)
	leg.mu.Lock()
	leg.last++
	c.Transaction = leg.last
	leg.waiting[c.Transaction] = answer
	leg.mu.Unlock()
	defer func() {
		leg.mu.Lock()
		delete(leg.waiting, c.Transaction)
		leg.mu.Unlock()
	}()
	payload, err := AppendCommand(nil, c)
	if err != nil {
		return nil, err
	}
	if _, err := leg.control.Write(ctx, AppendMessage(nil, MessageCommand, 0, payload), rtmfp.MessageOptions{}); err != nil {
		return nil, err
	}
	select {
	case a := <-answer:
		return answered(a)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-leg.ctx.Done():
	}
	select {
	case a := <-answer: // the service refused and hung up
		return answered(a)
	default:
		leg.mu.Lock()
		defer leg.mu.Unlock()
		return nil, leg.err
	}
}

// answered turns an answer into values or a *StatusError.
func answered(c Command) ([]amf.Value, error) {
	if c.Name == CommandResult {
		return c.Args, nil
	}
	s, ok := c.Status()
	if !ok {
		s = Status{Code: CodeCallFailed, Level: LevelError}
	}
	return nil, &StatusError{Status: s}
}
