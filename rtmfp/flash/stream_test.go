package flash

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
)

func TestPublishAndPlayInBothOrders(t *testing.T) {
	for _, first := range []string{"publish", "play"} {
		t.Run(first+" first", func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				_, b, ab, ba := w.pair()
				var asked []*Peer
				publish := func() *PublishStream {
					s, err := b.Publish("media-callee", func(p *Peer) bool { asked = append(asked, p); return true })
					if err != nil {
						t.Fatal(err)
					}
					return s
				}
				var stream *PublishStream
				if first == "publish" {
					stream = publish()
				}
				play, err := ab.Play("media-callee")
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				if first == "play" {
					if p := b.UnconnectedPeerStreams(); len(p) != 1 || p[0] != (PendingPlay{ba, "media-callee"}) {
						t.Errorf("unconnected: %+v", p)
					}
					stream = publish()
				}
				w.begin(play)
				if p := b.UnconnectedPeerStreams(); len(p) != 0 {
					t.Errorf("unconnected: %+v", p)
				}
				subs := stream.PeerStreams()
				if len(asked) != 1 || asked[0] != ba || len(subs) != 1 || subs[0].Peer() != ba {
					t.Errorf("asked about %v, subscribers %v", asked, subs)
				}
				<-stream.Changed()

				body := AppendAudioOpus(nil, []byte("packet"))
				for _, m := range []Message{{Type: MessageAudio, Timestamp: 20, Payload: body}, {Type: MessageVideo, Timestamp: 33, Payload: make([]byte, 5000)}} {
					if err := stream.Write(m, time.Second); err != nil {
						t.Fatal(err)
					}
					got := w.read(play, m.Type)
					if got.Timestamp != m.Timestamp || string(got.Payload) != string(m.Payload) {
						t.Errorf("sent %d, %d bytes; got %d, %d bytes", m.Timestamp, len(m.Payload), got.Timestamp, len(got.Payload))
					}
				}
				if err := stream.Write(Message{Type: MessageData}, 0); !errors.Is(err, ErrMessageType) {
					t.Errorf("writing data: %v", err)
				}
				if _, err := b.Publish("media-callee", nil); !errors.Is(err, ErrNameTaken) {
					t.Errorf("publishing the name twice: %v", err)
				}
			})
		})
	}
}

func TestRefusedSubscribers(t *testing.T) {
	for _, first := range []string{"publish", "play"} {
		inWorld(t, func(t *testing.T, w *world) {
			_, b, ab, _ := w.pair()
			publish := func() {
				if _, err := b.Publish("s", func(*Peer) bool { return false }); err != nil {
					t.Fatal(err)
				}
			}
			if first == "publish" {
				publish()
			}
			play, err := ab.Play("s")
			if err != nil {
				t.Fatal(err)
			}
			if first == "play" {
				time.Sleep(time.Second)
				publish()
			}
			if m, err := play.Read(w.soon()); !errors.Is(err, ErrRefused) {
				t.Errorf("%s first: %+v, %v", first, m, err)
			}
		})
	}
}

func TestMediaThatNobodyWantsIsNotSent(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, b, ab, _ := w.pair()
		stream, err := b.Publish("s", nil)
		if err != nil {
			t.Fatal(err)
		}
		play, err := ab.PlayReceiving("s", false, false)
		if err != nil {
			t.Fatal(err)
		}
		w.begin(play)
		sub := stream.PeerStreams()[0]
		<-stream.Changed()
		write := func() {
			t.Helper()
			for _, typ := range []MessageType{MessageAudio, MessageVideo} {
				if err := stream.Write(Message{Type: typ}, 0); err != nil {
					t.Fatal(err)
				}
			}
		}
		if sub.ReceivesAudio() || sub.ReceivesVideo() {
			t.Error("the publisher would send")
		}
		write()
		w.nothing(play)
		if err := play.ReceiveAudio(true); err != nil {
			t.Fatal(err)
		}
		<-stream.Changed()
		if !sub.ReceivesAudio() || sub.ReceivesVideo() {
			t.Error("audio alone was asked for")
		}
		write()
		w.read(play, MessageAudio)
		w.nothing(play)
		if err := play.ReceiveVideo(true); err != nil {
			t.Fatal(err)
		}
		<-stream.Changed()
		write()
		if a, v := w.read2(play); a != 1 || v != 1 {
			t.Errorf("%d audio and %d video messages", a, v)
		}
		write() // these are under way when the subscriber stops
		if err := errors.Join(play.ReceiveAudio(false), play.ReceiveVideo(false)); err != nil {
			t.Fatal(err)
		}
		w.nothing(play)
	})
}

// read2 reads two messages and counts audio and video.
func (w *world) read2(s *PlayStream) (audio, video int) {
	w.t.Helper()
	for range 2 {
		switch m, err := s.Read(w.soon()); {
		case err != nil:
			w.t.Fatal(err)
		case m.Type == MessageAudio:
			audio++
		case m.Type == MessageVideo:
			video++
		}
	}
	return audio, video
}

func TestTwoStreamsInOneSession(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a, b, ab, ba := w.pair()
		caller, err := a.Publish("media-caller", nil)
		if err != nil {
			t.Fatal(err)
		}
		callee, err := b.Publish("media-callee", nil)
		if err != nil {
			t.Fatal(err)
		}
		fromB, err := ab.Play("media-callee")
		if err != nil {
			t.Fatal(err)
		}
		fromA, err := ba.Play("media-caller")
		if err != nil {
			t.Fatal(err)
		}
		w.begin(fromB)
		w.begin(fromA)
		for i := range 20 {
			if err := errors.Join(
				caller.Send("onIm", "Ada", fmt.Sprint("to B ", i)), callee.Send("onIm", "Bob", fmt.Sprint("to A ", i)),
			); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 20 {
			for s, want := range map[*PlayStream]string{fromA: fmt.Sprint("to B ", i), fromB: fmt.Sprint("to A ", i)} {
				handler, args, err := w.read(s, MessageData).Data()
				if err != nil || handler != "onIm" || len(args) != 2 || args[1] != want {
					t.Errorf("%s%v, %v; want %q", handler, args, err, want)
				}
			}
		}
		if len(a.Peers()) != 1 || len(b.Peers()) != 1 {
			t.Error("more than one session")
		}
		if err := caller.PeerStreams()[0].Send("alone", 1); err != nil {
			t.Fatal(err)
		}
		if h, _, err := w.read(fromA, MessageData).Data(); err != nil || h != "alone" {
			t.Errorf("%q, %v", h, err)
		}
	})
}

func TestUnpublish(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, b, ab, ba := w.pair()
		stream, play := w.playing(b, ab)
		if err := errors.Join(stream.Send("last"), stream.Close(), stream.Close()); err != nil {
			t.Fatal(err)
		}
		if h, _, err := w.read(play, MessageData).Data(); err != nil || h != "last" {
			t.Errorf("%q, %v", h, err)
		}
		if m := w.read(play, MessageStatus); m.Status.Code != CodeUnpublishNotify {
			t.Errorf("%+v", m)
		}
		for range 2 {
			if _, err := play.Read(w.soon()); !errors.Is(err, io.EOF) {
				t.Errorf("after the end: %v", err)
			}
		}
		if err := stream.Send("more"); !errors.Is(err, rtmfp.ErrClosed) {
			t.Errorf("sending on a closed stream: %v", err)
		}
		if err := stream.Write(Message{Type: MessageAudio}, 0); !errors.Is(err, rtmfp.ErrClosed) {
			t.Errorf("writing on a closed stream: %v", err)
		}
		time.Sleep(10 * time.Second)
		if !ab.idle() || !ba.idle() {
			t.Error("something of the stream is left")
		}
		if _, err := b.Publish("s", nil); err != nil {
			t.Errorf("publishing the name again: %v", err)
		}
		again, err := ab.Play("s")
		if err != nil {
			t.Fatal(err)
		}
		w.begin(again)
	})
}

func TestUnsubscribing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, b, ab, ba := w.pair()
		stream, err := b.Publish("s", nil)
		if err != nil {
			t.Fatal(err)
		}
		play, err := ab.Play("s")
		if err != nil {
			t.Fatal(err)
		}
		pending, err := ab.Play("nobody publishes this")
		if err != nil {
			t.Fatal(err)
		}
		w.begin(play)
		<-stream.Changed()
		if err := errors.Join(play.Close(), pending.Close(), play.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := play.Read(w.soon()); !errors.Is(err, rtmfp.ErrClosed) {
			t.Errorf("reading after Close: %v", err)
		}
		<-stream.Changed()
		time.Sleep(time.Second)
		if len(stream.PeerStreams()) != 0 || len(b.UnconnectedPeerStreams()) != 0 || !ba.idle() {
			t.Error("the publisher kept something of the subscriber")
		}
	})
}

func TestSubscribersThatVanish(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, b, ab, _ := w.pair()
		stream, _ := w.playing(b, ab)
		_ = ab.Close()
		time.Sleep(5 * time.Second)
		if n := len(stream.PeerStreams()); n != 0 {
			t.Errorf("%d subscribers after their session's end", n)
		}
		if err := stream.Write(Message{Type: MessageAudio}, time.Second); err != nil {
			t.Errorf("writing without subscribers: %v", err)
		}
	})
}
