package mesh

import (
	"slices"
	"testing"
)

// names of inputs, for messages of tests.
var inputNames = map[inputKind]string{
	inDial: "dial", inInvited: "invited", inUserAccept: "user accepts", inUserHangUp: "user hangs up",
	inRingTimeout: "ring time-out", inGiveUp: "give up", inNoPath: "no path", inStuck: "stuck", inSilent: "silent",
	inHeard: "heard", inDead: "dead", inRefused: "refused", inUninvited: "uninvited", inResolved: "resolved",
	inUnresolved: "unresolved", inPath: "path", inLinked: "linked", inPathLost: "path lost", inStreaming: "streaming",
	inFarInvite: "far invite", inGlareStay: "glare, stay", inGlareYield: "glare, yield", inFarRinging: "far ringing",
	inFarAccept: "far accept", inFarReject: "far reject", inFarCancel: "far cancel", inFarBye: "far bye",
	inFarOK: "far ok", inFarResume: "far resume", inOver: "over", inJoin: "join", inAdmitted: "admitted", inKnock: "knock", inFarJoin: "far join",
}

func TestEveryInputHasAName(t *testing.T) {
	for in := inDial; in < inputKinds; in++ {
		if inputNames[in] == "" {
			t.Errorf("input %d has no name in this test", in)
		}
	}
}

// consent is what the two users have said, told from the inputs alone and not by the machine.
type consent struct{ near, far bool }

func (c consent) after(from machine, in inputKind) consent {
	switch {
	case in == inDial:
		c.near = true
	case in == inInvited:
		c.far = true
	case in == inUserAccept && from.state == Ringing:
		c.near = true
	case in == inJoin, in == inKnock:
		c.near = true // our user is in the conference, or wants to be
	case in == inAdmitted:
		c.far = true // it is a member and has said join
	case in == inFarAccept, in == inGlareStay, in == inGlareYield:
		c.far = true // it accepted, or called us itself
	}
	return c
}

// TestNoMediaBeforeBothAccepted walks every input through every state that can be reached, in every order.
func TestNoMediaBeforeBothAccepted(t *testing.T) {
	type node struct {
		m    machine
		said consent
	}
	seen := map[node]bool{}
	queue := []node{{m: machine{state: idle, role: caller}}, {m: machine{state: idle, role: callee}}}
	opened := 0
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		if seen[n] {
			continue
		}
		seen[n] = true
		for in := inDial; in < inputKinds; in++ {
			if n.m.state == idle && (in == inDial) != (n.m.role == caller) {
				continue // a call begins by the one or by the other
			}
			next, do := step(n.m, in, Declined)
			said := n.said.after(n.m, in)
			if next.bothAccepted() && (!said.near || !said.far) {
				t.Fatalf("%s in %q lets media flow in %q: near accepted %v, far %v", inputNames[in], n.m.state, next.state, said.near, said.far)
			}
			if slices.Contains(do, doOpenMedia) {
				opened++
				if !said.near || !said.far || n.m.bothAccepted() || !next.bothAccepted() {
					t.Fatalf("%s in %q opens media: near %v, far %v", inputNames[in], n.m.state, said.near, said.far)
				}
			} else if next.bothAccepted() && !n.m.bothAccepted() {
				t.Fatalf("%s in %q lets media flow without opening it", inputNames[in], n.m.state)
			}
			if slices.Contains(do, doReceive) && (!said.near || !said.far) {
				t.Fatalf("%s in %q asks for media: near %v, far %v", inputNames[in], n.m.state, said.near, said.far)
			}
			if next.state == Ended && next.reason == "" {
				t.Fatalf("%s in %q ends without a reason", inputNames[in], n.m.state)
			}
			queue = append(queue, node{next, said})
		}
	}
	for _, s := range []State{Calling, Ringing, Connecting, InCall, Reconnecting, Ended} {
		if !slices.ContainsFunc(mapKeys(seen), func(n node) bool { return n.m.state == s }) {
			t.Errorf("state %q was never reached", s)
		}
	}
	if opened == 0 {
		t.Error("no transition opens media")
	}
}

func mapKeys[K comparable, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

func TestEndedStaysEnded(t *testing.T) {
	for in := inDial; in < inputKinds; in++ {
		m := machine{state: Ended, reason: Busy}
		if next, do := step(m, in, Hangup); next != m || len(do) > 0 {
			t.Errorf("%s after the end: %+v, does %v", inputNames[in], next, do)
		}
	}
}

func TestHangUpEndsEveryState(t *testing.T) {
	for state, want := range map[State]struct {
		reason Reason
		tell   action
	}{
		Calling:      {Cancelled, doTellCancel},
		Ringing:      {Declined, doTellReject},
		Connecting:   {Hangup, doTellBye},
		InCall:       {Hangup, doTellBye},
		Reconnecting: {Hangup, doTellBye},
	} {
		m, do := step(machine{state: state}, inUserHangUp, "")
		if m.state != Ended || m.reason != want.reason || !slices.Contains(do, want.tell) {
			t.Errorf("hang-up in %q: %q for %q, does %v", state, m.state, m.reason, do)
		}
	}
}

func TestTransitions(t *testing.T) {
	type after struct {
		state  State
		reason Reason
	}
	for _, tc := range []struct {
		name   string
		role   role
		state  State
		in     inputKind
		reason Reason // of the input
		want   after
	}{
		{"a caller connects when the callee accepts", caller, Calling, inFarAccept, "", after{Connecting, ""}},
		{"a caller is in the call when the callee says ok", caller, Connecting, inFarOK, "", after{InCall, ""}},
		{"a callee is in the call when the caller says ok", callee, Connecting, inFarOK, "", after{InCall, ""}},
		{"an old client's streams confirm the call", caller, Connecting, inStreaming, "", after{InCall, ""}},
		{"an ok before an accept does nothing", caller, Calling, inFarOK, "", after{Calling, ""}},
		{"an ok does not answer a ringing phone", callee, Ringing, inFarOK, "", after{Ringing, ""}},
		{"an accept does not answer a ringing phone", callee, Ringing, inFarAccept, "", after{Ringing, ""}},
		{"a resume does not answer a ringing phone", callee, Ringing, inFarResume, "", after{Ringing, ""}},
		{"a resume does not answer our call", caller, Calling, inFarResume, "", after{Calling, ""}},
		{"glare does not answer a ringing phone", callee, Ringing, inGlareStay, "", after{Ringing, ""}},
		{"a busy callee ends the call", caller, Calling, inFarReject, Busy, after{Ended, Busy}},
		{"the callee's ring time-out ends the call for the caller", caller, Calling, inFarReject, NoAnswer, after{Ended, NoAnswer}},
		{"ringing ends by itself", callee, Ringing, inRingTimeout, "", after{Ended, NoAnswer}},
		{"calling ends by itself", caller, Calling, inGiveUp, "", after{Ended, NoAnswer}},
		{"a caller's cancel ends the ringing", callee, Ringing, inFarCancel, "", after{Ended, Cancelled}},
		{"an unknown name ends the call", caller, Calling, inUnresolved, UnknownName, after{Ended, UnknownName}},
		{"no path ends a call that is not answered", caller, Calling, inNoPath, NoPath, after{Ended, NoPath}},
		{"no path does not end an established call", caller, InCall, inNoPath, NoPath, after{InCall, ""}},
		{"silence makes a call reconnect", caller, InCall, inSilent, "", after{Reconnecting, ""}},
		{"a lost session makes a call reconnect", callee, InCall, inPathLost, "", after{Reconnecting, ""}},
		{"hearing the far end again ends reconnecting", caller, Reconnecting, inHeard, "", after{InCall, ""}},
		{"a resume ends reconnecting", callee, Reconnecting, inFarResume, "", after{InCall, ""}},
		{"a new session alone does not end reconnecting", callee, Reconnecting, inLinked, "", after{Reconnecting, ""}},
		{"long silence ends the call", caller, Reconnecting, inDead, "", after{Ended, PeerLost}},
		{"a bye ends the call", caller, InCall, inFarBye, "", after{Ended, Hangup}},
		{"a bye before the answer says what it means", caller, Calling, inFarBye, Declined, after{Ended, Declined}},
		{"a bye may say why", caller, InCall, inFarBye, PeerLost, after{Ended, PeerLost}},
		{"a bye reaches a reconnecting call", caller, Reconnecting, inFarBye, "", after{Ended, Hangup}},
		{"in glare the one stays the caller", caller, Calling, inGlareStay, "", after{Connecting, ""}},
		{"in glare the other yields", caller, Calling, inGlareYield, "", after{Connecting, ""}},
		{"a far end that cancels in glare ends the call", caller, Connecting, inFarCancel, "", after{Ended, Cancelled}},
		{"connecting does not last for ever", callee, Connecting, inStuck, "", after{Ended, NoPath}},
		{"a caller who cannot prove itself stops ringing", callee, Ringing, inUninvited, "", after{Ended, Cancelled}},
		{"the policy may refuse a proved caller", callee, Ringing, inRefused, Blocked, after{Ended, Blocked}},
		{"or whoever answers our call", caller, Calling, inRefused, IdentityChanged, after{Ended, IdentityChanged}},
		{"or a caller that we have answered without proof", callee, Connecting, inRefused, TooOld, after{Ended, TooOld}},
		{"another identity ends an established call", caller, InCall, inRefused, IdentityChanged, after{Ended, IdentityChanged}},
		{"and one that comes back", callee, Reconnecting, inRefused, IdentityChanged, after{Ended, IdentityChanged}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, _ := step(machine{state: tc.state, role: tc.role}, tc.in, tc.reason)
			if got := (after{m.state, m.reason}); got != tc.want {
				t.Errorf("%s in %q: %v, want %v", inputNames[tc.in], tc.state, got, tc.want)
			}
		})
	}
}

func TestTheOneThatYieldsBecomesTheCallee(t *testing.T) {
	m, do := step(machine{state: Calling, role: caller}, inGlareYield, "")
	if m.role != callee || !slices.Contains(do, doTellAccept) {
		t.Errorf("role %d, does %v", m.role, do)
	}
	if m, _ := step(machine{state: Calling, role: caller}, inGlareStay, ""); m.role != caller {
		t.Error("the other one changed its role too")
	}
}

func TestOKsDoNotAnswerEachOtherForEver(t *testing.T) {
	a, b := machine{state: Connecting, role: caller}, machine{state: Connecting, role: callee}
	pending := 1 // the caller's ok to the callee's accept
	for sent := 0; pending > 0; sent++ {
		if sent > 4 {
			t.Fatal("still answering")
		}
		to := &b
		if sent%2 == 1 {
			to = &a
		}
		var do []action
		*to, do = step(*to, inFarOK, "")
		pending--
		if slices.Contains(do, doTellOK) {
			pending++
		}
	}
	if a.state != InCall || b.state != InCall {
		t.Errorf("caller %q, callee %q", a.state, b.state)
	}
}
