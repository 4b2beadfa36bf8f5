package mesh

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// controlMetadata marks the flows that carry our signals. Flash's own begin with "TC" (RFC 7425 §5.1.1); an old client
// rejects this one, and is known by that.
var controlMetadata = []byte("sundog-call\x01")

// rejectUnknownFlow is the exception code for flows that we have no use for (RFC 7016 §3.6.3.7 leaves codes to the user).
const rejectUnknownFlow = 1

// link is the peer session as calls see it: the session and the flow of signals in it, one each way. The session's initiator
// opens its flow, the other end answers with a flow associated as its return (RFC 7016 §2.3.11.1.2), and each begins
// with hello. Its goroutines end with the session or the attachment; done is closed then.
type link struct {
	agent  *Agent
	at     *attachment
	peer   *flash.Peer
	id     flash.PeerID
	opened time.Time
	old    bool // the session has the cryptography of old clients: it speaks none of our signals

	ready chan struct{} // closed when the far end's hello has come and ours has been sent
	done  chan struct{}
	hello signal // the far end's; valid once ready is closed
	rooms bool   // its capabilities say that it can be in a conference; likewise

	kick    chan struct{} // capacity one: users has changed
	trusted chan struct{} // closed when the far end has proved its identity

	carryFlows atomic.Int32 // that we read
	carries    carryMeter

	mu      sync.Mutex
	flow    *rtmfp.SendFlow
	last    *rtmfp.Receipt // of the newest signal
	refused bool           // the far end rejected our flow
	users   int            // calls on this link
	used    bool           // there has been a call
	proofs  proofs

	fillFlow *rtmfp.SendFlow // ours, of filler; nil: none yet
	roomFlow *rtmfp.SendFlow // ours, of room messages; nil: none yet
	roomLast *rtmfp.Receipt

	roomRefused bool            // the far end has rejected it
	fileFlow    *rtmfp.SendFlow // ours, of chunks of files; nil: none yet
	roomCall    string          // which the far end holds messages there to be about; "": none yet
}

func newLink(a *Agent, at *attachment, p *flash.Peer) *link {
	return &link{
		agent: a, at: at, peer: p, id: p.ID(), opened: time.Now(), old: p.Session().OldClients(),
		ready: make(chan struct{}), done: make(chan struct{}), kick: make(chan struct{}, 1),
		trusted: make(chan struct{}),
	}
}

// isReady reports whether our signals work on this link.
func (l *link) isReady() bool { return closed(l.ready) }

// isDone reports whether the session has ended.
func (l *link) isDone() bool { return closed(l.done) || closed(l.peer.Session().Done()) }

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// legacy reports whether the far end is an old client: it rejected our flow, or has had time enough for a hello.
func (l *link) legacy(now time.Time) bool {
	if l.isReady() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.old || l.refused || now.Sub(l.opened) >= helloWait
}

// lastHeard is when the far end was last heard.
func (l *link) lastHeard() time.Time {
	if t := l.peer.Session().Stats().LastReceived; t.After(l.opened) {
		return t
	}
	return l.opened
}

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

// use counts the calls on this link.
func (l *link) use(n int) {
	l.mu.Lock()
	l.users += n
	l.used = true
	l.mu.Unlock()
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// idleStranger reports whether the far end has opened the session and no call is on it.
func (l *link) idleStranger() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.peer.Inbound() && l.users == 0 && !l.isDone()
}

// run keeps the link until the session ends, nobody needs it any more, or the attachment ends.
func (l *link) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		l.acceptFlows(ctx, &wg)
		close(over)
	})
	l.peer.Session().SetKeepalive(keepalive)
	l.peer.Session().SetTimeout(sessionTimeout)
	if l.peer.Session().Initiator() && !l.old {
		if err := l.openFlow(nil); err == nil {
			wg.Go(func() { l.watchFlow(ctx) })
		}
	}
	l.agent.linkUp(l)
	l.untilUnused(ctx, over)
	_ = l.peer.Close() // it may have ended by itself
	cancel()
	wg.Wait()
	close(l.done)
	l.agent.linkDown(l)
}

// untilUnused returns when the session ends, or has had no call for a while.
func (l *link) untilUnused(ctx context.Context, over <-chan struct{}) {
	idle := time.NewTimer(strangerLinger)
	defer idle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.peer.Session().Done():
			return
		case <-over: // the peer was replaced by a newer session
			return
		case <-idle.C:
			l.mu.Lock()
			users := l.users
			l.mu.Unlock()
			if users == 0 {
				return
			}
		case <-l.kick:
			l.mu.Lock()
			if l.users > 0 {
				idle.Stop()
			} else if l.used {
				idle.Reset(linger)
			}
			l.mu.Unlock()
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

// acceptFlows takes the one control flow, those of room messages, of chunks and of filler, and refuses all others, until the peer has
// ended. wg counts the readers.
func (l *link) acceptFlows(ctx context.Context, wg *sync.WaitGroup) {
	have, haveRoom, haveFiles, haveFiller := false, false, false, false
	for {
		f, err := l.peer.AcceptFlow(ctx)
		if err != nil {
			return
		}
		if l.proves() && !haveRoom && bytes.Equal(f.Metadata(), roomMetadata) {
			haveRoom = true
			wg.Go(func() { l.readRoom(ctx, f) })
			continue
		}
		if h, ok := parseCarry(f.Metadata()); ok && l.proves() && l.carryFlows.Load() < maxCarryFlows {
			l.carryFlows.Add(1)
			wg.Go(func() { l.readCarried(ctx, f, h) })
			continue
		}
		if l.proves() && !haveFiles && bytes.Equal(f.Metadata(), fileMetadata) {
			haveFiles = true
			wg.Go(func() { l.readFiles(ctx, f) })
			continue
		}
		if l.proves() && !haveFiller && bytes.Equal(f.Metadata(), fillMetadata) {
			haveFiller = true
			wg.Go(func() { l.readFiller(ctx, f) })
			continue
		}
		if have || l.old || !bytes.Equal(f.Metadata(), controlMetadata) {
			f.Reject(rejectUnknownFlow)
			continue
		}
		if l.peer.Session().Initiator() {
			l.mu.Lock()
			ours := l.flow
			l.mu.Unlock()
			if ours == nil || f.ReturnOf() != ours {
				f.Reject(rejectUnknownFlow)
				continue
			}
		} else if err := l.openFlow(f); err != nil {
			return
		}
		have = true
		wg.Go(func() { l.read(ctx, f) })
	}
}

// read takes the far end's signals in order. It reads no faster than the limit, and no faster than the calls take them: the
// flow's window then holds the far end back.
func (l *link) read(ctx context.Context, f *rtmfp.RecvFlow) {
	limit := newLimiter(signalsPerSecond, signalsBurst, time.Now())
	invites := newLimiter(invitesPerMinute/60.0, invitesBurst, time.Now())
	for {
		b, err := f.Read(ctx)
		if err != nil {
			return
		}
		if d := limit.wait(time.Now()); d > 0 && !sleep(ctx, d) {
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

// sleep waits for d, or until ctx ends and then returns false.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
