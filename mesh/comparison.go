package mesh

import (
	"encoding/hex"
	"reflect"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/room"
	"sundog.dev/sundog/mesh/trust"
)

// Comparison is the comparison of short strings in a call (package trust): one string for all members.
type Comparison struct {
	State   trust.State       // Idle also while a member has proved no identity, and where Config.Compare is off
	String  trust.ShortString // once State is Compared: words and emoji to read aloud
	Attempt int               // of the present members, from 1; 0 before the first
	Failure trust.Failure     // why the last attempt failed; its Reason is empty if none has
	Asked   bool              // a member has begun another attempt, which waits for our user's CompareAgain
	// Unproved are members without an identity (old clients, or not proved yet): there is no string while there are any.
	Unproved []Member
}

// Comparison tells how the comparison stands. After the call's end it is the last one.
func (c *Call) Comparison() Comparison {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.compared
	if s.State == "" {
		s.State = trust.Idle
	}
	for _, g := range c.legs {
		if g.member.Identity == (trust.Identity{}) && (len(c.legs) == 1 || g.status.State.established()) {
			s.Unproved = append(s.Unproved, g.memberNow())
		}
	}
	return s
}

// CompareAgain begins another attempt because the user asks for it, or takes part in the one that another member has begun.
// ErrNotInCall before the call is established, ErrEnded after its end, trust.ErrRoster while a member has proved no identity,
// trust.ErrAttempt after too many.
func (c *Call) CompareAgain() error {
	return c.ask(func() error { return c.startAgain(time.Now()) })
}

// comparing is the call's part in the comparison; the call's goroutine's own.
type comparing struct {
	exchange *trust.Exchange
	callID   string // of the exchange
	asked    bool   // the user wants it, where Config.Compare is off
	wanted   []trust.Member
	wantedAt time.Time // the members are these since
}

// compare goes on with the comparison: when the call is established, when the members have changed, and at each tick.
func (c *Call) compare(now time.Time) {
	x := c.exchanging()
	if x == nil {
		return
	}
	if c.agent.cfg.Compare || c.asked {
		sends, err := x.SetRoster(now, c.settled(now))
		if err != nil {
			c.agent.log.Warn("these members cannot compare", "error", err)
		}
		c.deliver(sends)
	}
	c.deliver(x.Tick(now))
	c.tellComparison()
}

// settled is the roster, once it has been the same for a moment; nil before, so that the former string does not stand any more. Where
// sixteen gather, each newcomer makes another roster, and an attempt for each would be three megabytes from everybody.
func (c *Call) settled(now time.Time) []trust.Member {
	all := c.roster()
	if !slices.Equal(all, c.wanted) {
		c.wanted, c.wantedAt = all, now
	}
	if len(all) > 2 && now.Sub(c.wantedAt) < rosterSettles {
		return nil
	}
	return all
}

// exchanging is the exchange of an established call with an ID that both ends know; nil: not yet. In glare that is the ID
// of the call that has remained.
func (c *Call) exchanging() *trust.Exchange {
	if c.agent.cfg.Identity == nil || !c.bothAccepted() {
		return nil
	}
	id := c.callID()
	if c.exchange != nil && id == c.comparing.callID {
		return c.exchange
	}
	var call trust.CallID
	if n, err := hex.Decode(call[:], []byte(id)); err != nil || n != len(call) {
		return nil
	}
	x, err := trust.NewExchange(trust.ExchangeConfig{Call: call, Key: c.agent.cfg.Identity, Reaches: c.reaches})
	if err != nil {
		c.agent.log.Warn("nothing can be compared", "error", err)
		return nil
	}
	c.exchange, c.comparing.callID = x, id
	return x
}

// reaches reports whether a member's messages reach another without our passing them on, as far as both have reported.
func (c *Call) reaches(a, b trust.Identity) bool {
	return c.conf.in() && c.conf.links.Hear(time.Now(), a, b)
}

// roster is all members of the call, ourselves included; nil while one of them has proved no identity, or we are none.
func (c *Call) roster() []trust.Member {
	if c.conf.in() && !c.conf.alone() {
		if c.conf.roster.Standing(c.agent.identity) != room.Present {
			return nil // one too many, for a moment or for good
		}
		return c.conf.roster.ShortStringMembers()
	}
	all := []trust.Member{{Identity: c.agent.identity, PeerID: c.at.nc.NearID()}}
	for _, g := range c.allLegs() {
		if !g.m.bothAccepted() {
			continue
		}
		m := g.asMember()
		if m.Identity == (trust.Identity{}) {
			return nil
		}
		all = append(all, trust.Member{Identity: m.Identity, PeerID: m.PeerID})
	}
	return all
}

// bothAccepted reports whether ourselves and another member have accepted.
func (c *Call) bothAccepted() bool {
	return slices.ContainsFunc(c.allLegs(), func(g *leg) bool { return g.m.bothAccepted() })
}

// linkedMember gives a member who can be reached (again) what he may have missed.
func (c *Call) linkedMember(g *leg) {
	if c.exchange != nil {
		c.deliver(c.exchange.Linked(time.Now(), g.identity))
		c.tellComparison()
	}
}

// takeCompare takes a step of the comparison from the member at the other end of a link.
func (c *Call) takeCompare(g *leg, l *link, message []byte) {
	x := c.exchanging()
	if x == nil || l != g.good {
		return
	}
	now := time.Now()
	sends, err := x.Handle(now, l.identity(), message)
	if err != nil {
		c.agent.log.Debug("a step of the comparison was refused", "error", err)
	}
	c.deliver(sends)
	c.tellComparison()
}

// startAgain begins another attempt, or takes part in one, as the user wants.
func (c *Call) startAgain(now time.Time) error {
	x := c.exchanging()
	if x == nil || c.Status().State == Connecting {
		if c.agent.cfg.Identity == nil && c.bothAccepted() {
			return trust.ErrRoster
		}
		return ErrNotInCall
	}
	first := !c.agent.cfg.Compare && !c.asked
	if c.roster() == nil {
		return trust.ErrRoster
	}
	c.asked = true
	if first {
		c.compare(now)
		return nil
	}
	sends, err := x.Start(now)
	c.deliver(sends)
	c.tellComparison()
	return err
}

// deliver sends messages of the exchange to those members who can be reached; the others get them when they are linked again.
func (c *Call) deliver(sends []trust.Send) {
	for _, s := range sends {
		c.each(func(g *leg) {
			if g.m.bothAccepted() && g.good != nil && g.good == g.link && slices.Contains(s.To, g.identity) {
				g.tell(signal{kind: sigCompare, message: s.Message})
			}
		})
	}
}

// tellComparison takes how the comparison stands, and says so if that has changed.
func (c *Call) tellComparison() {
	x := c.exchange
	now := Comparison{State: x.State(), Attempt: x.Attempt(), Failure: x.Failure(), Asked: x.Asked()}
	now.String, _ = x.ShortString()
	c.mu.Lock()
	changed := !reflect.DeepEqual(c.compared, now)
	c.compared = now
	c.mu.Unlock()
	if changed {
		c.events.put(ComparisonChanged{c.Comparison()})
	}
}
