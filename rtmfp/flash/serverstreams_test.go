package flash

import (
	"errors"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

func TestReturnFlowsOfTheService(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service, nc := w.service(), w.connected()
		time.Sleep(time.Second)
		c := service.client(nc.NearID())
		open := func(metadata []byte, returnOf *rtmfp.RecvFlow) *rtmfp.SendFlow {
			f, err := c.session.OpenFlow(metadata, rtmfp.FlowOptions{ReturnOf: returnOf})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write(w.soon(), mustCommand(t, Command{Name: "hello"}), noOptions); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			return f
		}
		second := open(AppendMetadata(nil, 0, false), c.control)
		if e, ok := w.event(nc).(Invocation); !ok || e.Command != "hello" {
			t.Errorf("%+v", e)
		}
		_ = second.Close() // means nothing: the first is the canonical
		for name, f := range map[string]*rtmfp.SendFlow{
			"without an association": open(AppendMetadata(nil, 0, false), nil),
			"of an unknown stream":   open(AppendMetadata(nil, 9, false), c.control),
			"of another kind":        open([]byte("GC\x00"), c.control),
			"without a stream ID":    open([]byte("TC\x00"), c.control),
		} {
			var exception *rtmfp.FlowException
			if err := f.Err(); !errors.As(err, &exception) || exception.Code != rejectCode {
				t.Errorf("a flow %s: %v", name, err)
			}
		}
		if !nc.Connected() {
			t.Fatal("the connection was lost")
		}
		_ = c.reply.Close()
		if e, ok := w.event(nc).(Status); !ok || e.Code != CodeConnectClosed {
			t.Errorf("after the end of the canonical flow: %+v", e)
		}
	})
}

func TestFlowsThatBelongToNoStreamAreRejected(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, nc, s := w.streaming(&testBroker{})
		leg := nc.serviceLeg()
		open := func(metadata []byte, returnOf *rtmfp.RecvFlow) error {
			f, err := leg.session.OpenFlow(metadata, rtmfp.FlowOptions{ReturnOf: returnOf})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write(w.soon(), mustCommand(t, Command{Name: "receiveAudio", Args: []amf.Value{true}}), noOptions); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			return f.Err()
		}
		for name, err := range map[string]error{
			"of an unknown stream":   open(AppendMetadata(nil, s.ID()+1, false), leg.canonicalFlow()),
			"without an association": open(AppendMetadata(nil, s.ID(), false), nil),
			"of another kind":        open([]byte("GC\x00"), leg.canonicalFlow()),
			"without a stream ID":    open([]byte("TC\x00"), leg.canonicalFlow()),
		} {
			var exception *rtmfp.FlowException
			if !errors.As(err, &exception) || exception.Code != rejectCode {
				t.Errorf("a flow %s: %v", name, err)
			}
		}
		for i := range maxReturnFlows + 1 {
			err := open(AppendMetadata(nil, s.ID(), false), leg.canonicalFlow())
			if rejected := err != nil; rejected != (i >= maxReturnFlows) {
				t.Errorf("flow %d of a stream: %v", i, err)
			}
		}
		if err := s.Publish(w.soon(), "name", PublishLive); err == nil || !nc.Connected() {
			t.Errorf("a stream's first flow beyond the bound: %v", err)
		}
	})
}

func TestCommandsOfEncodersAreAnswered(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, nc, _ := w.streaming(nil)
		for _, name := range []string{"releaseStream", "FCPublish", "FCUnpublish", "FCSubscribe", "deleteStream"} {
			if v, err := nc.Call(w.soon(), name, "show"); err != nil || len(v) != 1 || v[0] != nil {
				t.Errorf("%s: %v, %v", name, v, err)
			}
		}
		if v, err := nc.Call(w.soon(), "getStreamLength", "show"); err != nil || len(v) != 1 || v[0] != 0.0 {
			t.Errorf("getStreamLength: %v, %v", v, err)
		}
	})
}

func TestAClientsOwnStreamsAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, nc, first := w.streaming(nil)
		leg := nc.serviceLeg()
		if err := leg.addStream(&NetStream{leg: leg, id: first.ID()}); !errors.Is(err, ErrMalformedMessage) {
			t.Errorf("an ID that is given twice: %v", err)
		}
		var err error
		n := 1
		for ; err == nil && n < 2*maxNetStreams; n++ {
			err = leg.addStream(&NetStream{leg: leg, id: uint32(1000 + n)})
		}
		if !errors.Is(err, rtmfp.ErrTooMany) || n != maxNetStreams+1 {
			t.Errorf("stream %d: %v", n, err)
		}
	})
}
