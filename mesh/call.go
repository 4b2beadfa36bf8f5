package mesh

import (
	"context"
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// Call is a room as we see it: ourselves, and a leg (leg.go) to each other member. A call of two is a conference of two. Its
// methods are safe for concurrent use.
//
// One goroutine (run) owns the state of all legs. It takes inputs from a bounded channel: links wait for room in it, which holds
// their far end back; the relay does not wait.
type Call struct {
	agent    *Agent
	number   int // calls of the agent in the order of their making
	incoming bool
	ownName  string

	// Under the agent's mu.
	id    string // "" while only the relay knows of the call
	alias string // the ID that lost in glare

	ctx      context.Context // ends with the call
	cancel   context.CancelFunc
	wg       sync.WaitGroup // helpers: the opening of media, legs that are put away
	inputs   chan input
	hangUp   chan struct{} // closed by HangUp
	hangOnce sync.Once
	accept   chan struct{} // capacity one: accept soon
	kick     chan struct{} // capacity one: SetState
	finished chan struct{} // closed at the very end
	events   *eventQueue
	out      mediaOut
	in       mediaIn
	uplink   budgeting
	files    fileTable

	carriage carriage // packets of carried links

	mu       sync.Mutex
	at       *attachment // what all legs go over; nil: not known yet
	with     []string    // whom we are called to join
	matrix   []MemberLink
	first    *leg   // whom the call began with; nil: nobody yet
	legs     []*leg // to all others, in the order in which they came
	status   Status
	compared Comparison
	ownState OwnState // what SetState said
	stateSet bool     // it was called

	// The goroutine's own.
	opened  bool        // sound and picture, or on their way
	over    bool        // the call has ended
	stays   bool        // with nobody else in it, too
	leaving bool        // it is about to end
	conf    *conference // nil: there is none
	alone   time.Time   // since when nobody can be reached; zero: somebody can
	talk    inCall
	sharing sharing
	comparing
	carrying carrying
}

func newCall(a *Agent, m machine, name string) *Call {
	c := &Call{
		agent: a, incoming: m.role == callee, ownName: a.name(),
		inputs: make(chan input, inputQueue), hangUp: make(chan struct{}), accept: make(chan struct{}, 1),
		kick: make(chan struct{}, 1), finished: make(chan struct{}), events: newEventQueue(),
	}
	c.out.call, c.in.call = c, c
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.first = newLeg(c, m, name)
	c.legs = []*leg{c.first}
	return c
}

// beganWith is the leg to the person with whom the call began; nil: nobody yet.
func (c *Call) beganWith() *leg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first
}

// Name is the name of the person with whom the call began; empty in a room of our own until somebody comes.
func (c *Call) Name() string {
	if g := c.beganWith(); g != nil {
		return g.Name()
	}
	return ""
}

// PeerID is that person's, zero until resolved.
func (c *Call) PeerID() flash.PeerID {
	if g := c.beganWith(); g != nil {
		return g.PeerID()
	}
	return flash.PeerID{}
}

// Incoming reports whether the other side called.
func (c *Call) Incoming() bool { return c.incoming }

// Proved reports whether the peer session has proved that person's peer ID. A ring without proof says so.
func (c *Call) Proved() bool {
	g := c.beganWith()
	return g != nil && g.Proved()
}

// Status is the present state.
func (c *Call) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.status
	if s.State == Reconnecting {
		s.Silent = time.Since(c.lastHeard())
	}
	return s
}

// lastHeard is when anybody was last heard. c.mu is held.
func (c *Call) lastHeard() (t time.Time) {
	for _, g := range c.legs {
		if g.heard.After(t) {
			t = g.heard
		}
	}
	return t
}

// allLegs are the legs to all others.
func (c *Call) allLegs() []*leg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.legs)
}

// legWith is the leg to a peer; nil if there is none.
func (c *Call) legWith(id flash.PeerID) *leg {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.legs {
		if g.peerID == id {
			return g
		}
	}
	return nil
}

// Next returns the next event of the call, in order, from the first state on; one reader. io.EOF after Ended was read.
func (c *Call) Next(ctx context.Context) (Event, error) { return c.events.next(ctx) }

// Done is closed when the call has ended and its media session is closed, which may be a moment after
// Next has returned Ended.
func (c *Call) Done() <-chan struct{} { return c.finished }

// Accept takes a ringing call. ErrNotRinging in any other state, ErrEnded after the end.
func (c *Call) Accept() error {
	switch c.Status().State {
	case Ringing:
	case Ended:
		return ErrEnded
	default:
		return ErrNotRinging
	}
	c.acceptSoon()
	return nil
}

func (c *Call) acceptSoon() { poke(c.accept) }

// HangUp ends the call in any state: cancel, decline or bye, as the state says. It does not wait for the other side.
func (c *Call) HangUp() { c.hangOnce.Do(func() { close(c.hangUp) }) }

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// goesOver reports whether a leg of the call is over an attachment.
func (c *Call) goesOver(at *attachment) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at == at || slices.ContainsFunc(c.legs, func(g *leg) bool { return g.at == at })
}

// Conn is the connection that the call goes over; nil while that is not known.
func (c *Call) Conn() *flash.NetConnection {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil {
		return nil
	}
	return c.at.nc
}

// callID is the call's ID at present.
func (c *Call) callID() string {
	c.agent.mu.Lock()
	defer c.agent.mu.Unlock()
	return c.id
}

// setStatus takes a new status and tells it, once for each change.
func (c *Call) setStatus(s Status) {
	c.mu.Lock()
	changed := c.status != s
	c.status = s
	c.mu.Unlock()
	if changed {
		c.events.put(StateChanged{Status: s})
	}
}

// ask has something done by the call's goroutine.
func (c *Call) ask(do func() error) error {
	reply := make(chan error, 1)
	select {
	case c.inputs <- input{do: func() { reply <- do() }}:
	case <-c.finished:
		return ErrEnded
	}
	select {
	case err := <-reply:
		return err
	case <-c.finished:
		return ErrEnded
	}
}
