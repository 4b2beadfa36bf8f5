package middle

import (
	"context"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

const (
	// tick is the resolution of what he does later.
	tick = 50 * time.Millisecond
	// grace is how long one phone's session may be gone before he closes the other's: until the last signals are there.
	grace = 200 * time.Millisecond
	// idle is how long he remembers a call that has no session.
	idle = 5 * time.Second
	// reopenPause is between attempts to open a session with a phone.
	reopenPause = time.Second
	// maxInbox bounds what waits for a call's goroutine.
	maxInbox = 256
	// maxNotes bounds the record of a call.
	maxNotes = 2000
)

// Call is what two phones take for a call with each other. One goroutine (run) has it for its own; Seen tells others.
type Call struct {
	m      *Middle
	begin  func(*Call) tactic
	legs   [2]*leg // of who calls, and of who is called
	tactic tactic
	inbox  chan func()
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	done   chan struct{}

	began     time.Time
	alive     time.Time // when there last was a session, or a signal over the service
	opening   bool
	postponed []postponed

	mu   sync.Mutex
	over bool
	seen Seen
}

type postponed struct {
	at time.Time
	do func()
}

// Seen is what he has seen and achieved in a call.
type Seen struct {
	Caller, Callee string
	Strategy       string
	// Identities are whom the caller and the callee have proved to be, in hex; "" if they have not.
	Identities [2]string
	// Strings are what the phones show, as far as he could work that out: the caller's and the callee's.
	Strings [2]string
	// Guesses are how often he could compare two strings before the phones' users saw them.
	Guesses int
	// Notes are what happened, in order.
	Notes []string
}

func newCall(m *Middle, s Strategy, caller, callee *leg) *Call {
	c := &Call{
		m: m, begin: s.begin, legs: [2]*leg{caller, callee}, inbox: make(chan func(), maxInbox), done: make(chan struct{}),
		began: time.Now(), alive: time.Now(),
		seen: Seen{Caller: caller.name, Callee: callee.name, Strategy: s.Name},
	}
	caller.call, callee.call, caller.caller = c, c, true
	c.ctx, c.cancel = context.WithCancel(m.ctx)
	return c
}

// run does what is posted until both sessions have ended.
func (c *Call) run() {
	defer close(c.done)
	c.tactic = c.begin(c)
	clock := time.NewTicker(tick)
	defer clock.Stop()
	for running := true; running; {
		select {
		case do := <-c.inbox:
			do()
		case <-clock.C:
			running = c.tick(time.Now())
		case <-c.ctx.Done():
			running = false
		}
	}
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	c.cancel()
	for _, l := range c.legs {
		if l.peer != nil {
			l.detach(l.peer)
		}
	}
	c.wg.Wait()
	c.m.over(c)
}

// post has something done by the call's goroutine; false when the call is over.
func (c *Call) post(do func()) bool {
	select {
	case c.inbox <- do:
		return true
	case <-c.ctx.Done():
		return false
	}
}

// later has it done after a while.
func (c *Call) later(d time.Duration, do func()) {
	c.postponed = append(c.postponed, postponed{time.Now().Add(d), do})
}

// tick does what is due; false when the call is over.
func (c *Call) tick(now time.Time) bool {
	due := c.postponed
	c.postponed = nil
	for i, p := range due {
		if now.Before(p.at) {
			c.postponed = append(c.postponed, due[i])
		} else {
			p.do()
		}
	}
	c.tactic.tick(now)
	if c.legs[0].peer != nil || c.legs[1].peer != nil {
		c.alive = now
	}
	return now.Sub(c.alive) < idle
}

func (c *Call) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// Done is closed when both phones' sessions have ended.
func (c *Call) Done() <-chan struct{} { return c.done }

// Seen is what he has seen so far.
func (c *Call) Seen() Seen {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.seen
	s.Notes = slices.Clone(s.Notes)
	return s
}

// note records what happened at a phone.
func (c *Call) note(l *leg, what string) {
	c.m.log.Debug("in the middle", "phone", l.name, "what", what)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.seen.Notes) < maxNotes {
		c.seen.Notes = append(c.seen.Notes, time.Since(c.began).Round(time.Millisecond).String()+" "+l.name+" "+what)
	}
}

// at is a leg's place: 0 the caller's, 1 the callee's.
func (c *Call) at(l *leg) int { return slices.Index(c.legs[:], l) }

func (c *Call) legOf(id flash.PeerID) *leg {
	if c.legs[1].far == id {
		return c.legs[1]
	}
	return c.legs[0]
}

// openOther opens the session with the other phone, unless there is one. That phone may do so too.
func (c *Call) openOther(l *leg) {
	o := l.other()
	if o.peer != nil || c.opening {
		return
	}
	c.opening = true
	c.wg.Go(func() {
		for {
			p, err := o.face.nc.OpenPeer(c.ctx, o.far)
			if err == nil {
				c.post(func() { c.opening = false; o.attach(p) })
				return
			}
			pause := time.NewTimer(reopenPause)
			select {
			case <-pause.C:
			case <-c.ctx.Done():
				pause.Stop()
				return
			}
		}
	})
}

// relayed passes on a signal that came over the service: action and name.
func (c *Call) relayed(from *leg, args []amf.Value) {
	c.alive = time.Now()
	o := from.other()
	action, _ := args[0].(string)
	c.note(from, "→ relay "+action)
	if !c.tactic.relayed(from, action) {
		return
	}
	if err := o.face.nc.Invoke("relay", append([]amf.Value{o.far.String()}, args...)...); err != nil {
		c.m.log.Info("not relayed", "error", err)
	}
}

// heard takes a signal of a phone.
func (c *Call) heard(from *leg, s Signal) {
	c.note(from, "→ "+s.kindOf())
	c.m.remember(from, s)
	if s.Kind == kindProof && from.takeProof(s) {
		c.mu.Lock()
		c.seen.Identities[c.at(from)] = hex.EncodeToString(from.proved[:])
		c.mu.Unlock()
	}
	c.tactic.heard(from, s)
}

// shows notes what string a phone shows.
func (c *Call) shows(l *leg, s trust.ShortString) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen.Strings[c.at(l)] = s.String()
}

// guessed counts a guess.
func (c *Call) guessed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen.Guesses++
}
