package flash

import (
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// FuzzPeerMessages lets a peer send any message on its play flow and on the flows of a stream that it publishes, and open
// a flow with any metadata. The far end must stay sane: other streams of the session go on.
func FuzzPeerMessages(f *testing.F) {
	command := func(name string, args ...amf.Value) []byte {
		payload, err := AppendCommand(nil, Command{Name: name, Args: args})
		if err != nil {
			f.Fatal(err)
		}
		return AppendMessage(nil, MessageCommand, 0, payload)
	}
	status, err := AppendCommand(nil, StatusCommand(Status{Code: CodeUnpublishNotify}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(command("play", "good"), AppendMessage(nil, MessageCommand, 0, status), AppendMetadata(nil, 7, true))
	f.Add(command("receiveVideo", 3), AppendMessage(nil, MessageDataExtended, 0, []byte{0, 2, 0, 1, 'x'}), []byte("TC"))
	f.Add(command("closeStream"), AppendMessage(nil, MessageUserControl, 0, AppendUserControl(nil, UserControl{Event: EventFlowSync, Count: 2})), []byte("XY"))
	f.Fuzz(func(t *testing.T, toPublisher, toSubscriber, metadata []byte) {
		if len(metadata) > 500 {
			return
		}
		inWorld(t, func(t *testing.T, w *world) {
			_, b, ab, ba := w.pair()
			stream, err := b.Publish("good", nil)
			if err != nil {
				t.Fatal(err)
			}
			good, err := ab.Play("good")
			if err != nil {
				t.Fatal(err)
			}
			w.begin(good)
			bad, err := ba.Play("bad")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ab.nc.Publish("bad", nil); err != nil {
				t.Fatal(err)
			}
			w.begin(bad)
			ab.nc.mu.Lock()
			control := ab.nc.streams["bad"].PeerStreams()[0].control
			ab.nc.mu.Unlock()
			for metadata, c := range map[string]struct {
				message []byte
				options rtmfp.FlowOptions
			}{
				string(AppendMetadata(nil, 9, false)):               {toPublisher, rtmfp.FlowOptions{}},
				string(AppendMetadata(nil, firstPeerStream, false)): {toSubscriber, rtmfp.FlowOptions{ReturnOf: control}},
				string(metadata): {toPublisher, rtmfp.FlowOptions{}},
			} {
				flow, err := ab.session.OpenFlow([]byte(metadata), c.options)
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					if _, err := writeNow(flow, c.message, rtmfp.MessageOptions{}); err != nil {
						t.Fatal(err)
					}
				}
			}
			time.Sleep(time.Second)
			if err := stream.Send("sane"); err != nil {
				t.Fatal(err)
			}
			if h, _, err := w.read(good, MessageData).Data(); err != nil || h != "sane" {
				t.Errorf("%q, %v", h, err)
			}
		})
	})
}
