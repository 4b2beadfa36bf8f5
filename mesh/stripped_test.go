package mesh

import (
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// remembers is a policy that knows the identity of whom we call, and admits no other.
func remembers(who trust.Identity) Policy {
	return judged(func(f FarEnd) Reason {
		if f.Called && f.Identity != who {
			return IdentityChanged
		}
		return ""
	})
}

// Somebody in between has no proof that is right. He may keep proofs from us, and say that a program is too old.
func TestWhoeverKeepsProofsFromUsIsNoOldProgram(t *testing.T) {
	for _, tc := range []struct {
		what   string
		known  bool
		says   func(eve *puppet, call string)
		within time.Duration
		want   Reason
	}{
		{"somebody known, who says nothing", true, func(*puppet, string) {}, farProofWait + time.Second, IdentityChanged},
		{"somebody known, who says that we are too old", true, func(eve *puppet, call string) {
			eve.say(signal{kind: sigReject, call: call, reason: TooOld})
		}, time.Second, IdentityChanged},
		{"somebody known, who declines", true, func(eve *puppet, call string) {
			eve.say(signal{kind: sigReject, call: call, reason: Declined})
		}, time.Second, Declined},
		{"somebody unknown, who says nothing", false, func(*puppet, string) {}, farProofWait + time.Second, TooOld},
		{"somebody unknown, who says that we are too old", false, func(eve *puppet, call string) {
			eve.say(signal{kind: sigReject, call: call, reason: TooOld})
		}, time.Second, TooOld},
	} {
		t.Run(tc.what, func(t *testing.T) {
			inWorld(t, func(w *world) {
				var p Policy
				if tc.known {
					p = remembers(identityOf(w.newKey()))
				}
				ada := w.newPhone("ada", with(p))
				eve, _ := w.silent()
				f := ada.dial(eve.host, "bob")
				eve.accept()
				tc.says(eve, eve.heard(sigInvite, time.Second).call)
				f.ended(tc.want, tc.within)
				if s := f.Status(); (s.Trouble == ProofMissing) != (tc.want == IdentityChanged) {
					t.Errorf("status %+v", s)
				}
				noMedia(t, ada, eve, "at the end")
			})
		})
	}
}

// The goroutine of a call may see the hello of somebody who was taken for an old client when his proof is here already.
func TestAProofRightBehindALateHelloCounts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada, eve := w.newPhone("ada"), w.newOldClient()
		register(ada.host)
		f := ada.dialBy("eve", ada.introduced(eve.host))
		flow := eve.inertPeer()
		eve.plays(callerStream)
		eve.blasts(calleeStream)
		eve.relay(ada.host, sigAccept)
		f.state(InCall, 5*time.Second)
		busy := make(chan struct{})
		f.inputs <- input{do: func() { <-busy }} // until then, the call's goroutine waits
		eve.control(flow)
		go eve.read(flow)
		time.Sleep(time.Second)
		close(busy)
		time.Sleep(time.Second)
		if m := f.Members()[0]; m.Identity != identityOf(eve.key) || m.OldClient {
			t.Errorf("the call is with %+v", m)
		}
		f.compares(trust.Committing, 1, time.Second)
	})
}
