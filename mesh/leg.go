package mesh

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/rtmfp/flash"
)

// leg is our side of a call towards one other member: the state machine (transition.go), the way there (path.go), who is at its
// end (examine.go), the streams both ways (streams.go). The call's goroutine owns it.
type leg struct {
	call    *Call
	agent   *Agent
	resolve Resolver // of somebody we call

	out     legOut
	in      legIn
	cleared atomic.Pointer[link] // the link that sound and picture may flow over; used with proofs only

	// Under the call's mu.
	name   string
	at     *attachment
	peerID flash.PeerID
	status Status
	heard  time.Time // when the far end was last heard
	link   *link
	proved bool   // there has been a link
	absent bool   // the far end is no member: the room has written it off and it is sought all the same, or it asks to be let in
	member Member // name, peer ID and proved aside
	before statsBefore
	says   MemberState // what the far end has said about itself; zero: nothing

	// The goroutine's own.
	m machine
	runner
	standing
}

// runner is what belongs to the call's goroutine alone, the links to the leg's helpers aside.
type runner struct {
	ctx    context.Context // ends with the leg
	cancel context.CancelFunc
	wg     sync.WaitGroup // helpers: resolver, opening of sessions, readers
	target Target

	farAddr   netip.AddrPort // where the far end was last
	opening   bool           // a helper opens the peer session
	pathError error
	reopen    time.Time // not before
	joins     bool      // it is one between members, for which nobody is asked
	entrance  bool      // and the one through which we come in
	private   bool      // its streams have names of their own, which no old client knows
	spoken    bool      // the far end has said something to the room
	wasIn     bool      // the far end has been a member
	knocks    bool      // it has asked to be let in: it is not sought if it goes
	invited   bool      // our invite went by session
	wasReady  bool      // our signals have worked in this call: relayed ones do not count any more
	accepted  bool      // an old client's accept, until we know that it is one

	began    time.Time     // dialled or ringing since
	sought   time.Time     // without a session since; zero while there is one or nobody seeks
	entered  time.Time     // in the state since
	lost     time.Time     // last heard, when Reconnecting began
	lostLink *link         // on this link
	slowest  time.Duration // the highest round trip time since our last report of links
	linkedOn *link         // the table knows of this one as linked
	uninvite time.Time     // the far end said hello, and invites by relay only, since

	pub      *flash.PublishStream
	unwatch  context.CancelFunc // of its watcher
	play     *playing
	playSoon time.Time // play again then

	joinTold  time.Time // when we last said join
	joinOn    *link     // we have said join on this one
	farJoined *link     // the far end has
	farOK     *link     // and that it holds us for a member
	roomOn    *link     // the room knows of this one
	ticket    []byte    // the invitation that brings the far end in
	broughtAt time.Time // when it was last sent

	talking
	uplink legUplink
}

func newLeg(c *Call, m machine, name string) *leg {
	now := time.Now()
	g := &leg{call: c, agent: c.agent, name: name, m: m}
	g.uplink.path = newPathRate()
	c.out.add(&g.out)
	g.ctx, g.cancel = context.WithCancel(c.ctx)
	g.began, g.entered = now, now
	return g
}

// Name is the other person's name.
func (g *leg) Name() string {
	g.call.mu.Lock()
	defer g.call.mu.Unlock()
	return g.name
}

// PeerID is the other end, zero until resolved.
func (g *leg) PeerID() flash.PeerID {
	g.call.mu.Lock()
	defer g.call.mu.Unlock()
	return g.peerID
}

// Proved reports whether a peer session has proved the peer ID.
func (g *leg) Proved() bool {
	g.call.mu.Lock()
	defer g.call.mu.Unlock()
	return g.proved
}

// Status is the leg's own state.
func (g *leg) Status() Status {
	g.call.mu.Lock()
	defer g.call.mu.Unlock()
	return g.status
}

// setStatus takes the leg's new status, and for the call.
func (g *leg) setStatus(s Status) {
	g.call.mu.Lock()
	g.status = s
	g.call.mu.Unlock()
	g.call.legChanged(g, s)
}

// input is something that happens to a leg, or to the call.
type input struct {
	leg     *leg
	kind    inputKind // 0: see the other fields
	reason  Reason
	link    *link
	sig     signal
	relayed *relayed
	target  *Target
	play    *playing
	room    []byte               // a room message
	inCall  incall.Message       // one of the in-call protocol
	do      func()               // what the user wants of the call
	knock   *link                // somebody with whom there is no leg says join
	watched *flash.PublishStream // somebody plays it, or does no more
	opener  bool                 // from our own openPath
	proof   bool                 // the far end has proved its identity on the link
	policy  bool                 // of an invite: the policy has admitted the caller
	trouble Trouble
	err     error
}

// post is that of a leg, for what is for none of them.
func (c *Call) post(ctx context.Context, in input) {
	select {
	case c.inputs <- in:
	case <-c.ctx.Done():
	case <-ctx.Done():
	}
}

// post gives an input to the call's goroutine and waits for room; false when the leg or ctx has ended.
func (g *leg) post(ctx context.Context, in input) bool {
	in.leg = g
	select {
	case g.call.inputs <- in:
		return true
	case <-g.ctx.Done():
		return false
	case <-ctx.Done():
		return false
	}
}

// offer gives an input if there is room.
func (g *leg) offer(in input) {
	in.leg = g
	select {
	case g.call.inputs <- in:
	default:
	}
}
