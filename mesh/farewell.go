package mesh

import (
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// Somebody who leaves a conference while nobody hears him is sought by the others until the room writes him off. So he keeps his last
// word for them, and says it to whoever comes to look for him.

// lastWords are what we say to members of a room that we have left.
type lastWords struct {
	words [][]byte  // our record of the room, with a card that says that we have left
	until time.Time // kept so long
	told  map[flash.PeerID]bool
}

// sayFarewell leaves the room, if we are in it, and keeps our last word.
func (c *Call) sayFarewell(now time.Time) {
	if !c.conf.in() {
		return
	}
	c.deliverRoom(c.conf.roster.Leave(now))
	a, id := c.agent, c.callID()
	a.mu.Lock()
	defer a.mu.Unlock()
	oldest := id
	for other, f := range a.farewells {
		if now.After(f.until) {
			delete(a.farewells, other)
		} else if o := a.farewells[oldest]; o == nil || f.until.Before(o.until) {
			oldest = other
		}
	}
	if len(a.farewells) >= maxFarewells {
		delete(a.farewells, oldest)
	}
	a.farewells[id] = &lastWords{words: c.conf.roster.LastWord(), until: now.Add(farewellKept), told: make(map[flash.PeerID]bool)}
}

// bidFarewell tells somebody who believes us to be in a room that we have left it; false: we have not been in it, or he was told and
// asks all the same.
func (a *Agent) bidFarewell(l *link, id string) bool {
	a.mu.Lock()
	f := a.farewells[id]
	again := f == nil || time.Now().After(f.until) || f.told[l.id]
	if !again && len(f.told) < maxFarewellsTold {
		f.told[l.id] = true
	}
	a.mu.Unlock()
	if again || l.prove() != nil {
		return false
	}
	for _, b := range f.words {
		if err := l.sendRoom(id, b); err != nil {
			return false
		}
	}
	return true
}
