package mesh

import (
	"context"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// everySignal is every signal that a far end can send for a call, but those that end it or answer it rightly.
func everySignal(call string, but ...signalKind) []signal {
	var all []signal
next:
	for _, k := range []signalKind{sigHello, sigInvite, sigRinging, sigAccept, sigReject, sigCancel, sigBye, sigOK, sigResume, sigKeyFrame, sigCompare} {
		for _, b := range but {
			if k == b {
				continue next
			}
		}
		all = append(all, signal{kind: k, call: call, version: 1, name: "puppet", epoch: time.Now()})
	}
	return all
}

// noMedia checks that no sound and picture has gone either way.
func noMedia(t *testing.T, p *phone, far *puppet, when string) {
	t.Helper()
	if n := far.mediaSoFar(); n > 0 {
		t.Errorf("%s: %d messages of sound and picture have left the phone", when, n)
	}
	if p.media.session() != nil {
		t.Errorf("%s: media was opened", when)
	}
}

func TestNothingLeavesOrArrivesBeforeTheCalleeAccepts(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		eve.open(bob.host)
		eve.blasts(callerStream)
		eve.say(signal{kind: sigInvite, call: testCall, name: "eve"})
		f := bob.rings(time.Second)
		eve.plays(calleeStream)
		for _, s := range everySignal(testCall, sigCancel, sigBye) {
			eve.say(s)
			time.Sleep(300 * time.Millisecond)
			noMedia(t, bob, eve, string(s.kind))
			if f.Status().State != Ringing {
				t.Fatalf("%s made it %s", s.kind, f.Status().State)
			}
		}
		for _, action := range []signalKind{sigInvite, sigAccept, sigOK, sigReject, sigCancel, sigBye} {
			bob.agent.relayed(bob.agent.attached[bob.nc], relayed{from: eve.id, action: action, name: "eve"}) // as a service may forge it
			time.Sleep(300 * time.Millisecond)
			noMedia(t, bob, eve, "relayed "+string(action))
			if f.Status().State != Ringing {
				t.Fatalf("a relayed %s made it %s", action, f.Status().State)
			}
		}
		for _, ev := range f.events() {
			if _, ok := ev.(ChatLine); ok {
				t.Error("chat arrived before the user accepted")
			}
		}
		if err := f.Accept(); err != nil {
			t.Fatal(err)
		}
		eve.heard(sigAccept, time.Second)
		eve.say(signal{kind: sigOK, call: testCall})
		f.state(InCall, time.Second)
		time.Sleep(2 * time.Second)
		if eve.mediaSoFar() == 0 || bob.media.session().received(AudioFrame) == 0 || bob.media.session().received(VideoFrame) == 0 {
			t.Error("and then nothing flows: this test sees nothing")
		}
	})
}

func TestNothingLeavesOrArrivesBeforeOurCallIsAccepted(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, eve := w.newPhone("ada"), w.newPuppet()
		f := ada.dial(eve.host, "eve")
		eve.accept()
		call := eve.heard(sigInvite, time.Second).call
		eve.blasts(calleeStream)
		eve.plays(callerStream)
		for _, s := range everySignal(call, sigAccept, sigReject, sigCancel, sigBye) {
			eve.say(s)
			time.Sleep(300 * time.Millisecond)
			noMedia(t, ada, eve, string(s.kind))
			if f.Status().State != Calling {
				t.Fatalf("%s made it %s", s.kind, f.Status().State)
			}
		}
		for _, action := range []signalKind{sigAccept, sigOK, sigInvite, sigReject, sigCancel, sigBye} {
			ada.agent.relayed(ada.agent.attached[ada.nc], relayed{from: eve.id, action: action, name: "eve"})
			time.Sleep(300 * time.Millisecond)
			noMedia(t, ada, eve, "relayed "+string(action))
			if f.Status().State != Calling {
				t.Fatalf("a relayed %s made it %s", action, f.Status().State)
			}
		}
		eve.say(signal{kind: sigAccept, call: call})
		f.state(Connecting, time.Second)
		eve.heard(sigOK, time.Second)
		eve.say(signal{kind: sigOK, call: call})
		f.state(InCall, time.Second)
		time.Sleep(2 * time.Second)
		if eve.mediaSoFar() == 0 || ada.media.session().received(AudioFrame) == 0 {
			t.Error("and then nothing flows: this test sees nothing")
		}
	})
}

func TestTheGatesOfMediaFollowTheState(t *testing.T) {
	open := map[State]bool{Connecting: true, InCall: true, Reconnecting: true}
	for _, s := range []State{idle, Calling, Ringing, Connecting, InCall, Reconnecting, Ended} {
		for _, before := range []bool{false, true} {
			in, out := legIn{}, legOut{admitted: before}
			in.admitted.Store(before)
			in.admit(machine{state: s}, true)
			out.admit(machine{state: s}, true)
			if in.admitted.Load() != open[s] || out.admitted != open[s] {
				t.Errorf("in %q: in %v, out %v", s, in.admitted.Load(), out.admitted)
			}
		}
	}
}

func TestFramesOfHastyMediaDoNotLeave(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, eve := w.newPhone("ada"), w.newPuppet()
		f := ada.dial(eve.host, "eve")
		eve.accept()
		eve.heard(sigInvite, time.Second)
		eve.plays(callerStream)
		time.Sleep(time.Second)
		out := &f.first.out
		out.mu.Lock()
		subscribers := out.pub.PeerStreams()
		out.mu.Unlock()
		if n := len(subscribers); n != 1 {
			t.Fatalf("%d subscribers: nobody would see a frame", n)
		}
		for range 50 {
			f.out.SendFrame(Frame{Kind: AudioFrame, Due: time.Now(), Data: fakeOpus})
			f.out.SendFrame(Frame{Kind: VideoFrame, Key: true, Due: time.Now(), Data: fakeKeySlice})
			f.out.RequestKeyFrame(eve.id)
			time.Sleep(20 * time.Millisecond)
		}
		if n := eve.mediaSoFar(); n > 0 {
			t.Errorf("%d messages have left", n)
		}
		eve.mu.Lock()
		defer eve.mu.Unlock()
		for _, s := range eve.signals {
			if s.kind == sigKeyFrame {
				t.Error("a key frame was asked for")
			}
		}
	})
}

func TestOnlyThePeerOfACallCanEndOrChangeIt(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob, eve := w.newPhone("ada"), w.newPhone("bob"), w.newPuppet()
		from, to := talk(ada, bob)
		call := from.callID() // more than eve could know
		eve.open(ada.host)
		eve.plays(callerStream)
		time.Sleep(time.Second)
		for _, s := range everySignal(call) {
			eve.say(s)
			time.Sleep(300 * time.Millisecond)
		}
		for _, action := range []signalKind{sigReject, sigCancel, sigBye} {
			ada.agent.relayed(ada.agent.attached[ada.nc], relayed{from: eve.id, action: action, name: "bob"})
			ada.agent.relayed(ada.agent.attached[ada.nc], relayed{from: bob.id, action: action, name: "bob"}) // by the service
		}
		time.Sleep(5 * time.Second)
		if from.Status().State != InCall || to.Status().State != InCall {
			t.Fatalf("the call is %s and %s", from.Status().State, to.Status().State)
		}
		if linkOf(from).id != bob.id {
			t.Error("the call has changed its peer")
		}
		if n := eve.mediaSoFar(); n > 0 {
			t.Errorf("somebody else gets %d frames of the call", n)
		}
		for _, ev := range from.events() {
			if _, ok := ev.(MemberStateChanged); ok {
				t.Error("somebody else says what the far end sends")
			}
		}
	})
}

func TestAFloodOfSignalsStarvesNobody(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		eve.open(bob.host)
		eve.say(signal{kind: sigInvite, call: testCall, name: "eve"})
		f := bob.rings(time.Second)
		if err := f.Accept(); err != nil {
			t.Fatal(err)
		}
		eve.heard(sigAccept, time.Second)
		eve.say(signal{kind: sigOK, call: testCall})
		f.state(InCall, time.Second)
		go func() {
			for range 2000 {
				b, _ := signal{kind: sigRinging, call: testCall}.append(nil)
				k, _ := signal{kind: sigKeyFrame, call: testCall}.append(nil)
				for _, m := range [][]byte{b, k} {
					if _, err := eve.flow.Write(endedContext, m, rtmfp.MessageOptions{}); err != nil {
						time.Sleep(100 * time.Millisecond) // our own buffer is full: it holds us back
					}
				}
			}
		}()
		time.Sleep(10 * time.Second)
		asked := bob.media.session().tally().asked
		if asked == 0 || asked > 40 {
			t.Errorf("the encoder was asked for %d key frames in 10 s", asked)
		}
		began := time.Now()
		f.HangUp()
		f.ended(Hangup, time.Second)
		<-f.Done()
		if d := time.Since(began); d > 3*time.Second {
			t.Errorf("hang-up took %v", d)
		}
	})
}

func TestAStrangerWhoOnlyOccupiesASessionIsSentAway(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		eve.open(bob.host)
		select {
		case <-eve.peer.Session().Done():
		case <-time.After(strangerLinger + 5*time.Second):
			t.Error("still there")
		}
		bob.quiet(time.Millisecond)
	})
}

func TestAStrangerIsNotToldOurName(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		eve.open(bob.host)
		if name := eve.heard(sigHello, time.Second).name; name != "" {
			t.Errorf("told %q", name)
		}
	})
}

func TestStrangersDoNotTakeTheRoomForOurOwnCalls(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, bob := w.newPhone("ada", autoAccept), w.newPhone("bob")
		bob.nc.SetMaxPeerConnections(2)
		for range 2 {
			w.newPuppet().open(bob.host)
		}
		time.Sleep(time.Second)
		bob.dial(ada.host, "ada").state(InCall, 3*time.Second)
		if n := len(bob.nc.Peers()); n > 2 {
			t.Errorf("%d peers", n)
		}
	})
}

func TestTooManyInvitesDoNotRingForEver(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		eve.open(bob.host)
		for i := range 60 {
			id := newCallID()
			eve.say(signal{kind: sigInvite, call: id, name: "eve"})
			eve.say(signal{kind: sigCancel, call: id})
			if i%10 == 9 {
				time.Sleep(100 * time.Millisecond)
			}
		}
		time.Sleep(2 * time.Second)
		if n := len(bob.agent.incoming); n > incomingQueue {
			t.Errorf("%d calls wait", n)
		}
	})
}

func TestAnInviteThatIsTooOldDoesNotRing(t *testing.T) {
	inWorld(t, func(w *world) {
		bob, eve := w.newPhone("bob"), w.newPuppet()
		eve.open(bob.host)
		eve.say(signal{kind: sigInvite, call: testCall, name: "eve", age: time.Minute})
		if r := eve.heard(sigReject, time.Second).reason; r != NoAnswer {
			t.Errorf("refused as %q", r)
		}
		bob.quiet(5 * time.Second)
	})
}

func TestATooOldProgramIsToldSo(t *testing.T) {
	inWorld(t, func(w *world) {
		ada, eve := w.newPhone("ada"), w.newPuppet()
		f := ada.dial(eve.host, "eve")
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		peer, err := eve.nc.AcceptPeer(ctx)
		if err != nil {
			t.Fatal(err)
		}
		eve.peer = peer
		flow, err := peer.AcceptFlow(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if eve.flow, err = peer.Session().OpenFlow(controlMetadata, rtmfp.FlowOptions{ReturnOf: flow}); err != nil {
			t.Fatal(err)
		}
		eve.say(signal{kind: sigHello, version: 0, name: "eve", epoch: time.Now()})
		f.ended(TooOld, time.Second)
	})
}

func TestWhomThePolicyRefusesWeDoNotOpenASessionWith(t *testing.T) {
	for _, refused := range []bool{true, false} {
		inWorld(t, func(w *world) {
			w.serve()
			bob := w.newPhone("bob", with(judged(func(FarEnd) Reason {
				if refused {
					return Declined
				}
				return NeedsProof
			})))
			eve := w.newOldClient()
			register(bob.host)
			eve.relay(bob.host, sigInvite)
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			_, err := eve.nc.AcceptPeer(ctx) // it would show our address
			if came := err == nil; came == refused {
				t.Errorf("refused %v, a session came: %v", refused, came)
			}
			if refused {
				eve.told(sigReject, time.Second)
			}
		})
	}
}
