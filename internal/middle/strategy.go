package middle

import (
	"time"

	"sundog.dev/sundog/rtmfp/amf"
)

// Strategy is one way to sit in between.
type Strategy struct {
	Name  string
	About string
	begin func(*Call) tactic
}

// tactic is a strategy in one call. Its methods are the call's goroutine's.
type tactic interface {
	// relayed reports whether a signal is passed on that came over the service.
	relayed(from *leg, action string) bool
	// heard takes a signal that came in a session.
	heard(from *leg, s Signal)
	tick(now time.Time)
}

// Strategies are all that he knows.
func Strategies() []Strategy {
	return []Strategy{
		PassesOn, OwnKeys, TheirComparison,
		DropsProofs, DelaysProofs, OldClient, OldVersion,
		ReflectsProofs, ReflectsComparison, ReplaysProofs, ReplaysComparison, CopiesCommitments,
		GuessesAgain, GuessesInNewSessions,
		NoHello, NoInvite, NoRinging, NoAccept, NoOK, NoCommitment, NoReveal,
		RevealsFirst, WaitsForReveals, Repeats,
		TwoCommitments, AnotherReveal, OneKey,
	}
}

// passer passes everything on as it is.
type passer struct{}

func (passer) relayed(*leg, string) bool { return true }
func (passer) heard(from *leg, s Signal) { from.other().send(s) }
func (passer) tick(time.Time)            {}

// PassesOn is the wire itself: the phones' own proofs go on, from one session to the other.
var PassesOn = Strategy{
	"passes everything on", "their proofs and their comparison as they are",
	func(*Call) tactic { return passer{} },
}

// filter passes on what pass says.
type filter struct {
	passer
	pass func(from *leg, s Signal) bool
}

func (f filter) heard(from *leg, s Signal) {
	if f.pass(from, s) {
		f.passer.heard(from, s)
	}
}

// DropsProofs passes on all but proofs.
var DropsProofs = Strategy{
	"drops proofs", "everything but their proofs",
	func(*Call) tactic {
		return filter{pass: func(_ *leg, s Signal) bool { return s.Kind != kindProof }}
	},
}

// OldClient says nothing but what the Video Phone said: he rejects the flows of signals, and passes on those over the service.
var OldClient = Strategy{
	"plays an old client", "no flow of signals, as if the other program was an old one",
	func(c *Call) tactic {
		for _, l := range c.legs {
			l.deaf = true
		}
		return passer{}
	},
}

// OldVersion passes everything on, with a version from before there were proofs, and no proofs.
var OldVersion = Strategy{
	"says that it is older", "a hello of version 0, and no proofs",
	func(*Call) tactic {
		return filter{pass: func(from *leg, s Signal) bool {
			if s.Kind != kindHello {
				return s.Kind != kindProof
			}
			values, err := amf.DecodeAMF0(s.raw)
			if err == nil && len(values) > 2 {
				values[2] = 0.0
				s.raw, err = amf.AppendAMF0(nil, values...)
			}
			if err == nil {
				from.other().send(s)
			}
			return false
		}}
	},
}

// ReflectsProofs sends each phone its own proof.
var ReflectsProofs = Strategy{
	"reflects proofs", "each phone gets its own proof back",
	func(*Call) tactic {
		return filter{pass: func(from *leg, s Signal) bool {
			if s.Kind == kindProof {
				from.send(s)
			}
			return s.Kind != kindProof
		}}
	},
}

// ReplaysProofs sends each phone a proof that the other one has made in an earlier call.
var ReplaysProofs = Strategy{
	"replays proofs", "the other's proof of an earlier call",
	func(c *Call) tactic {
		var earlier [2][]Signal
		for i, l := range c.legs {
			for _, s := range c.m.remembered(l.name) {
				if s.Kind == kindProof {
					earlier[i] = append(earlier[i], s)
				}
			}
		}
		return filter{pass: func(from *leg, s Signal) bool {
			if s.Kind != kindProof {
				return true
			}
			for _, old := range earlier[c.at(from)] {
				from.other().send(old)
			}
			return false
		}}
	},
}
