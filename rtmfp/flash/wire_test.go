package flash

import (
	"bytes"
	"testing"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// TestPeerStreamsOnTheWire holds the bytes that Flash's peers expect: the subscriber's flow and command, and the
// publisher's three flows in return with what begins a stream.
func TestPeerStreamsOnTheWire(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		nc := w.phone()
		stream, err := nc.Publish("s", nil)
		if err != nil {
			t.Fatal(err)
		}
		e, profile := w.endpoint("", flashcrypto.Options{}, nil)
		defer func() { _ = e.Close() }()
		session, err := e.Dial(w.soon(), nc.NearID().EPD(), nc.LocalAddr())
		if err != nil {
			t.Fatal(err)
		}
		peer, err := nc.OpenPeer(w.soon(), profile.Fingerprint(), e.LocalAddr())
		if err != nil {
			t.Fatal(err)
		}

		// As a subscriber.
		if _, err := peer.Play("s"); err != nil {
			t.Fatal(err)
		}
		f, err := session.AcceptFlow(w.soon())
		if err != nil {
			t.Fatal(err)
		}
		if want := []byte("TC\x04\xfa\x89\x01"); !bytes.Equal(f.Metadata(), want) || f.ReturnOf() != nil {
			t.Errorf("the play's flow has metadata %x, want %x, and no association", f.Metadata(), want)
		}
		play := []byte("\x14\x00\x00\x00\x00\x02\x00\x04play\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x02\x00\x01s")
		if b, err := f.Read(w.soon()); err != nil || !bytes.Equal(b, play) {
			t.Errorf("the play is %x, %v; want %x", b, err, play)
		}

		// As a publisher.
		control, err := session.OpenFlow([]byte("TC\x04\xfa\x89\x01"), rtmfp.FlowOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := control.Write(w.soon(), play, rtmfp.MessageOptions{}); err != nil {
			t.Fatal(err)
		}
		data := w.acceptReturn(session, control, "TC\x04\xfa\x89\x01")
		begin := []byte("\x04\x00\x00\x00\x00\x00\x00\x00\x1e\x84\x81") // stream begin, 2000001
		if b, err := data.Read(w.soon()); err != nil || !bytes.Equal(b, begin) {
			t.Errorf("the first message is %x, %v; want %x", b, err, begin)
		}
		for _, m := range []Message{{Type: MessageAudio, Timestamp: 1}, {Type: MessageVideo, Timestamp: 2}} {
			if err := stream.Write(m, 0); err != nil {
				t.Fatal(err)
			}
			media := w.acceptReturn(session, control, "TC\x05\xfa\x89\x01")
			if b, err := media.Read(w.soon()); err != nil || !bytes.Equal(b, []byte{byte(m.Type), 0, 0, 0, byte(m.Timestamp)}) {
				t.Errorf("type %d: %x, %v", m.Type, b, err)
			}
		}
	})
}

// acceptReturn accepts a flow that must be associated to control.
func (w *world) acceptReturn(s *rtmfp.Session, control *rtmfp.SendFlow, metadata string) *rtmfp.RecvFlow {
	w.t.Helper()
	f, err := s.AcceptFlow(w.soon())
	if err != nil {
		w.t.Fatal(err)
	}
	if f.ReturnOf() != control || string(f.Metadata()) != metadata {
		w.t.Errorf("a flow with metadata %x, want %x, associated to %p, want %p", f.Metadata(), metadata, f.ReturnOf(), control)
	}
	return f
}
