package mesh

// The state machine of a call of two: a table, and a pure function over it. What a row does not
// name is ignored in that state; that is how a forged or late message does nothing.
//
//	idle ──dial──▶ Calling ──accept, glare──▶ Connecting ──ok──▶ InCall ◀──heard, resume── Reconnecting
//	idle ──invited──▶ Ringing ──user accepts──▶ Connecting        └──silent, session lost──▶┘
//	idle ──join──▶ joining ──admitted──▶ Connecting       (between members of a conference: nobody rings)
//	each state ──hang-up, time-out, the far end's bye──▶ Ended
//
// How both sides learn that both have accepted: calling is the caller's acceptance. The callee's accept is
// answered by the caller's ok, and that by the callee's ok; who has an ok is InCall.

// role is which side of a call we are.
type role uint8

const (
	caller role = iota
	callee
)

// machine is all that the transitions depend on.
type machine struct {
	state  State
	role   role
	reason Reason // when Ended
}

// inputKind names what can happen to a call.
type inputKind uint8

const (
	// From the user and from our own clock.
	inDial        inputKind = iota + 1 // the user calls
	inInvited                          // somebody calls, and may ring
	inUserAccept                       // the user accepts
	inUserHangUp                       // the user hangs up, declines or cancels
	inRingTimeout                      // ringFor is over
	inGiveUp                           // giveUpAfter is over
	inNoPath                           // noPathAfter is over without a sign of life, or the path failed for a reason
	inStuck                            // connectFor is over
	inSilent                           // nothing heard for reconnectingAfter
	inHeard                            // heard again
	inDead                             // nothing heard for peerLostAfter
	inRefused                          // the policy refuses the far end, or its identity is not what it must be
	inOver                             // the call is over for a reason, or the far end has no place in it any more
	inJoin                             // the far end is a member of the conference, or may become one
	inKnock                            // we ask a member to let us in
	inAdmitted                         // it is a member, says that it has this call, and has proved who it is
	inUninvited                        // a relayed invite turned out not to come from its sender

	// From the resolver and the network.
	inResolved   // we know where the other side is
	inUnresolved // we do not, for a reason
	inPath       // a session with the peer is open
	inLinked     // our signals' flow works in it both ways
	inPathLost   // the session has ended
	inStreaming  // an old client: its streams have started

	// From the far end, over the session (or the relay, for an old client).
	inFarInvite  // the invite again, now proved by the session
	inGlareStay  // its invite crossed ours, and we remain the caller
	inGlareYield // its invite crossed ours, and we become the callee
	inFarRinging
	inFarAccept
	inFarReject
	inFarCancel
	inFarBye
	inFarOK
	inFarResume // it has a new session and the same call
	inFarJoin   // it has this call, as a member or to become one

	inputKinds // how many there are, plus one
)

// action names what a transition makes the call's goroutine do.
type action uint8

const (
	doResolve      action = iota + 1 // start the resolver
	doPublish                        // offer our stream
	doReach                          // relay the invite and open the peer session
	doReopen                         // open the peer session again
	doPlay                           // play the far end's stream; muted until both have accepted
	doReceive                        // let it send sound and picture
	doOpenMedia                      // both sides have accepted: start sound and picture
	doBecomeCallee                   // after glare: change streams
	doNoteRinging                    // the far end rings
	doKeyFrame                       // start pictures anew, both ways
	doTellInvite
	doTellRinging
	doTellAccept
	doTellReject
	doTellCancel
	doTellBye
	doTellOK
	doTellResume
	doTellJoin
)

// row is one line of the table. An empty to stays in the state.
type row struct {
	only   *role  // nil: either role
	to     State  // the next state
	reason Reason // when to is Ended; "" takes the input's
	do     []action
}

var onlyCaller, onlyCallee = ptr(caller), ptr(callee)

func ptr(r role) *role { return &r }

func stay(do ...action) row          { return row{do: do} }
func to(s State, do ...action) row   { return row{to: s, do: do} }
func end(r Reason, do ...action) row { return row{to: Ended, reason: r, do: do} }
func (r row) when(only *role) row    { r.only = only; return r }
func rows(r ...row) []row            { return r }
func (r row) fits(m machine) bool    { return r.only == nil || *r.only == m.role }

// table is the state machine: state × input → the first row that fits.
var table = map[State]map[inputKind][]row{
	idle: {
		inDial:    rows(to(Calling, doResolve)),
		inInvited: rows(to(Ringing, doReopen, doPlay, doTellRinging)),
		inJoin:    rows(to(joining, doReopen)),
		inKnock:   rows(to(joining, doResolve)),
	},
	joining: {
		inLinked:     rows(stay(doTellJoin)),
		inFarJoin:    rows(stay(doTellJoin)),
		inFarResume:  rows(stay(doTellJoin)),
		inAdmitted:   rows(to(Connecting, doPublish, doPlay, doReceive, doTellOK, doOpenMedia)),
		inPathLost:   rows(stay(doReopen)),
		inFarReject:  rows(end("")),
		inFarBye:     rows(end("", doTellOK)),
		inUserHangUp: rows(end(Hangup, doTellBye)),
		inUnresolved: rows(end("")),
		inResolved:   rows(stay(doReopen)),
		inStuck:      rows(end("", doTellReject)),
		inNoPath:     rows(end("")),
		inDead:       rows(end(PeerLost)),
		inRefused:    rows(end("", doTellReject)),
		inOver:       rows(end("", doTellBye)),
	},
	Calling: {
		inOver:       rows(end("", doTellCancel)),
		inFarJoin:    rows(to(joining, doTellJoin)), // somebody else has brought in whom we call
		inResolved:   rows(stay(doPublish, doReach)),
		inUnresolved: rows(end("")),
		inPath:       rows(stay(doPlay)),
		inLinked:     rows(stay(doPlay, doTellInvite)),
		inPathLost:   rows(stay(doReopen)),
		inFarRinging: rows(stay(doNoteRinging)),
		inFarAccept:  rows(to(Connecting, doTellOK, doReceive, doOpenMedia)),
		inGlareStay:  rows(to(Connecting, doTellInvite, doReceive, doOpenMedia)),
		inGlareYield: rows(to(Connecting, doBecomeCallee, doPublish, doPlay, doReceive, doTellAccept, doOpenMedia)),
		inFarReject:  rows(end("")),
		inFarCancel:  rows(end(Declined, doTellOK)),
		inFarBye:     rows(end("", doTellOK)),
		inUserHangUp: rows(end(Cancelled, doTellCancel)),
		inGiveUp:     rows(end(NoAnswer, doTellCancel)),
		inNoPath:     rows(end("", doTellCancel)),
		inDead:       rows(end(PeerLost, doTellCancel)),
		inRefused:    rows(end("", doTellCancel)),
	},
	Ringing: {
		inOver:        rows(end("", doTellReject)),
		inPath:        rows(stay(doPlay)),
		inLinked:      rows(stay(doPlay)),
		inFarInvite:   rows(stay(doTellRinging)),
		inPathLost:    rows(stay(doReopen)),
		inUserAccept:  rows(to(Connecting, doPublish, doReceive, doTellAccept, doOpenMedia)),
		inUserHangUp:  rows(end(Declined, doTellReject)),
		inRefused:     rows(end("", doTellReject)),
		inUninvited:   rows(end(Cancelled)),
		inRingTimeout: rows(end(NoAnswer, doTellReject)),
		inFarCancel:   rows(end(Cancelled, doTellOK)),
		inFarBye:      rows(end(Cancelled, doTellOK)),
		inDead:        rows(end(PeerLost)),
	},
	Connecting: {
		inOver:       rows(end("", doTellBye)),
		inFarJoin:    rows(stay(doTellJoin, doTellOK)),
		inFarOK:      rows(to(InCall).when(onlyCaller), to(InCall, doTellOK).when(onlyCallee)),
		inStreaming:  rows(to(InCall)),
		inFarAccept:  rows(stay(doTellOK).when(onlyCaller)),
		inPath:       rows(stay(doPlay)),
		inLinked:     rows(stay(doPlay, doTellResume).when(onlyCaller), stay(doPlay, doTellResume, doTellAccept).when(onlyCallee)),
		inFarInvite:  rows(stay(doTellAccept).when(onlyCallee)),
		inFarResume:  rows(stay(doPlay).when(onlyCaller), stay(doPlay, doTellAccept).when(onlyCallee)),
		inPathLost:   rows(stay(doReopen)),
		inFarReject:  rows(end("")),
		inFarCancel:  rows(end(Cancelled, doTellBye)),
		inFarBye:     rows(end(Hangup, doTellOK)),
		inUserHangUp: rows(end(Hangup, doTellBye)),
		inStuck:      rows(end(NoPath, doTellBye)),
		inDead:       rows(end(PeerLost)),
		inRefused:    rows(end("", doTellBye).when(onlyCaller), end("", doTellReject).when(onlyCallee)),
	},
	InCall: {
		inOver:       rows(end("", doTellBye)),
		inFarJoin:    rows(stay(doPlay, doTellJoin, doTellOK, doKeyFrame)),
		inFarAccept:  rows(stay(doTellOK).when(onlyCaller)),
		inSilent:     rows(to(Reconnecting)),
		inPathLost:   rows(to(Reconnecting, doReopen)),
		inPath:       rows(stay(doPlay)),
		inLinked:     rows(stay(doPlay, doTellResume)),
		inFarResume:  rows(stay(doPlay, doKeyFrame).when(onlyCaller), stay(doPlay, doTellOK, doKeyFrame).when(onlyCallee)),
		inFarReject:  rows(end(Hangup)),
		inFarCancel:  rows(end(Hangup, doTellOK)),
		inFarBye:     rows(end("", doTellOK)),
		inUserHangUp: rows(end(Hangup, doTellBye)),
		inDead:       rows(end(PeerLost)),
		inRefused:    rows(end("", doTellBye)),
	},
	Reconnecting: {
		inOver:      rows(end("", doTellBye)),
		inFarJoin:   rows(to(InCall, doPlay, doTellJoin, doTellOK, doKeyFrame)),
		inFarAccept: rows(stay(doTellOK).when(onlyCaller)),
		inHeard:     rows(to(InCall, doKeyFrame)),
		inPath:      rows(stay(doPlay)),
		inLinked:    rows(stay(doPlay, doTellResume)),
		inFarResume: rows(to(InCall, doPlay, doTellResume, doKeyFrame).when(onlyCaller),
			to(InCall, doPlay, doTellResume, doTellOK, doKeyFrame).when(onlyCallee)),
		inPathLost:   rows(stay(doReopen)),
		inFarReject:  rows(end(Hangup)),
		inFarCancel:  rows(end(Hangup, doTellOK)),
		inFarBye:     rows(end("", doTellOK)),
		inUserHangUp: rows(end(Hangup, doTellBye)),
		inDead:       rows(end(PeerLost)),
		inRefused:    rows(end("", doTellBye)),
	},
	Ended: {},
}

// step is the transition function: the machine after an input, and what to do, in order. reason is
// the input's own, for rows that pass it on.
func step(m machine, in inputKind, reason Reason) (machine, []action) {
	for _, r := range table[m.state][in] {
		if !r.fits(m) {
			continue
		}
		if in == inGlareYield || in == inInvited {
			m.role = callee
		}
		if r.to != "" {
			m.state = r.to
		}
		if m.state == Ended {
			m.reason = r.reason
			if m.reason == "" {
				m.reason = reason
			}
			if m.reason == "" {
				m.reason = Hangup
			}
		}
		return m, r.do
	}
	return m, nil
}

// bothAccepted reports whether sound and picture may leave, arrive and be decoded. It is true exactly
// in the states that the table enters with doOpenMedia, and after them.
func (m machine) bothAccepted() bool { return m.state.established() }
