package flash

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
)

func TestABarrierThatIsNeverCompleteHoldsForAWhileOnly(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b := &testBroker{}
		service, nc, s := w.streaming(b)
		control := UserControl{Event: EventFlowSync, SyncID: 7, Count: 2}
		c := service.client(nc.NearID())
		for _, m := range [][]byte{
			AppendMessage(nil, MessageUserControl, 0, AppendUserControl(nil, control)),
			mustCommand(t, Command{Name: "hello"}),
		} {
			if _, err := c.reply.Write(w.soon(), m, rtmfp.MessageOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := nc.Next(ctx); err != nil || time.Since(start) < barrierPatience {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if err := s.Publish(w.soon(), "name", PublishLive); err != nil {
			t.Error(err)
		}
	})
}

func TestDeletedStreamsAreGoneAtTheService(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b := &testBroker{}
		_, nc, s := w.streaming(b)
		if err := s.Publish(w.soon(), "name", PublishLive); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(w.soon(), Message{Type: MessageAudio, Payload: []byte("last")}, rtmfp.MessageOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(w.soon()); !errors.Is(err, rtmfp.ErrClosed) {
			t.Errorf("reading: %v", err)
		}
		if err := s.Send("x"); !errors.Is(err, rtmfp.ErrClosed) {
			t.Errorf("sending: %v", err)
		}
		if err := s.Publish(w.soon(), "x", PublishLive); !errors.Is(err, rtmfp.ErrClosed) {
			t.Errorf("publishing: %v", err)
		}
		time.Sleep(2 * time.Second)
		if got := b.said(); !slices.Equal(got, []string{"publish name live", "close"}) || len(b.got()) != 1 {
			t.Errorf("the broker was told %v", got)
		}
		// Stream after stream: none is left over at either end.
		for range 2 * maxServerStreams {
			s, err := nc.CreateStream(w.soon())
			if err != nil {
				t.Fatal(err)
			}
			_ = s.Close()
			time.Sleep(time.Second)
		}
	})
}

func TestStreamsAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, nc, _ := w.streaming(nil)
		for range maxServerStreams - 1 {
			if _, err := nc.CreateStream(w.soon()); err != nil {
				t.Fatal(err)
			}
		}
		var status *StatusError
		if _, err := nc.CreateStream(w.soon()); !errors.As(err, &status) {
			t.Errorf("one more: %v", err)
		}
	})
}

func TestStreamsEndWithTheService(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b := &testBroker{}
		service, nc, s := w.streaming(b)
		if err := s.Publish(w.soon(), "name", PublishLive); err != nil {
			t.Fatal(err)
		}
		w.next(s)
		service.stop()
		if _, err := s.Read(w.soon()); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("reading: %v", err)
		}
		if err := s.Publish(w.soon(), "x", PublishLive); err == nil {
			t.Error("published at no service")
		}
		time.Sleep(10 * time.Second)
		if _, err := nc.CreateStream(w.soon()); !errors.Is(err, ErrNotConnected) {
			t.Errorf("creating: %v", err)
		}
	})
}

func TestAServiceMayRejectAStream(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b := &testBroker{}
		_, nc, s := w.streaming(b)
		if err := s.Play(w.soon(), "clip"); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			w.next(s)
		}
		b.last().Reject()
		if m, err := s.Read(w.soon()); !errors.Is(err, io.EOF) {
			t.Errorf("%+v, %v", m, err)
		}
		time.Sleep(time.Second)
		if got := b.said(); got[len(got)-1] != "close" {
			t.Errorf("the broker was told %v", got)
		}
		if !nc.Connected() {
			t.Error("the connection went with it")
		}
	})
}
