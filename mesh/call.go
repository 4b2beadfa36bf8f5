package mesh

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"sundog.dev/sundog/rtmfp/flash"
)

// Call is one call of two. Its methods are safe for concurrent use.
//
// One goroutine (run) owns the state. It takes inputs from a bounded channel: links wait for room in it, which holds
// their far end back; the relay does not wait.
type Call struct {
	agent    *Agent
	number   int // calls of the agent in the order of their making
	incoming bool
	ownName  string
	resolve  Resolver // of a dialled call

	// Under the agent's mu.
	id    string // "" while only the relay knows of the call
	alias string // the ID that lost in glare

	inputs   chan input
	hangUp   chan struct{} // closed by HangUp
	hangOnce sync.Once
	accept   chan struct{} // capacity one: accept soon
	kick     chan struct{} // capacity one: SetSending
	finished chan struct{} // closed at the very end
	events   *eventQueue
	out      mediaOut
	in       mediaIn
	cleared  atomic.Pointer[link] // the link that sound and picture may flow over; used with proofs only
	sending  atomic.Uint32        // what SetSending said: bits sendsAudio, sendsVideo, sendsSaid

	mu       sync.Mutex
	name     string
	at       *attachment
	peerID   flash.PeerID
	status   Status
	heard    time.Time // when the far end was last heard
	link     *link
	proved   bool   // there has been a link
	member   Member // name, peer ID and proved aside
	compared Comparison
	before   statsBefore

	// The goroutine's own.
	m machine
	runner
	standing
	comparing
}

const (
	sendsAudio = 1 << iota
	sendsVideo
	sendsSaid // SetSending was called
)

func newCall(a *Agent, m machine, name string) *Call {
	c := &Call{
		agent: a, incoming: m.role == callee, ownName: a.name(), name: name, m: m,
		inputs: make(chan input, inputQueue), hangUp: make(chan struct{}), accept: make(chan struct{}, 1),
		kick: make(chan struct{}, 1), finished: make(chan struct{}), events: newEventQueue(),
	}
	c.out.call, c.in.call = c, c
	c.runner.begin(time.Now())
	return c
}

// Name is the other person's name.
func (c *Call) Name() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.name
}

// PeerID is the other end, zero until resolved.
func (c *Call) PeerID() flash.PeerID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peerID
}

// Incoming reports whether the other side called.
func (c *Call) Incoming() bool { return c.incoming }

// Proved reports whether the peer session has proved the other end's peer ID. A ring without proof says so.
func (c *Call) Proved() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.proved
}

// Status is the present state.
func (c *Call) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.status
	if s.State == Reconnecting {
		s.Silent = time.Since(c.heard)
	}
	return s
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

// SendChat sends a line of text in an established call, of at most 4000 characters (ErrChatTooLong). ErrNotInCall before,
// ErrEnded after.
func (c *Call) SendChat(text string) error {
	if utf8.RuneCountInString(text) > maxChat {
		return ErrChatTooLong
	}
	switch c.Status().State {
	case InCall, Reconnecting:
		return c.out.chat(c.ownName, text)
	case Ended:
		return ErrEnded
	default:
		return ErrNotInCall
	}
}

// SetSending tells the other side whether we now send sound and picture (mute, camera off), so that it can show it.
func (c *Call) SetSending(audio, video bool) {
	bits := uint32(sendsSaid)
	if audio {
		bits |= sendsAudio
	}
	if video {
		bits |= sendsVideo
	}
	if c.sending.Swap(bits) != bits {
		poke(c.kick)
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// over reports whether the call is over an attachment.
func (c *Call) over(at *attachment) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at == at
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

// input is something that happens to a call.
type input struct {
	kind    inputKind // 0: see the other fields
	reason  Reason
	link    *link
	sig     signal
	relayed *relayed
	target  *Target
	play    *playing
	opener  bool // from our own openPath
	proof   bool // the far end has proved its identity on the link
	policy  bool // of an invite: the policy has admitted the caller
	trouble Trouble
	again   chan<- error // CompareAgain
	err     error
}

// post gives an input to the call's goroutine and waits for room; false when the call or ctx has ended.
func (c *Call) post(ctx context.Context, in input) bool {
	select {
	case c.inputs <- in:
		return true
	case <-c.ctx.Done():
		return false
	case <-ctx.Done():
		return false
	}
}

// offer gives an input if there is room.
func (c *Call) offer(in input) {
	select {
	case c.inputs <- in:
	default:
	}
}
