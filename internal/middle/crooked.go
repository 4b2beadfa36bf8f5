package middle

import "sundog.dev/sundog/mesh/trust"

// The strategies that do not keep to the rules of the comparison. All show own keys.

// crooked makes a strategy of what he does at a phone's commitment and reveal. attempt is his side of the attempt that
// the phone is in, begun with its commitment.
func crooked(name, about string, committed, revealed func(attempt *byHand, s Signal)) Strategy {
	return Strategy{name, about, func(c *Call) tactic {
		var attempts [2]*byHand
		return &ownKeys{call: c, compare: func(from *leg, s Signal) {
			value, ok := valueOf(s)
			if !ok || from.proved == (trust.Identity{}) {
				return
			}
			h := attempts[c.at(from)]
			switch s.Data[0] {
			case typeCommitment:
				if h == nil || h.call != s.Call || h.attempt != attemptOf(s) {
					h = newAttempt(from, s.Call, attemptOf(s))
					attempts[c.at(from)] = h
					committed(h, s)
				}
			case typeReveal:
				if h != nil && h.attempt == attemptOf(s) {
					h.theirs = &value
					revealed(h, s)
				}
			}
		}}
	}}
}

func nothing(*byHand, Signal) {}

// RevealsFirst reveals, and commits himself then.
var RevealsFirst = crooked(
	"reveals first", "the reveal, and then the commitment",
	func(h *byHand, _ Signal) { h.leg.send(h.reveal()); h.leg.send(h.commitment()) },
	func(h *byHand, _ Signal) { h.leg.call.shows(h.leg, h.shortString()) },
)

// WaitsForReveals hopes for the phone's r before he has committed himself.
var WaitsForReveals = crooked(
	"waits for reveals", "no commitment before the phone's reveal",
	nothing,
	func(h *byHand, _ Signal) { h.leg.send(h.commitment()) },
)

// CopiesCommitments commits himself to what the phone has committed itself to, and then reveals the same.
var CopiesCommitments = crooked(
	"copies commitments", "the phone's own commitment and r, signed by him",
	func(h *byHand, s Signal) { v, _ := valueOf(s); h.leg.send(h.sign(typeCommitment, v)) },
	func(h *byHand, _ Signal) { h.leg.send(h.sign(typeReveal, *h.theirs)) },
)

// TwoCommitments commits himself again when he knows the phone's r.
var TwoCommitments = crooked(
	"two commitments", "another commitment once the phone has revealed",
	func(h *byHand, _ Signal) { h.leg.send(h.commitment()) },
	func(h *byHand, _ Signal) {
		again := newAttempt(h.leg, h.call, h.attempt)
		h.leg.send(again.commitment())
		h.leg.send(again.reveal())
	},
)

// AnotherReveal reveals what he has not committed himself to.
var AnotherReveal = crooked(
	"another reveal", "an r that he has not committed himself to",
	func(h *byHand, _ Signal) { h.leg.send(h.commitment()) },
	func(h *byHand, _ Signal) { h.leg.send(newAttempt(h.leg, h.call, h.attempt).reveal()) },
)
