package mesh

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

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
