package mesh

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// churn is people who come and go, on a network that breaks and heals.
type churn struct {
	*world
	rand   *rand.Rand
	phones []*phone
	calls  []*follower // each one's; nil: none
	dead   []bool
	apart  [][2]int
	log    []string
}

func (c *churn) note(format string, a ...any) { c.log = append(c.log, fmt.Sprintf(format, a...)) }

// look takes calls that have come in, and forgets those that have ended.
func (c *churn) look() {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	for i, p := range c.phones {
		for {
			call, err := p.agent.NextIncoming(now)
			if err != nil {
				break
			}
			c.calls[i] = c.follow(call)
		}
		if f := c.calls[i]; f != nil && f.Status().State == Ended {
			c.calls[i] = nil
		}
	}
}

// pick is a phone for which something holds; false if there is none.
func (c *churn) pick(holds func(i int) bool) (int, bool) {
	var all []int
	for i := range c.phones {
		if holds(i) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	return all[c.rand.IntN(len(all))], true
}

func (c *churn) step() {
	c.look()
	idle := func(i int) bool { return c.calls[i] == nil && !c.dead[i] }
	in := func(i int) bool { return c.calls[i] != nil && !c.dead[i] && c.calls[i].Status().State == InCall }
	switch n := c.rand.IntN(100); {
	case n < 45:
		who, ok := c.pick(idle)
		if !ok {
			return
		}
		if by, ok := c.pick(in); ok {
			c.note("%d adds %d: %v", by, who, c.calls[by].Add(c.phones[who].name, c.phones[by].at(c.phones[who].host)))
			return
		}
		if to, ok := c.pick(func(i int) bool { return idle(i) && i != who }); ok {
			call, err := c.phones[who].agent.Dial(c.phones[to].name, c.phones[who].at(c.phones[to].host))
			c.note("%d dials %d: %v", who, to, err)
			if err == nil {
				c.calls[who] = c.follow(call)
			}
		}
	case n < 60:
		if i, ok := c.pick(in); ok {
			c.note("%d leaves", i)
			c.calls[i].HangUp()
		}
	case n < 67:
		if i, ok := c.pick(func(i int) bool { return !c.dead[i] && !slices.Contains(c.dead, true) }); ok {
			c.note("%d is cut off", i)
			c.dead[i] = true
			c.setDead(c.phones[i].host, true)
		}
	case n < 77:
		if i, ok := c.pick(func(i int) bool { return c.dead[i] }); ok {
			c.revive(i)
		}
	case n < 88:
		pair := [2]int{c.rand.IntN(len(c.phones)), c.rand.IntN(len(c.phones))}
		if pair[0] != pair[1] {
			c.note("%v apart", pair)
			c.apart = append(c.apart, pair)
			c.setApart(c.phones[pair[0]].host, c.phones[pair[1]].host, true)
		}
	default:
		c.heal(1)
	}
}

func (c *churn) revive(i int) {
	c.note("%d is back", i)
	c.dead[i] = false
	c.setDead(c.phones[i].host, false)
}

// heal mends so many links.
func (c *churn) heal(n int) {
	for ; n > 0 && len(c.apart) > 0; n-- {
		pair := c.apart[0]
		c.note("%v heals", pair)
		c.apart = c.apart[1:]
		c.setApart(c.phones[pair[0]].host, c.phones[pair[1]].host, false)
	}
}

// rooms are the groups of those who are in one conference.
func (c *churn) rooms() []*group {
	c.look()
	rooms := map[string]*group{}
	var all []*group
	for i, f := range c.calls {
		if f == nil {
			continue
		}
		g := rooms[f.callID()]
		if g == nil {
			g = &group{w: c.world}
			rooms[f.callID()], all = g, append(all, g)
		}
		g.phones, g.calls = append(g.phones, c.phones[i]), append(g.calls, f)
	}
	return all
}

// problem says what is not as it must be in calm weather: everybody who is in a call is in a whole one. Those who have lost all
// others may be looking for them, and those who are gone may be looked for, until the room writes them off.
func (c *churn) problem(writtenOff bool) string {
	for _, g := range c.rooms() {
		switch {
		case len(g.calls) == 1 && !writtenOff && g.calls[0].Status().State == Reconnecting:
			continue
		case len(g.calls) == 1:
			return g.phones[0].name + " is alone: " + string(g.calls[0].Status().State)
		}
		problem := g.deaf
		if writtenOff {
			problem = g.apart
		}
		if p := problem(); p != "" {
			return p
		}
	}
	return ""
}

// leftovers says what there is beyond what the rosters want: for each other member one session, one stream out, which he plays, and
// one in; one media session in a call; and nothing of all that for somebody in no call.
func (c *churn) leftovers() string {
	with := make(map[*phone]*group)
	calls := make(map[*phone]*follower)
	for _, g := range c.rooms() {
		for i, p := range g.phones {
			with[p], calls[p] = g, g.calls[i]
		}
	}
	for _, p := range c.phones {
		others, open := 0, 0
		if g := with[p]; g != nil {
			others = len(g.phones) - 1
		}
		p.media.mu.Lock()
		for _, s := range p.media.sessions {
			s.mu.Lock()
			if !s.closed {
				open++
			}
			s.mu.Unlock()
		}
		p.media.mu.Unlock()
		p.agent.mu.Lock()
		links := len(p.agent.links)
		p.agent.mu.Unlock()
		switch pending := p.nc.UnconnectedPeerStreams(); {
		case len(p.nc.Peers()) != others || links != others:
			return fmt.Sprintf("%s has %d sessions and %d links with %d others", p.name, len(p.nc.Peers()), links, others)
		case len(pending) > 0:
			return fmt.Sprintf("%s holds plays that wait: %v", p.name, pending)
		case open != min(1, others):
			return fmt.Sprintf("%s has %d media sessions open", p.name, open)
		case calls[p] == nil:
			continue
		}
		var streams string
		if err := calls[p].ask(func() error {
			for _, g := range calls[p].allLegs() {
				if g.pub == nil || len(g.pub.PeerStreams()) != 1 || g.play == nil || !g.play.started {
					streams = fmt.Sprintf("%s has not one stream each way with %s", p.name, g.Name())
				}
			}
			if n := len(calls[p].allLegs()); n != others {
				streams = fmt.Sprintf("%s has %d legs to %d others", p.name, n, others)
			}
			return nil
		}); err != nil {
			return err.Error()
		}
		if streams != "" {
			return streams
		}
	}
	return ""
}

// by waits until nothing is wrong, at most so long after a moment, and says how long it took.
func (c *churn) by(since time.Time, limit time.Duration, what string, wrong func() string) {
	c.t.Helper()
	for w := wrong(); w != ""; w = wrong() {
		if time.Since(since) > limit {
			c.t.Fatalf("%s %v after the last of it: %s; it was\n%v", what, limit, w, c.log)
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.t.Logf("%s after %v", what, time.Since(since))
}

func newChurn(w *world, seed uint64) *churn {
	c := &churn{world: w, rand: rand.New(rand.NewPCG(seed, 6))}
	for i := range 5 {
		c.phones = append(c.phones, w.newPhone(fmt.Sprint("p", i), autoAccept))
		c.phones[i].media.slow = 25
	}
	c.calls, c.dead = make([]*follower, len(c.phones)), make([]bool, len(c.phones))
	return c
}

// run is a hundred events and then calm: all packets pass from that moment on, and nobody does anything any more. Sessions whose path was
// down may not know that yet.
func (c *churn) run() {
	for range 100 {
		c.step()
		time.Sleep(time.Duration(c.rand.IntN(3000)) * time.Millisecond)
	}
	c.heal(len(c.apart))
	for i := range c.dead {
		if c.dead[i] {
			c.revive(i)
		}
	}
	calm := time.Now()
	c.by(calm, 5*time.Second, "all who are in a conference hear each other, and their rosters agree,", func() string { return c.problem(false) })
	c.by(calm, 65*time.Second, "nobody is alone, or looks for somebody who has gone,", func() string { return c.problem(true) })
	c.by(time.Now(), strangerLinger+5*time.Second, "nothing is left over", c.leftovers)
}

func TestPeopleComeAndGo(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inWorld(t, func(w *world) { newChurn(w, seed).run() })
		})
	}
}
