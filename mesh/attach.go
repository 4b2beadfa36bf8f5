package mesh

import (
	"context"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// attachment is one NetConnection that the agent takes calls on.
type attachment struct {
	nc       *flash.NetConnection
	ctx      context.Context
	cancel   context.CancelFunc
	onStatus func(flash.Status)
	wg       sync.WaitGroup // its goroutines, links and wakes

	// Under the agent's mu.
	closed bool
	wakes  map[flash.PeerID]*wake
}

// Attach lets the agent take calls on a NetConnection: it reads its events (Next) and peers (AcceptPeer) from now on,
// until Detach, the connection's Close, or the agent's. Status events of the service leg are passed to onStatus.
func (a *Agent) Attach(nc *flash.NetConnection, onStatus func(flash.Status)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.attached[nc] != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	at := &attachment{nc: nc, ctx: ctx, cancel: cancel, onStatus: onStatus, wakes: make(map[flash.PeerID]*wake)}
	a.attached[nc] = at
	nc.SetIntroducer(a.introduces(at))
	at.wg.Go(func() { a.readEvents(at) })
	at.wg.Go(func() { a.acceptPeers(at) })
}

// Detach ends Attach and waits. Calls over the connection end.
func (a *Agent) Detach(nc *flash.NetConnection) {
	a.mu.Lock()
	at := a.attached[nc]
	if at == nil {
		a.mu.Unlock()
		return
	}
	delete(a.attached, nc)
	at.closed = true
	var over []*Call
	for c := range a.calls {
		if c.goesOver(at) {
			over = append(over, c)
		}
	}
	a.mu.Unlock()
	for _, c := range over {
		c.HangUp()
		<-c.finished
	}
	nc.SetIntroducer(nil)
	at.cancel()
	at.wg.Wait()
}

func (a *Agent) readEvents(at *attachment) {
	limit := newLimiter(relaysPerSecond, relaysBurst)
	for {
		ev, err := at.nc.Next(at.ctx)
		if err != nil {
			return
		}
		switch ev := ev.(type) {
		case flash.Status:
			if at.onStatus != nil {
				at.onStatus(ev)
			}
		case flash.Invocation:
			if r, ok := parseRelayed(ev); ok && limit.allow(time.Now()) {
				a.relayed(at, r)
			}
		}
	}
}

func (a *Agent) acceptPeers(at *attachment) {
	for {
		p, err := at.nc.AcceptPeer(at.ctx)
		if err != nil {
			return
		}
		a.linkFor(at, p)
	}
}

// linkFor is the link of a peer session, made at the first call; nil when the attachment has ended.
func (a *Agent) linkFor(at *attachment, p *flash.Peer) *link {
	a.mu.Lock()
	defer a.mu.Unlock()
	if l := a.links[p]; l != nil {
		return l
	}
	if at.closed {
		return nil
	}
	l := newLink(a, at, p)
	a.links[p] = l
	at.wg.Go(func() { l.run(at.ctx) })
	return l
}

// linkUp tells the legs to a peer that there is a session.
func (a *Agent) linkUp(l *link) {
	for _, g := range a.legsWith(l.id) {
		g.post(l.at.ctx, input{kind: inPath, link: l})
	}
}

// linkReady tells them that signals work in it.
func (a *Agent) linkReady(l *link) {
	for _, g := range a.legsWith(l.id) {
		g.post(l.at.ctx, input{kind: inLinked, link: l})
	}
}

// linkDown tells them that it has ended.
func (a *Agent) linkDown(l *link) {
	a.mu.Lock()
	delete(a.links, l.peer)
	a.mu.Unlock()
	for _, g := range a.legsWith(l.id) {
		g.post(l.at.ctx, input{kind: inPathLost, link: l})
	}
}
