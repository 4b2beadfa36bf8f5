package middle

import (
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// guesser finds out both strings before the phones do, since he reveals last, and breaks off what does not fit: he begins the next
// attempt with the phone that has made fewer. Each of a phone's reveals that he can hold against the other's present one is a guess.
type guesser struct {
	ownKeys
	attempts [2]*byHand
	broken   func(*guesser)
}

func newGuesser(c *Call, broken func(*guesser)) *guesser {
	g := &guesser{ownKeys: ownKeys{call: c}, broken: broken}
	g.compare = g.take
	return g
}

// GuessesAgain begins new attempts in the sessions that there are.
var GuessesAgain = Strategy{
	"guesses again", "breaks off when the strings differ, and begins another attempt",
	func(c *Call) tactic { return newGuesser(c, (*guesser).nextAttempt) },
}

// GuessesInNewSessions ends both sessions instead, and the phones come back.
var GuessesInNewSessions = Strategy{
	"guesses in new sessions", "breaks the sessions when the strings differ",
	func(c *Call) tactic { return newGuesser(c, (*guesser).breakSessions) },
}

func (g *guesser) take(from *leg, s Signal) {
	value, ok := valueOf(s)
	if !ok || from.proved == (trust.Identity{}) {
		return
	}
	h := g.attempts[g.call.at(from)]
	switch s.Data[0] {
	case typeCommitment:
		if h == nil || h.call != s.Call || h.attempt != attemptOf(s) {
			g.begin(from, s.Call, attemptOf(s))
		}
	case typeReveal:
		if h == nil || h.attempt != attemptOf(s) || h.theirs != nil {
			return
		}
		h.theirs = &value
		g.guess()
	}
}

func (g *guesser) begin(with *leg, call string, attempt uint32) {
	h := newAttempt(with, call, attempt)
	g.attempts[g.call.at(with)] = h
	with.send(h.commitment())
}

// guess compares the strings that the phones would show now.
func (g *guesser) guess() {
	for _, h := range g.attempts {
		if h == nil || h.theirs == nil {
			return
		}
	}
	g.call.guessed()
	if g.attempts[0].shortString().String() != g.attempts[1].shortString().String() {
		g.broken(g)
		return
	}
	for _, h := range g.attempts { // he has won
		g.call.shows(h.leg, h.shortString())
		h.leg.send(h.reveal())
	}
}

// nextAttempt begins another one with the phone that has made fewer.
func (g *guesser) nextAttempt() {
	h := g.attempts[0]
	if g.attempts[1].attempt < h.attempt {
		h = g.attempts[1]
	}
	g.begin(h.leg, h.call, h.attempt+1)
}

// settled is how long a call takes at most until it is established.
const settled = 2 * time.Second

// breakSessions ends both sessions without a word. The phones come back, and begin the next attempt when they have waited enough.
func (g *guesser) breakSessions() {
	g.call.later(settled, func() {
		for _, l := range g.call.legs {
			if l.peer != nil {
				_ = l.peer.Session().Abort()
			}
		}
	})
}
