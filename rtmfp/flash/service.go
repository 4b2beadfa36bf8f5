package flash

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

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
	barrier *barrier      // of all flows from the service
	syncIDs atomic.Uint32 // of the barriers across ours

	mu        sync.Mutex
	encoding  ObjectEncoding
	info      amf.Object // of connect's _result
	last      float64    // transaction
	waiting   map[float64]chan Command
	flows     int             // control flows that the service has opened
	canonical *rtmfp.RecvFlow // the first of them
	streams   map[uint32]*NetStream
	err       error // why the leg has ended
}

// newServiceLeg opens the control flow and starts the leg's goroutines.
func (nc *NetConnection) newServiceLeg(session *rtmfp.Session) (*serviceLeg, error) {
	control, err := session.OpenFlow(AppendMetadata(nil, 0, false), rtmfp.FlowOptions{Priority: rtmfp.PriorityData})
	if err != nil {
		return nil, err
	}
	leg := &serviceLeg{
		nc: nc, session: session, control: control, barrier: newBarrier(),
		waiting: make(map[float64]chan Command), streams: make(map[uint32]*NetStream),
	}
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

// failure is why the leg has ended; nil while it lasts.
func (leg *serviceLeg) failure() error {
	leg.mu.Lock()
	defer leg.mu.Unlock()
	return leg.err
}

// acceptFlows accepts the service's flows, all of them in return of our control flow: for stream 0, and for our streams (RFC
// 7425 §5.3.2, §5.3.5.2).
func (leg *serviceLeg) acceptFlows() {
	for {
		f, err := leg.session.AcceptFlow(leg.ctx)
		if err != nil {
			return // watch ends the leg
		}
		if !leg.acceptFlow(f) {
			f.Reject(rejectCode)
		}
	}
}

func (leg *serviceLeg) acceptFlow(f *rtmfp.RecvFlow) bool {
	id, networkOrder, err := ParseMetadata(f.Metadata())
	if err != nil || f.ReturnOf() != leg.control {
		return false
	}
	leg.mu.Lock()
	stream := leg.streams[id]
	canonical := leg.canonical == nil
	switch {
	case id != 0:
		leg.mu.Unlock()
		return stream != nil && stream.in.add(f, networkOrder)
	case leg.flows >= maxServiceFlows:
		leg.mu.Unlock()
		return false
	case canonical:
		leg.canonical = f
	}
	leg.flows++
	leg.mu.Unlock()
	leg.nc.running.Go(func() {
		leg.read(f, canonical)
		leg.mu.Lock()
		leg.flows--
		leg.mu.Unlock()
	})
	return true
}

// canonicalFlow is the service's first control flow, to which our streams' flows are associated (RFC 7425 §5.3.2). An answer
// came by it or by a later one, so it is there once connect is answered.
func (leg *serviceLeg) canonicalFlow() *rtmfp.RecvFlow {
	leg.mu.Lock()
	defer leg.mu.Unlock()
	return leg.canonical
}

// agree notes what connect's _result says.
func (leg *serviceLeg) agree(asked ObjectEncoding, result []amf.Value) {
	for _, v := range result {
		if info, ok := amf.Members(v); ok {
			leg.mu.Lock()
			defer leg.mu.Unlock()
			leg.info, leg.encoding = info, answeredEncoding(asked, info)
			return
		}
	}
}

// agreed is what connect has agreed upon: the object encoding, and the info object of the service.
func (leg *serviceLeg) agreed() (ObjectEncoding, amf.Object) {
	leg.mu.Lock()
	defer leg.mu.Unlock()
	return leg.encoding, leg.info
}

func (leg *serviceLeg) addStream(s *NetStream) error {
	leg.mu.Lock()
	defer leg.mu.Unlock()
	switch {
	case leg.err != nil:
		return leg.err
	case leg.streams[s.id] != nil:
		return ErrMalformedMessage // the service gave an ID twice
	case len(leg.streams) >= maxNetStreams:
		return rtmfp.ErrTooMany
	}
	leg.streams[s.id] = s
	return nil
}

func (leg *serviceLeg) removeStream(s *NetStream) {
	leg.mu.Lock()
	defer leg.mu.Unlock()
	if leg.streams[s.id] == s {
		delete(leg.streams, s.id)
	}
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
		m, err := ParseMessage(b)
		if err != nil {
			continue
		}
		if err := leg.handle(m); err != nil {
			return
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
	encoding, _ := leg.agreed()
	message, err := AppendCommandMessage(nil, encoding, c)
	if err != nil {
		return nil, err
	}
	if _, err := leg.control.Write(ctx, message, rtmfp.MessageOptions{}); err != nil {
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
		return nil, leg.failure()
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
