package mesh

import (
	"context"
	"slices"
	"strings"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// controlMetadata marks the flows that carry our signals. Flash's own begin with "TC" (RFC 7425 §5.1.1); an old client
// rejects this one, and is known by that.
var controlMetadata = []byte("sundog-call\x01")

// send queues a signal; it never blocks. A far end that has not acknowledged controlBuffer bytes gets no more.
func (l *link) send(s signal) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write(s)
}

// write is send with l.mu held.
func (l *link) write(s signal) error {
	b, err := s.append(nil)
	if err != nil {
		return err
	}
	if l.flow == nil {
		return ErrNotInCall
	}
	r, err := l.flow.Write(endedContext, b, rtmfp.MessageOptions{})
	if err == nil {
		l.last = r
	}
	return err
}

// endedContext makes a flow's Write fail instead of blocking.
var endedContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// flush waits until the signals sent so far are delivered, for farewell at most.
func (l *link) flush() {
	l.mu.Lock()
	last := []*rtmfp.Receipt{l.last, l.roomLast}
	l.mu.Unlock()
	t := time.NewTimer(farewell)
	defer t.Stop()
	for _, r := range last {
		if r == nil {
			continue
		}
		select {
		case <-r.Done():
		case <-l.done:
			return
		case <-t.C:
			return
		}
	}
}

// openFlow opens our flow and says hello on it.
func (l *link) openFlow(returnOf *rtmfp.RecvFlow) error {
	flow, err := l.peer.Session().OpenFlow(controlMetadata, rtmfp.FlowOptions{
		Priority: rtmfp.PriorityControl, ReturnOf: returnOf, Buffer: controlBuffer,
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.flow = flow
	l.mu.Unlock()
	name := ""
	if returnOf == nil {
		name = l.agent.name() // who opens the session may be any stranger, and knows whom it wants
	}
	return l.send(signal{
		kind: sigHello, version: signalVersion, name: name,
		capabilities: ourCapabilities, epoch: l.agent.clock.epoch,
	})
}

// watchFlow notes when the far end rejects our flow.
func (l *link) watchFlow(ctx context.Context) {
	l.mu.Lock()
	flow := l.flow
	l.mu.Unlock()
	select {
	case <-flow.Done():
		l.mu.Lock()
		l.refused = true
		l.mu.Unlock()
	case <-ctx.Done():
	}
}

// read takes the far end's signals in order. It reads no faster than the limit, and no faster than the calls take them: the
// flow's window then holds the far end back.
func (l *link) read(ctx context.Context, f *rtmfp.RecvFlow) {
	limit := newLimiter(signalsPerSecond, signalsBurst)
	invites := newLimiter(invitesPerMinute/60.0, invitesBurst)
	for {
		b, err := f.Read(ctx)
		if err != nil {
			return
		}
		if !limit.pause(ctx) {
			return
		}
		s, err := parseSignal(b)
		switch {
		case err != nil:
			l.agent.log.Debug("signal ignored", "peer", l.id.String(), "error", err)
		case s.kind == sigHello:
			if !l.isReady() {
				l.hello, l.rooms = s, slices.Contains(strings.Fields(s.capabilities), roomCapability)
				close(l.ready)
				l.agent.linkReady(l)
			}
		case !l.isReady():
			// Nothing counts before hello.
		case s.kind == sigProof:
			if err := l.takeProof(s.message); err != nil {
				l.refuseProof(ctx, f, err)
				return
			}
			l.agent.farProved(ctx, l)
		case s.kind == sigInvite:
			if invites.allow(time.Now()) {
				l.agent.invited(ctx, l, s)
			}
		default:
			l.agent.signalled(ctx, l, s)
		}
	}
}
