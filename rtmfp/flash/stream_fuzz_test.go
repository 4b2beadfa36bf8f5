package flash

import (
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// FuzzServiceMessages lets a service send any message on its control flow and on a flow of a stream, and open a flow with any
// metadata. The client must stay sane: another stream goes on.
func FuzzServiceMessages(f *testing.F) {
	control := func(u UserControl) []byte {
		return AppendMessage(nil, MessageUserControl, 0, AppendUserControl(nil, u))
	}
	command := func(e ObjectEncoding, c Command) []byte {
		b, err := AppendCommandMessage(nil, e, c)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	f.Add(control(UserControl{Event: EventSetKeepalive}), command(AMF0, StatusCommand(Status{Code: CodePlayStart})), AppendMetadata(nil, 1, true))
	f.Add(control(UserControl{Event: EventPingRequest}), control(UserControl{Event: EventStreamEOF, StreamID: 1}), []byte("TC"))
	f.Add(command(AMF3, Command{Name: CommandResult, Transaction: 3, Args: []amf.Value{1e300}}), AppendMessage(nil, MessageAggregate, 0, []byte{8, 0, 0, 0}), []byte("XY"))
	f.Add(command(AMF0, StatusCommand(Status{Code: CodeAddressChangeNotify})), AppendMessage(nil, MessageDataExtended, 0, []byte{0, 2, 0, 1, 'x'}), AppendMetadata(nil, 0, false))
	f.Fuzz(func(t *testing.T, toControl, toStream, metadata []byte) {
		if len(metadata) > 500 {
			return
		}
		inWorld(t, func(t *testing.T, w *world) {
			b := &testBroker{}
			service, nc, bad := w.streaming(b)
			if err := bad.Play(w.soon(), "bad"); err != nil {
				t.Fatal(err)
			}
			good, err := nc.CreateStream(w.soon())
			if err != nil {
				t.Fatal(err)
			}
			if err := good.Play(w.soon(), "good"); err != nil {
				t.Fatal(err)
			}
			for range 4 {
				w.next(good)
			}
			c := service.client(nc.NearID())
			for metadata, m := range map[string][]byte{
				string(AppendMetadata(nil, bad.ID(), false)): toStream,
				string(AppendMetadata(nil, 0, false)):        toControl,
				string(metadata):                             toStream,
			} {
				flow, err := c.session.OpenFlow([]byte(metadata), rtmfp.FlowOptions{ReturnOf: c.control})
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					if _, err := writeNow(flow, m, noOptions); err != nil {
						t.Fatal(err)
					}
				}
			}
			time.Sleep(barrierPatience + time.Second)
			if !nc.Connected() {
				t.Fatal("the connection was lost")
			}
			if _, err := b.last().Send(MessageAudio, AppendMessage(nil, MessageAudio, 77, nil), noOptions); err != nil {
				t.Fatal(err)
			}
			for range 20 {
				if m := w.next(good); m.Type == MessageAudio && m.Timestamp == 77 {
					return
				}
			}
			t.Error("the good stream brings nothing")
		})
	})
}

// FuzzClientMessages lets a client send any message on flows of its streams, and have any command about them carried out. The
// service's streams must stay sane: those of the same client go on.
func FuzzClientMessages(f *testing.F) {
	command := func(c Command) []byte {
		b, err := AppendCommandMessage(nil, AMF0, c)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	f.Add("createStream", 1.0, command(Command{Name: commandPublish, Args: []amf.Value{"x", "live"}}), AppendMessage(nil, MessageVideo, 0, []byte("\x17")))
	f.Add("deleteStream", 2.0, command(Command{Name: commandPlay, Args: []amf.Value{"x", -2, -1, true}}), command(Command{Name: commandPause, Args: []amf.Value{true}}))
	f.Add("deleteStream", 1e99, command(Command{Name: commandPlay, Args: []amf.Value{false}}), command(Command{Name: commandReceiveVideo, Args: []amf.Value{0}}))
	f.Add("getStreamLength", 0.0, AppendMessage(nil, MessageUserControl, 0, AppendUserControl(nil, UserControl{Event: EventFlowSync, SyncID: 1, Count: 9})), []byte{})
	f.Fuzz(func(t *testing.T, name string, argument float64, first, second []byte) {
		inWorld(t, func(t *testing.T, w *world) {
			b := &testBroker{}
			service, nc, good := w.streaming(b)
			if err := good.Publish(w.soon(), "good", PublishLive); err != nil {
				t.Fatal(err)
			}
			bad, err := nc.CreateStream(w.soon())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range []medium{mediumData, mediumVideo} {
				for _, message := range [][]byte{first, second} {
					if _, err := bad.out.writeNow(m, message, noOptions); err != nil {
						t.Fatal(err)
					}
				}
			}
			if uint32(argument) != good.ID() {
				service.client(nc.NearID()).streams.Command(Command{Name: name, Args: []amf.Value{argument}})
			}
			time.Sleep(barrierPatience + time.Second)
			if err := good.Send("sane"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			got := b.got()
			if len(got) == 0 {
				t.Fatal("the good stream brings nothing")
			}
			if h, _, err := got[len(got)-1].Data(); err != nil || h != "sane" {
				t.Errorf("%q, %v", h, err)
			}
			_ = bad.Close()
		})
	})
}
