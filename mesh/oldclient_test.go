package mesh

import (
	"context"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// oldClient is a client that knows the relay and streams alone.
type oldClient struct{ *puppet }

func (w *world) newOldClient() *oldClient {
	o := &oldClient{puppet: w.newPuppet()}
	register(o.host)
	go func() {
		for {
			ev, err := o.nc.Next(context.Background())
			if err != nil {
				return
			}
			if inv, ok := ev.(flash.Invocation); ok {
				if r, ok := parseRelayed(inv); ok {
					o.mu.Lock()
					o.relayed = append(o.relayed, r)
					o.mu.Unlock()
				}
			}
		}
	}()
	return o
}

func (o *oldClient) relay(to *host, action signalKind) {
	o.w.t.Helper()
	if err := relay(o.nc, to.id, action, "old"); err != nil {
		o.w.t.Fatal(err)
	}
}

// told waits for a relayed action.
func (o *oldClient) told(action signalKind, limit time.Duration) {
	o.w.t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		o.mu.Lock()
		for _, r := range o.relayed {
			if r.action == action {
				o.mu.Unlock()
				return
			}
		}
		o.mu.Unlock()
		if time.Now().After(end) {
			o.w.t.Fatalf("no %s within %v", action, limit)
		}
	}
}

// takePeer takes a session that a phone has opened, and rejects its unknown flows, as Flash does.
func (o *oldClient) takePeer(limit time.Duration) {
	o.w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	peer, err := o.nc.AcceptPeer(ctx)
	if err != nil {
		o.w.t.Fatal(err)
	}
	o.peer = peer
	go func() {
		for {
			f, err := peer.AcceptFlow(context.Background())
			if err != nil {
				return
			}
			f.Reject(0)
		}
	}()
}

func TestAnOldClientIsCalled(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada := w.newPhone("ada")
		register(ada.host)
		old := w.newOldClient()
		f := ada.dialBy("old", ada.introduced(old.host))
		old.told(sigInvite, time.Second)
		old.takePeer(2 * time.Second)
		s := old.plays(callerStream)
		_ = s.ReceiveAudio(false)
		_ = s.ReceiveVideo(false)
		time.Sleep(3 * time.Second)
		if ada.media.session() != nil {
			t.Error("media before the accept")
		}
		_ = s.ReceiveAudio(true)
		_ = s.ReceiveVideo(true)
		old.blasts(calleeStream)
		old.relay(ada.host, sigAccept)
		f.state(InCall, 3*time.Second)
		time.Sleep(2 * time.Second)
		if old.mediaSoFar() < 50 || ada.media.session().received(AudioFrame) < 50 {
			t.Errorf("%d out, %d in", old.mediaSoFar(), ada.media.session().received(AudioFrame))
		}
		old.relay(ada.host, sigBye)
		f.ended(Hangup, time.Second)
		old.told(sigOK, time.Second)
	})
}

func TestAnOldClientCalls(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		bob := w.newPhone("bob")
		register(bob.host)
		old := w.newOldClient()
		old.blasts(callerStream)
		old.relay(bob.host, sigInvite)
		old.takePeer(2 * time.Second)
		old.plays(calleeStream)
		f := bob.rings(5 * time.Second)
		if !f.Proved() || f.Name() != "old" {
			t.Errorf("proved %v, name %q", f.Proved(), f.Name())
		}
		time.Sleep(time.Second)
		if bob.media.session() != nil || old.mediaSoFar() > 0 {
			t.Error("media before the accept")
		}
		if err := f.Accept(); err != nil {
			t.Fatal(err)
		}
		old.told(sigAccept, time.Second)
		f.state(InCall, 3*time.Second)
		time.Sleep(2 * time.Second)
		if err := f.SendChat("good old times"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		old.mu.Lock()
		if len(old.chat) != 1 || old.chat[0] != "good old times" {
			t.Errorf("chat %q", old.chat)
		}
		old.mu.Unlock()
		if old.mediaSoFar() < 50 || bob.media.session().received(VideoFrame) < 50 {
			t.Errorf("%d out, %d in", old.mediaSoFar(), bob.media.session().received(VideoFrame))
		}
		f.HangUp()
		old.told(sigBye, time.Second)
	})
}

func TestAnOldClientRejectsAndCancels(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada := w.newPhone("ada")
		register(ada.host)
		old := w.newOldClient()
		f := ada.dialBy("old", ada.introduced(old.host))
		old.told(sigInvite, time.Second)
		old.takePeer(2 * time.Second)
		time.Sleep(3 * time.Second)
		old.relay(ada.host, sigReject)
		f.ended(Declined, time.Second)

		old.relay(ada.host, sigInvite)
		g := ada.rings(6 * time.Second)
		old.relay(ada.host, sigCancel)
		g.ended(Cancelled, time.Second)
		old.told(sigOK, time.Second)
	})
}

func TestAnOldClientHangsUpAsSoonAsItHasAccepted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada := w.newPhone("ada")
		register(ada.host)
		old := w.newOldClient()
		f := ada.dialBy("old", ada.introduced(old.host))
		old.told(sigInvite, time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := old.nc.AcceptPeer(ctx); err != nil { // no flow is rejected, so it is not known yet to be an old client
			t.Fatal(err)
		}
		time.Sleep(helloWait / 4)
		old.relay(ada.host, sigAccept)
		old.relay(ada.host, sigBye)
		f.ended(Hangup, time.Second)
		old.told(sigOK, time.Second)
		if ada.media.session() != nil {
			t.Error("media for somebody not known yet")
		}
	})
}

func TestABusyPhoneRejectsAnOldClient(t *testing.T) {
	inWorld(t, func(w *world) {
		w.serve()
		ada, bob := w.newPhone("ada"), w.newPhone("bob")
		register(ada.host, bob.host)
		old := w.newOldClient()
		from, _ := talk(ada, bob)
		old.relay(ada.host, sigInvite)
		old.told(sigReject, 10*time.Second)
		if from.Status().State != InCall {
			t.Error("the call was disturbed")
		}
	})
}

// inertPeer takes a session that a phone has opened, and the flow of signals in it, and says nothing.
func (o *oldClient) inertPeer() *rtmfp.RecvFlow {
	o.w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	peer, err := o.nc.AcceptPeer(ctx)
	if err != nil {
		o.w.t.Fatal(err)
	}
	o.peer = peer
	flow, err := peer.AcceptFlow(ctx)
	if err != nil {
		o.w.t.Fatal(err)
	}
	return flow
}

func TestAHelloThatComesLateMakesAnOldCallOneOfOurs(t *testing.T) {
	t.Run("when we call", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.serve()
			ada, eve := w.newPhone("ada"), w.newOldClient()
			register(ada.host)
			f := ada.dialBy("eve", ada.introduced(eve.host))
			eve.told(sigInvite, time.Second)
			flow := eve.inertPeer()
			eve.plays(callerStream)
			eve.blasts(calleeStream)
			eve.relay(ada.host, sigAccept)
			f.state(InCall, 5*time.Second)
			time.Sleep(time.Second)
			eve.control(flow) // only now
			go eve.read(flow)
			call := eve.heard(sigInvite, time.Second).call
			eve.heard(sigResume, time.Second)
			eve.say(signal{kind: sigResume, call: call})
			time.Sleep(2 * time.Second)
			if f.Status().State != InCall {
				t.Fatalf("the call is %s", f.Status().State)
			}
			eve.say(signal{kind: sigBye, call: call})
			f.ended(Hangup, time.Second)
		})
	})
	t.Run("when we are called", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.serve()
			bob, eve := w.newPhone("bob"), w.newOldClient()
			register(bob.host)
			eve.blasts(callerStream)
			eve.relay(bob.host, sigInvite)
			flow := eve.inertPeer()
			eve.plays(calleeStream)
			f := bob.rings(6 * time.Second)
			if err := f.Accept(); err != nil {
				t.Fatal(err)
			}
			f.state(InCall, 3*time.Second)
			eve.control(flow)
			go eve.read(flow)
			eve.say(signal{kind: sigInvite, call: testCall, name: "eve"})
			eve.say(signal{kind: sigResume, call: testCall})
			time.Sleep(2 * time.Second)
			if f.Status().State != InCall || len(bob.media.sessions) != 1 {
				t.Fatalf("the call is %s", f.Status().State)
			}
			bob.quiet(time.Second)
			f.HangUp()
			if c := eve.heard(sigBye, time.Second).call; c != testCall {
				t.Errorf("bye for %q", c)
			}
		})
	})
}
