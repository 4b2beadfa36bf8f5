package middle

import (
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// ownKeys shows each phone an identity of his own and compares with each by the rules, but for what its functions change.
type ownKeys struct {
	passer
	call *Call

	prove   func(to *leg)                  // nil: at once
	compare func(from *leg, s Signal)      // nil: with an exchange of his own
	say     func(to *leg, s Signal)        // what his exchange has to say; nil: at once
	pass    func(from *leg, s Signal) bool // the other signals; nil: all
}

// OwnKeys is the best that he can do.
var OwnKeys = Strategy{
	"own keys", "identities and a comparison of his own with each side",
	func(c *Call) tactic { return &ownKeys{call: c} },
}

func (o *ownKeys) heard(from *leg, s Signal) {
	switch {
	case s.Kind == kindProof:
		o.proveTo(from.other())
	case s.Kind == kindCompare && o.compare != nil:
		o.compare(from, s)
	case s.Kind == kindCompare:
		o.exchange(from, s)
	case o.pass == nil || o.pass(from, s):
		if s.Kind != kindHello {
			o.proveTo(from.other()) // a phone that refuses has not proved anything, but its word is to count
		}
		o.passer.heard(from, s)
	}
}

// proveTo proves himself to a phone, once in each session.
func (o *ownKeys) proveTo(to *leg) {
	if to.proving || to.peer != nil && to.provedIn == to.peer {
		return
	}
	to.proving = true
	if o.prove != nil {
		o.prove(to)
	} else {
		to.prove()
	}
}

// exchange gives a phone's message to the exchange that he has with it, begun with the first one.
func (o *ownKeys) exchange(from *leg, s Signal) {
	if from.proved == (trust.Identity{}) {
		return
	}
	now := time.Now()
	if from.exchange == nil || from.compared != s.Call {
		x, err := trust.NewExchange(trust.ExchangeConfig{Call: callID(s.Call), Key: from.key})
		if err != nil {
			o.call.note(from, "no exchange: "+err.Error())
			return
		}
		from.exchange, from.compared = x, s.Call
		sends, err := x.SetRoster(now, []trust.Member{
			{Identity: from.identity(), PeerID: from.face.nc.NearID()}, {Identity: from.proved, PeerID: from.far},
		})
		if err != nil {
			o.call.note(from, "no roster: "+err.Error())
		}
		o.send(from, sends)
	}
	sends, err := from.exchange.Handle(now, from.proved, s.Data)
	if err != nil {
		o.call.note(from, "refused: "+err.Error())
	}
	o.send(from, sends)
	if short, ok := from.exchange.ShortString(); ok {
		o.call.shows(from, short)
	}
}

func (o *ownKeys) send(to *leg, sends []trust.Send) {
	for _, send := range sends {
		s := newSignal(kindCompare, to.compared, send.Message)
		if o.say != nil {
			o.say(to, s)
		} else {
			to.send(s)
		}
	}
}

func (o *ownKeys) tick(now time.Time) {
	for _, l := range o.call.legs {
		if l.exchange != nil {
			o.send(l, l.exchange.Tick(now))
		}
	}
}

// proofDelay is longer than a phone waits for anything but its user.
const proofDelay = 20 * time.Second

// DelaysProofs proves himself, but late; all else goes on at once.
var DelaysProofs = Strategy{
	"delays proofs", "own keys, shown 20 s late",
	func(c *Call) tactic {
		return &ownKeys{call: c, prove: func(to *leg) { c.later(proofDelay, to.prove) }}
	},
}

// TheirComparison shows own keys, and passes on commitments and reveals.
var TheirComparison = Strategy{
	"own keys, their comparison", "commitments and reveals passed on as they are",
	func(c *Call) tactic {
		return &ownKeys{call: c, compare: func(from *leg, s Signal) { from.other().send(s) }}
	},
}

// ReflectsComparison sends each phone its own commitments and reveals.
var ReflectsComparison = Strategy{
	"reflects the comparison", "own keys; each phone gets its own commitments and reveals back",
	func(c *Call) tactic {
		return &ownKeys{call: c, compare: func(from *leg, s Signal) { from.send(s) }}
	},
}

// ReplaysComparison sends each phone all that both have sent in earlier calls.
var ReplaysComparison = Strategy{
	"replays the comparison", "own keys; commitments and reveals of an earlier call",
	func(c *Call) tactic {
		var earlier []Signal
		for _, l := range c.legs {
			for _, s := range c.m.remembered(l.name) {
				if s.Kind == kindCompare {
					earlier = append(earlier, s)
				}
			}
		}
		return &ownKeys{call: c, compare: func(from *leg, s Signal) {
			for _, old := range earlier {
				from.send(newSignal(kindCompare, s.Call, old.Data))
			}
		}}
	},
}

// OneKey is one identity to both, who thereby get two commitments of one author.
var OneKey = Strategy{
	"one key for both", "one identity of his own, and another commitment to each",
	func(c *Call) tactic {
		c.legs[1].key = c.legs[0].key
		return &ownKeys{call: c}
	},
}

// Repeats says everything twice.
var Repeats = Strategy{
	"says everything twice", "own keys; each signal again",
	func(c *Call) tactic {
		return &ownKeys{
			call:  c,
			prove: func(to *leg) { to.prove(); to.prove() },
			say:   func(to *leg, s Signal) { to.send(s); to.send(s) },
			pass:  func(from *leg, s Signal) bool { from.other().send(s); return true },
		}
	},
}
