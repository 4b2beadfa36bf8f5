package flash

import (
	"bytes"
	"errors"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// tell sends a message to a client on the service's control flow.
func (s *testService) tell(nc *NetConnection, message []byte) {
	s.w.t.Helper()
	if _, err := s.client(nc.NearID()).reply.Write(s.w.soon(), message, rtmfp.MessageOptions{}); err != nil {
		s.w.t.Fatal(err)
	}
}

func (s *testService) tellControl(nc *NetConnection, u UserControl) {
	s.w.t.Helper()
	s.tell(nc, AppendMessage(nil, MessageUserControl, 0, AppendUserControl(nil, u)))
}

// event returns the next event of the service leg.
func (w *world) event(nc *NetConnection) Event {
	w.t.Helper()
	e, err := nc.Next(w.soon())
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

func TestTheEncodingIsAgreedUpon(t *testing.T) {
	answer := func(e amf.Value) amf.Object { return amf.Object{{Name: "objectEncoding", Value: e}} }
	for _, tt := range []struct {
		asked  ObjectEncoding
		answer amf.Object
		want   ObjectEncoding
	}{
		{AMF0, answer(0.0), AMF0},
		{AMF0, answer(3.0), AMF0}, // nobody asked for that
		{AMF0, nil, AMF0},
		{AMF3, answer(3.0), AMF3},
		{AMF3, answer(0.0), AMF0},
		{AMF3, answer("3"), AMF0},
		{AMF3, nil, AMF0},
	} {
		if got := answeredEncoding(tt.asked, tt.answer); got != tt.want {
			t.Errorf("asked for %d, answered %v: %d, want %d", tt.asked, tt.answer, got, tt.want)
		}
	}
	for _, tt := range []struct {
		object amf.Value
		want   ObjectEncoding
	}{{nil, AMF0}, {amf.Object{}, AMF0}, {answer(0.0), AMF0}, {answer(1.0), AMF0}, {answer(3.0), AMF3}, {amf.ECMAArray(answer(3.0)), AMF3}} {
		if got := (Command{Object: tt.object}).RequestedEncoding(); got != tt.want {
			t.Errorf("%v asks for %d, want %d", tt.object, got, tt.want)
		}
	}
}

func TestCommandsOfBothEncodingsOnTheWire(t *testing.T) {
	c := Command{Name: "relay", Transaction: 2, Args: []amf.Value{"ab", 1, amf.Object{{Name: "k", Value: true}}}}
	tid := "\x00\x40\x00\x00\x00\x00\x00\x00\x00"
	one := "\x00\x3f\xf0\x00\x00\x00\x00\x00\x00"
	for e, want := range map[ObjectEncoding]string{
		AMF0: "\x14\x00\x00\x00\x00" + "\x02\x00\x05relay" + tid + "\x05" + "\x02\x00\x02ab" + one + "\x03\x00\x01k\x01\x01\x00\x00\x09",
		AMF3: "\x11\x00\x00\x00\x00\x00" + "\x02\x00\x05relay" + tid + "\x05" + "\x02\x00\x02ab" + one + "\x11\x0a\x0b\x01\x03k\x03\x01",
	} {
		got, err := AppendCommandMessage(nil, e, c)
		if err != nil || string(got) != want {
			t.Errorf("%d: %q, %v; want %q", e, got, err, want)
		}
	}
	for e, want := range map[ObjectEncoding]string{
		AMF0: "\x12\x00\x00\x00\x07\x02\x00\x04onIm\x02\x00\x02hi\x0a\x00\x00\x00\x01\x05",
		AMF3: "\x0f\x00\x00\x00\x07\x00\x02\x00\x04onIm\x02\x00\x02hi\x11\x09\x03\x01\x01",
	} {
		got, err := AppendDataMessage(nil, e, 7, "onIm", "hi", amf.Array{nil})
		if err != nil || string(got) != want {
			t.Errorf("%d: %q, %v; want %q", e, got, err, want)
		}
	}
	for _, e := range []ObjectEncoding{AMF0, AMF3} {
		if b, err := AppendCommandMessage([]byte("x"), e, Command{Args: []amf.Value{make(chan int)}}); !errors.Is(err, amf.ErrUnsupported) || string(b) != "x" {
			t.Errorf("a channel: %q, %v", b, err)
		}
		if b, err := AppendDataMessage([]byte("x"), e, 0, "h", make(chan int)); !errors.Is(err, amf.ErrUnsupported) || !bytes.Equal(b, []byte("x")) {
			t.Errorf("a channel: %q, %v", b, err)
		}
	}
}

func TestConnectingWithAMF3(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service := w.service()
		nc := w.connected(func(c *Config) {
			c.ObjectEncoding = AMF3
			c.ConnectInfo = amf.Object{{Name: "swfUrl", Value: "http://x/"}}
		})
		if nc.Encoding() != AMF3 || nc.ServiceInfo().String("connectionID") != "c1" {
			t.Errorf("encoding %d, info %v", nc.Encoding(), nc.ServiceInfo())
		}
		object, _ := service.connect.Object.(amf.Object)
		if object.Number("objectEncoding") != 3 || object.String("swfUrl") != "http://x/" {
			t.Errorf("connect's object is %v", object)
		}
		if v, err := nc.Call(w.soon(), "double", 21); err != nil || len(v) != 1 || v[0] != 42.0 {
			t.Errorf("double: %v, %v", v, err)
		}
		time.Sleep(time.Second)
		if c := service.client(nc.NearID()); c == nil || len(c.addresses) != 1 {
			t.Errorf("the service knows %+v", c)
		}
		nc.Disconnect()
		if nc.Encoding() != AMF0 || nc.ServiceInfo() != nil {
			t.Error("an agreement with nobody")
		}
	})
}

func TestTheServiceMayCallUs(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service, nc := w.service(), w.connected()
		time.Sleep(time.Second)
		for _, tid := range []float64{0, 7, 8} {
			service.tell(nc, mustCommand(t, Command{Name: "add", Transaction: tid, Args: []amf.Value{1, 2}}))
		}
		for _, want := range []Command{
			{},
			{Name: CommandResult, Transaction: 7, Args: []amf.Value{3.0}},
			{Name: CommandError, Transaction: 8},
		} {
			call, ok := w.event(nc).(Invocation)
			if !ok || call.Command != "add" || call.Transaction != want.Transaction || len(call.Args) != 2 {
				t.Fatalf("%+v", call)
			}
			var err error
			if want.Name == CommandError {
				err = nc.RespondError(call, Status{Code: CodeCallFailed, Level: LevelError, Description: "no"})
			} else {
				err = nc.Respond(call, 3)
			}
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			got := service.answered()
			if want.Name == "" {
				if got != nil {
					t.Errorf("an answer that nobody waits for: %+v", got)
				}
				continue
			}
			if got == nil || got.Name != want.Name || got.Transaction != want.Transaction {
				t.Fatalf("%+v, want %+v", got, want)
			}
			if st, ok := got.Status(); ok != (want.Name == CommandError) || ok && st.Description != "no" {
				t.Errorf("status %+v", st)
			}
		}
		nc.Disconnect()
		if err := nc.Respond(Invocation{Transaction: 1}); !errors.Is(err, ErrNotConnected) {
			t.Errorf("answering nobody: %v", err)
		}
	})
}

func TestCallsThatNobodyReadsAreAnswered(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service, nc := w.service(), w.connected()
		time.Sleep(time.Second)
		for range maxEvents {
			service.tell(nc, mustCommand(t, Command{Name: "flood"}))
		}
		service.tell(nc, mustCommand(t, Command{Name: "flood", Transaction: 9}))
		time.Sleep(5 * time.Second)
		if got := service.answered(); got == nil || got.Name != CommandError || got.Transaction != 9 {
			t.Errorf("%+v", got)
		}
	})
}

func TestPingsOfTheServiceAreAnswered(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service, nc := w.service(), w.connected()
		time.Sleep(time.Second)
		service.tellControl(nc, UserControl{Event: 99})
		service.tell(nc, []byte{byte(MessageUserControl), 0, 0, 0, 0, 0}) // cut short
		for _, ignored := range []byte{1, 2, 3, 5, 6, 200} {              // RFC 7425 §5.1
			service.tell(nc, []byte{ignored, 0, 0, 0, 0, 0, 0, 0, 9})
		}
		service.tellControl(nc, UserControl{Event: EventPingRequest, Timestamp: 123456})
		time.Sleep(time.Second)
		service.mu.Lock()
		defer service.mu.Unlock()
		if c := service.controls; len(c) != 1 || c[0] != (UserControl{Event: EventPingResponse, Timestamp: 123456}) {
			t.Errorf("%+v", c)
		}
	})
}

func TestAChangeOfOurAddressIsFollowedByPeerInfo(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service, nc := w.service(), w.connected()
		time.Sleep(time.Second)
		client := func() []string {
			service.mu.Lock()
			defer service.mu.Unlock()
			return service.clients[nc.NearID()].addresses
		}
		forget := func() {
			service.mu.Lock()
			defer service.mu.Unlock()
			service.clients[nc.NearID()].addresses = nil
		}
		forget()
		service.tell(nc, mustCommand(t, StatusCommand(Status{Code: CodeAddressChangeNotify, Level: LevelStatus})))
		if s, ok := w.event(nc).(Status); !ok || s.Code != CodeAddressChangeNotify {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Second)
		if len(client()) != 1 {
			t.Error("setPeerInfo was not sent again")
		}
		forget()
		if err := nc.SendPeerInfo(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if len(client()) != 1 {
			t.Error("setPeerInfo was not sent")
		}
	})
}

// TestKeepaliveAdviceHasBounds counts what a client without anything to say sends to the service and to a peer.
func TestKeepaliveAdviceHasBounds(t *testing.T) {
	const longest = math.MaxUint32 * time.Millisecond
	for name, tt := range map[string]struct {
		service, peer         time.Duration // advised
		wantService, wantPeer time.Duration // obeyed
	}{
		"nothing":             {0, 0, keepaliveFloor, keepaliveFloor},
		"far too often":       {time.Millisecond, time.Millisecond, keepaliveFloor, keepaliveFloor},
		"almost never":        {longest, longest, keepaliveCeiling, keepaliveCeiling},
		"each its own":        {8 * time.Second, 20 * time.Second, 8 * time.Second, 20 * time.Second},
		"one never, one both": {longest, 0, keepaliveCeiling, keepaliveFloor},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				service, nc := w.service(), w.connected()
				time.Sleep(time.Second)
				peer := w.phone()
				peer.mu.Lock()
				peer.peerKeepalive = time.Hour // so that the pings are ours
				peer.mu.Unlock()
				p := w.open(nc, peer)
				service.client(nc.NearID()).session.SetKeepalive(time.Hour)
				service.tellControl(nc, UserControl{Event: EventSetKeepalive, ServerKeepalive: tt.service, PeerKeepalive: tt.peer})
				time.Sleep(time.Second)
				var toService, toPeer atomic.Int32
				w.net.SetFilter(func(v vnet.Packet) bool {
					if v.From == nc.LocalAddr() {
						if v.To.String() == serviceAddr {
							toService.Add(1)
						} else {
							toPeer.Add(1)
						}
					}
					return true
				})
				const watched = 10 * time.Minute
				time.Sleep(watched)
				for _, c := range []struct {
					what    string
					packets int32
					period  time.Duration
				}{{"the service", toService.Load(), tt.wantService}, {"the peer", toPeer.Load(), tt.wantPeer}} {
					if want := int32(watched / c.period); c.packets < want*8/10 || c.packets > want*12/10 {
						t.Errorf("%d packets to %s, about %d expected", c.packets, c.what, want)
					}
				}
				if !nc.Connected() || !p.alive() {
					t.Error("a session was lost")
				}
			})
		})
	}
}
