package main

import (
	"cmp"
	"time"

	"sundog.dev/sundog/app"
	"sundog.dev/sundog/internal/phone"
)

// Conference implements app.Call. A call of two with a program like ours is a conference already; one with an old program is none.
func (c *deskCall) Conference() app.Conference {
	c.mu.Lock()
	known := c.room
	c.mu.Unlock()
	if !known {
		if c.call.Test() || c.call.Status().State == phone.Ended || !c.call.MayAdd() && len(c.call.People()) < 2 {
			return nil
		}
		c.mu.Lock()
		c.room = true
		c.mu.Unlock()
	}
	return deskRoom{c}
}

// deskRoom is a call as a conference: it implements app.Conference.
type deskRoom struct{ c *deskCall }

// State implements app.Conference.
func (r deskRoom) State() app.ConferenceState {
	c := r.c
	may := c.call.MayAdd()
	up := c.call.Uplink()
	st := app.ConferenceState{MayAdd: may, MayLink: may, Uplink: up.Summary, Shares: up.Line, Refusal: up.Refusal, Files: c.files(), Broken: c.broken()}
	for _, p := range c.call.People() {
		if p.Removable {
			st.Removable = append(st.Removable, p.ID)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	st.Hand, st.HandAt, st.Reaction = !c.handAt.IsZero(), c.handAt, c.reactionOf(app.OwnID)
	return st
}

// broken are the pairs who do not both hear each other directly, each once.
func (c *deskCall) broken() []app.BrokenLink {
	return brokenLinks(c.call.Links(), hexOf(c.call.Verification().Own))
}

// brokenLinks finds them in what the members say. A link is carried if neither end says that it is broken.
func brokenLinks(lines []phone.LinkLine, own string) []app.BrokenLink {
	ids := map[phone.Identity]string{}
	mark := func(i phone.Identity, id string) string {
		if hexOf(i) == own {
			return app.OwnID
		}
		return id
	}
	for _, l := range lines {
		ids[l.By], ids[l.With] = mark(l.By, l.ByID), mark(l.With, l.WithID)
	}
	type pair struct{ a, b string }
	worst := map[pair]phone.LinkState{}
	var order []pair
	by := map[pair]string{}
	for _, l := range lines {
		a, b := ids[l.By], ids[l.With]
		if a == "" || b == "" || l.State != phone.LinkBroken && l.State != phone.LinkCarried {
			continue
		}
		p := pair{min(a, b), max(a, b)}
		was, seen := worst[p]
		if !seen {
			order = append(order, p)
		}
		if !seen || was == phone.LinkCarried {
			worst[p] = l.State
		}
		if id := mark(l.Carrier, ids[l.Carrier]); l.State == phone.LinkCarried && id != "" {
			by[p] = cmp.Or(by[p], id)
		}
	}
	var broken []app.BrokenLink
	for _, p := range order {
		one := app.BrokenLink{A: p.a, B: p.b}
		if worst[p] == phone.LinkCarried {
			one.Carrier = by[p]
		}
		broken = append(broken, one)
	}
	return broken
}

// Add implements app.Conference.
func (r deskRoom) Add(p app.Person) error { return r.c.say(r.c.call.Add(p.ID)) }

// Remove implements app.Conference.
func (r deskRoom) Remove(id string) error { return r.c.say(r.c.call.Remove(id)) }

// Block implements app.Conference.
func (r deskRoom) Block(id string) error { return r.c.say(r.c.call.Block(id)) }

// RaiseHand implements app.Conference.
func (r deskRoom) RaiseHand(up bool) error {
	r.c.mu.Lock()
	r.c.handAt = time.Time{}
	if up {
		r.c.handAt = time.Now()
	}
	r.c.mu.Unlock()
	r.c.call.RaiseHand(up)
	return r.c.say(nil)
}

// React implements app.Conference.
func (r deskRoom) React(emoji string) error {
	err := r.c.call.React(emoji)
	if err == nil {
		r.c.mu.Lock()
		r.c.reacted[app.OwnID] = reaction{emoji, time.Now()}
		r.c.mu.Unlock()
	}
	return r.c.say(err)
}

// SetVolume implements app.Conference.
func (r deskRoom) SetVolume(id string, factor float64) error {
	r.c.mu.Lock()
	r.c.volumes[id] = factor
	r.c.mu.Unlock()
	r.c.call.SetVolume(id, factor)
	return r.c.say(nil)
}

// Link implements app.Conference.
func (r deskRoom) Link() (app.Link, error) {
	text, err := r.c.call.RoomLink()
	if err != nil {
		return app.Link{}, told(err)
	}
	return app.Link{Text: text}, nil
}
