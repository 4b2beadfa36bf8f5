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

// problem says what is not as it must be in calm weather: everybody who is in a call is in a whole one. Those who have lost all
// others may be looking for them, and those who are gone may be looked for, until the room writes them off.
func (c *churn) problem(writtenOff bool) string {
	c.look()
	rooms := map[string]*group{}
	for i, f := range c.calls {
		if f == nil {
			continue
		}
		id := f.callID()
		if rooms[id] == nil {
			rooms[id] = &group{w: c.world}
		}
		rooms[id].phones = append(rooms[id].phones, c.phones[i])
		rooms[id].calls = append(rooms[id].calls, f)
	}
	for _, g := range rooms {
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

func TestPeopleComeAndGo(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inWorld(t, func(w *world) {
				c := &churn{world: w, rand: rand.New(rand.NewPCG(seed, 6))}
				for i := range 5 {
					c.phones = append(c.phones, w.newPhone(fmt.Sprint("p", i), autoAccept))
					c.phones[i].media.slow = 25
				}
				c.calls, c.dead = make([]*follower, len(c.phones)), make([]bool, len(c.phones))
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
				for _, w := range []struct {
					off   bool
					after time.Duration
				}{{false, 40 * time.Second}, {true, 100 * time.Second}} {
					for c.problem(w.off) != "" {
						if time.Since(calm) > w.after {
							t.Fatalf("%v after the last of it: %s; it was\n%v", w.after, c.problem(w.off), c.log)
						}
						time.Sleep(250 * time.Millisecond)
					}
					t.Logf("%v after %v", w.off, time.Since(calm))
				}
				t.Logf("calm after %v: %d in %v", time.Since(calm), len(slices.DeleteFunc(slices.Clone(c.calls), func(f *follower) bool { return f == nil })), len(c.log))
			})
		})
	}
}
