package flash

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// control opens a play flow by hand.
func (w *world) control(p *Peer, metadata []byte) *rtmfp.SendFlow {
	w.t.Helper()
	f, err := p.session.OpenFlow(metadata, rtmfp.FlowOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// rejected reports whether the far end rejects the flow within five seconds.
func rejected(f *rtmfp.SendFlow) bool {
	select {
	case <-f.Done():
	case <-time.After(5 * time.Second):
	}
	var exception *rtmfp.FlowException
	return errors.As(f.Err(), &exception)
}

func TestHostileSubscribers(t *testing.T) {
	raw := func(typ MessageType, payload []byte) []byte { return AppendMessage(nil, typ, 0, payload) }
	command := func(c Command) []byte {
		payload, err := AppendCommand(nil, c)
		if err != nil {
			t.Fatal(err)
		}
		return raw(MessageCommand, payload)
	}
	play := func(args ...amf.Value) []byte { return command(Command{Name: "play", Args: args}) }
	for name, c := range map[string]struct {
		metadata []byte
		messages [][]byte
		rejected bool
	}{
		"stream 0":                    {AppendMetadata(nil, 0, false), [][]byte{play("s")}, true},
		"no stream":                   {[]byte{'T', 'C', 0}, [][]byte{play("s")}, true},
		"a play without a name":       {AppendMetadata(nil, 5, false), [][]byte{play()}, true},
		"a play of a number":          {AppendMetadata(nil, 5, false), [][]byte{play(7)}, true},
		"an empty name":               {AppendMetadata(nil, 5, false), [][]byte{play("")}, true},
		"an endless name":             {AppendMetadata(nil, 5, false), [][]byte{play(string(make([]byte, 5000)))}, true},
		"two plays":                   {AppendMetadata(nil, 5, false), [][]byte{play("s"), play("s")}, true},
		"closeStream":                 {AppendMetadata(nil, 5, false), [][]byte{play("s"), command(Command{Name: "closeStream"})}, true},
		"garbage before a play":       {AppendMetadata(nil, 5, false), [][]byte{{1}, raw(MessageCommand, []byte{9, 9}), raw(MessageVideo, nil), play("s")}, false},
		"unknown commands":            {AppendMetadata(nil, 5, false), [][]byte{play("s"), command(Command{Name: "publish", Args: []any{"x"}}), command(Command{Name: "receiveAudio"}), command(Command{Name: "receiveVideo", Args: []any{"no"}})}, false},
		"a play without null command": {AppendMetadata(nil, 5, false), [][]byte{command(Command{Name: "play", Object: "s"})}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				_, b, ab, ba := w.pair()
				stream, err := b.Publish("s", nil)
				if err != nil {
					t.Fatal(err)
				}
				f := w.control(ab, c.metadata)
				for _, m := range c.messages {
					if _, err := f.Write(w.soon(), m, rtmfp.MessageOptions{}); err != nil {
						t.Fatal(err)
					}
				}
				if got := rejected(f); got != c.rejected {
					t.Errorf("rejected: %v, want %v", got, c.rejected)
				}
				if got := len(stream.PeerStreams()); got == 1 == c.rejected || ba.idle() != c.rejected {
					t.Errorf("%d subscribers", got)
				}
				if !ba.alive() {
					t.Error("the session was lost")
				}
			})
		})
	}
}

func TestSubscriptionsAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, b, ab, _ := w.pair()
		var plays []*PlayStream
		for i := range maxSubscriptions + 3 {
			s, err := ab.Play(fmt.Sprint("waiting ", i))
			if err != nil {
				t.Fatal(err)
			}
			plays = append(plays, s)
		}
		time.Sleep(2 * time.Second)
		if n := len(b.UnconnectedPeerStreams()); n != maxSubscriptions {
			t.Errorf("%d plays wait, want %d", n, maxSubscriptions)
		}
		refused := 0
		for _, s := range plays {
			if s.ctx.Err() != nil {
				refused++
			}
		}
		if refused != 3 {
			t.Errorf("%d plays were refused, want 3", refused)
		}
	})
}

func TestHostilePublishers(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, _, ab, ba := w.pair()
		play, err := ab.Play("s")
		if err != nil {
			t.Fatal(err)
		}
		// Take the subscription away from the NetConnection of b, as a hostile one would.
		time.Sleep(time.Second)
		ba.nc.mu.Lock()
		control := ba.nc.pending[0].control
		ba.nc.mu.Unlock()
		var flows []*rtmfp.SendFlow
		for range maxReturnFlows + 2 {
			f, err := ba.session.OpenFlow(AppendMetadata(nil, firstPeerStream, true), rtmfp.FlowOptions{ReturnOf: control})
			if err != nil {
				t.Fatal(err)
			}
			flows = append(flows, f)
			for _, m := range [][]byte{
				{},
				{8},
				AppendMessage(nil, 1, 0, []byte("chunk size")),
				AppendMessage(nil, MessageCommand, 0, []byte{2, 0xff, 0xff}),
				AppendMessage(nil, MessageDataExtended, 0, nil),
				AppendMessage(nil, MessageUserControl, 0, []byte{0}),
				AppendMessage(nil, MessageUserControl, 0, AppendUserControl(nil, UserControl{Event: EventFlowSync, SyncID: 1, Count: 9})),
			} {
				if _, err := f.Write(w.soon(), m, rtmfp.MessageOptions{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(2 * time.Second)
		n := 0
		for _, f := range flows {
			if f.Err() != nil {
				n++
			}
		}
		if n != 2 {
			t.Errorf("%d flows beyond the bound were rejected, want 2", n)
		}
		if _, err := flows[0].Write(w.soon(), AppendMessage(nil, MessageAudio, 5, nil), rtmfp.MessageOptions{}); err != nil {
			t.Fatal(err)
		}
		if m := w.read(play, MessageAudio); m.Timestamp != 5 {
			t.Errorf("%+v", m)
		}
		if !ab.alive() {
			t.Error("the session was lost")
		}
	})
}
