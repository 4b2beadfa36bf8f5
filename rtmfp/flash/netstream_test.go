package flash

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// streaming makes a phone with a stream at a service whose broker is b.
func (w *world) streaming(b Broker, change ...func(*Config)) (*testService, *NetConnection, *NetStream) {
	w.t.Helper()
	service := w.service(func(s *testService) { s.broker = b })
	nc := w.connected(change...)
	s, err := nc.CreateStream(w.soon())
	if err != nil {
		w.t.Fatal(err)
	}
	return service, nc, s
}

// next reads the next message of a stream.
func (w *world) next(s *NetStream) Message {
	w.t.Helper()
	m, err := s.Read(w.soon())
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func inBothEncodings(t *testing.T, f func(t *testing.T, w *world, change func(*Config))) {
	for name, e := range map[string]ObjectEncoding{"AMF0": AMF0, "AMF3": AMF3} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) { f(t, w, func(c *Config) { c.ObjectEncoding = e }) })
		})
	}
}

func TestPublishToAService(t *testing.T) {
	inBothEncodings(t, func(t *testing.T, w *world, change func(*Config)) {
		b := &testBroker{}
		_, _, s := w.streaming(b, change)
		if err := s.Publish(w.soon(), "name?key=1", PublishLive); err != nil {
			t.Fatal(err)
		}
		if m := w.next(s); m.Type != MessageStatus || m.Status.Code != CodePublishStart {
			t.Errorf("%+v", m)
		}
		metadata := amf.Object{{Name: "width", Value: 320.0}}
		if err := s.SetDataFrame("onMetaData", metadata); err != nil {
			t.Fatal(err)
		}
		want := []Message{
			{Type: MessageVideo, Timestamp: 33, Payload: make([]byte, 30_000)},
			{Type: MessageAudio, Timestamp: 20, Payload: []byte("sound")},
		}
		for _, m := range want {
			receipt, err := s.Write(w.soon(), m, rtmfp.MessageOptions{})
			if err != nil {
				t.Fatal(err)
			}
			<-receipt.Done()
			if !receipt.Delivered() {
				t.Error("not delivered")
			}
		}
		if err := errors.Join(s.Sync(w.soon()), s.ClearDataFrame("onMetaData"), s.Send("chat", "hi")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		got := b.got()
		if len(got) != 5 {
			t.Fatalf("%d messages, want 5", len(got))
		}
		for _, m := range want {
			if !slices.ContainsFunc(got, func(g Message) bool {
				return g.Type == m.Type && g.Timestamp == m.Timestamp && slices.Equal(g.Payload, m.Payload)
			}) {
				t.Errorf("the message of type %d did not come", m.Type)
			}
		}
		var handlers []string
		for _, g := range got {
			if g.Type == MessageData {
				handler, args, err := g.Data()
				if err != nil {
					t.Fatal(err)
				}
				if handlers = append(handlers, handler); handler == "@setDataFrame" {
					if o, _ := amf.Members(args[1]); args[0] != "onMetaData" || o.Number("width") != 320 {
						t.Errorf("%v", args)
					}
				}
			}
		}
		if !slices.Equal(handlers, []string{"@setDataFrame", "@clearDataFrame", "chat"}) {
			t.Errorf("handlers %v", handlers)
		}
		if _, err := s.Write(w.soon(), Message{Type: MessageData}, rtmfp.MessageOptions{}); !errors.Is(err, ErrMessageType) {
			t.Errorf("writing data: %v", err)
		}

		if err := s.CloseStream(w.soon()); err != nil {
			t.Fatal(err)
		}
		if m := w.next(s); m.Status.Code != CodeUnpublishSuccess {
			t.Errorf("%+v", m)
		}
		if err := s.Publish(w.soon(), "again", PublishLive); err != nil {
			t.Errorf("publishing again: %v", err)
		}
	})
}

func TestRefusalsOfAService(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, _, s := w.streaming(&testBroker{})
		refused := func(err error, code string) {
			t.Helper()
			var status *StatusError
			if !errors.As(err, &status) || status.Status.Code != code || status.Status.Level != LevelError {
				t.Errorf("%v, want %s", err, code)
			}
		}
		refused(s.Publish(w.soon(), "taken", PublishLive), CodePublishBadName)
		refused(s.Publish(w.soon(), "name", PublishRecord), CodePublishDenied)
		refused(s.Publish(w.soon(), "name", PublishAppend), CodePublishDenied)
		refused(s.Play(w.soon(), "missing"), CodePlayNotFound)
		refused(s.PlayWith(w.soon(), "clip", PlayOptions{Start: 3}), CodePlayNotFound)
		for _, err := range []error{s.Play(w.soon(), ""), s.Publish(w.soon(), "", PublishLive), s.PlayWith(w.soon(), "", PlayOptions{}), s.Play2("a", "", TransitionSwitch, PlayOptions{})} {
			if !errors.Is(err, ErrName) {
				t.Errorf("an empty name: %v", err)
			}
		}
		if err := s.Publish(w.soon(), "name", PublishLive); err != nil {
			t.Errorf("after refusals: %v", err)
		}
	})
}

func TestAServiceWithoutABrokerRefusesStreams(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, _, s := w.streaming(nil)
		var status *StatusError
		if err := s.Publish(w.soon(), "name", PublishLive); !errors.As(err, &status) || status.Status.Code != CodePublishBadName {
			t.Errorf("publish: %v", err)
		}
		if err := s.Play(w.soon(), "name"); !errors.As(err, &status) || status.Status.Code != CodePlayFailed {
			t.Errorf("play: %v", err)
		}
	})
}

func TestPlayFromAService(t *testing.T) {
	inBothEncodings(t, func(t *testing.T, w *world, change func(*Config)) {
		b := &testBroker{}
		_, _, s := w.streaming(b, change)
		if err := s.SetBufferTime(250 * time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if err := s.Play(w.soon(), "clip"); err != nil {
			t.Fatal(err)
		}
		if m := w.next(s); m.Type != MessageUserControl || m.Control.Event != EventStreamBegin || m.Control.StreamID != s.ID() {
			t.Errorf("%+v", m)
		}
		for _, code := range []string{CodePlayReset, CodePlayStart} {
			if m := w.next(s); m.Status.Code != code {
				t.Errorf("%+v, want %s", m, code)
			}
		}
		if h, _, err := w.next(s).Data(); err != nil || h != commandSampleAccess {
			t.Errorf("%q, %v", h, err)
		}
		far := b.last()
		if far.BufferTime() != 250*time.Millisecond || far.ID() != s.ID() {
			t.Errorf("stream %d buffers %v", far.ID(), far.BufferTime())
		}
		for _, m := range []Message{{Type: MessageVideo, Timestamp: 1, Payload: make([]byte, 3000)}, {Type: MessageAudio, Timestamp: 2}} {
			if _, err := far.Send(m.Type, AppendMessage(nil, m.Type, m.Timestamp, m.Payload), rtmfp.MessageOptions{}); err != nil {
				t.Fatal(err)
			}
			if got := w.next(s); got.Type != m.Type || got.Timestamp != m.Timestamp || len(got.Payload) != len(m.Payload) {
				t.Errorf("%+v", got)
			}
		}
		if err := errors.Join(s.ReceiveVideo(false), s.ReceiveAudio(false), s.Pause(true, time.Second), s.Seek(time.Second)); err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{CodePauseNotify, CodeSeekFailed} {
			if m := w.next(s); m.Status.Code != code {
				t.Errorf("%+v, want %s", m, code)
			}
		}
		if far.ReceivesAudio() || far.ReceivesVideo() || !far.Paused() {
			t.Error("the service would send")
		}
		if err := errors.Join(s.ReceiveVideoFPS(15), s.ReceiveAudio(true), s.Pause(false, time.Second), s.Play2("clip", "other", TransitionSwitch, PlayOptions{})); err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{CodeUnpauseNotify, CodePlayFailed} {
			if m := w.next(s); m.Status.Code != code {
				t.Errorf("%+v, want %s", m, code)
			}
		}
		if !far.ReceivesAudio() || !far.ReceivesVideo() || far.Paused() {
			t.Error("the service would not send")
		}
		if err := far.UserControl(EventStreamEOF); err != nil {
			t.Fatal(err)
		}
		if m := w.next(s); m.Control.Event != EventStreamEOF {
			t.Errorf("%+v", m)
		}
		want := []string{"play clip", "start", "changed", "changed", "changed", "changed", "changed", "changed"}
		if got := b.said(); !slices.Equal(got, want) {
			t.Errorf("the broker was told %v", got)
		}
	})
}

func TestBarriersKeepTheOrderOfAServicesFlows(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b := &testBroker{}
		_, _, s := w.streaming(b)
		if err := s.Play(w.soon(), "clip"); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			w.next(s)
		}
		far := b.last()
		// Sound has precedence over pictures on the way, but not over a barrier.
		for i := range uint32(20) {
			if _, err := far.Send(MessageVideo, AppendMessage(nil, MessageVideo, i, make([]byte, 20_000)), rtmfp.MessageOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := far.Send(MessageAudio, AppendMessage(nil, MessageAudio, 99, nil), rtmfp.MessageOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(far.Sync(), far.Status(Status{Code: CodeUnpublishNotify, Level: LevelStatus})); err != nil {
			t.Fatal(err)
		}
		for range 21 {
			if m := w.next(s); m.Type != MessageVideo && m.Type != MessageAudio {
				t.Fatalf("%+v overtook", m)
			}
		}
		if m := w.next(s); m.Status.Code != CodeUnpublishNotify {
			t.Errorf("%+v", m)
		}
	})
}

func mustCommand(t *testing.T, c Command) []byte {
	t.Helper()
	b, err := AppendCommandMessage(nil, AMF0, c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAggregatesAreTakenApart(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		b := &testBroker{}
		_, _, s := w.streaming(b)
		if err := s.Play(w.soon(), "clip"); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			w.next(s)
		}
		var payload []byte
		for _, m := range []Message{{Type: MessageAudio, Timestamp: 1000, Payload: []byte("a")}, {Type: MessageVideo, Timestamp: 1040, Payload: []byte("v")}} {
			var err error
			if payload, err = AppendAggregated(payload, m); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.last().Send(MessageData, AppendMessage(nil, MessageAggregate, 5000, payload), rtmfp.MessageOptions{}); err != nil {
			t.Fatal(err)
		}
		if m := w.next(s); m.Type != MessageAudio || m.Timestamp != 5000 || string(m.Payload) != "a" {
			t.Errorf("%+v", m)
		}
		if m := w.next(s); m.Type != MessageVideo || m.Timestamp != 5040 || string(m.Payload) != "v" {
			t.Errorf("%+v", m)
		}
	})
}
