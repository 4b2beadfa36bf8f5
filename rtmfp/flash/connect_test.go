package flash

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"reflect"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

func TestConnectTellsTheServiceWhatItNeeds(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service, nc := w.service(), w.phone()
		if nc.Connected() {
			t.Error("connected before Connect")
		}
		if err := nc.Connect(w.soon(), "rtmfp://me:secret@"+serviceAddr+"/app/room#x", "key", 7); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		time.Sleep(100 * time.Millisecond)
		c := service.client(nc.NearID())
		if !nc.Connected() || c == nil || len(c.addresses) != 1 || c.addresses[0] != nc.LocalAddr().String() {
			t.Errorf("connected %v, the service knows %+v", nc.Connected(), c)
		}
		object, _ := service.connect.Object.(amf.Object)
		if object.Get("app") != "app/room" || object.Get("tcUrl") != "rtmfp://"+serviceAddr+"/app/room" || object.Get("objectEncoding") != 0.0 {
			t.Errorf("connect's object is %v", object)
		}
		if args := service.connect.Args; len(args) != 2 || args[0] != "key" || args[1] != 7.0 {
			t.Errorf("connect's arguments are %v", args)
		}
		if err := nc.Connect(w.soon(), "rtmfp://"+serviceAddr); !errors.Is(err, ErrConnected) {
			t.Errorf("a second Connect: %v", err)
		}
	})
}

// hosts is a Resolver.
type hosts map[string][]netip.Addr

func (h hosts) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if addrs, ok := h[host]; ok {
		return addrs, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func TestConnectTriesAllAddressesOfAHost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.service()
		nc := w.phone(func(c *Config) {
			c.Resolver = hosts{"sundog.example": {netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("198.51.100.1")}}
		})
		if err := nc.Connect(w.soon(), "rtmfp://sundog.example/"); err != nil {
			t.Error(err)
		}
		other := w.phone(func(c *Config) { c.Resolver = hosts{} })
		var dns *net.DNSError
		if err := other.Connect(w.soon(), "rtmfp://nowhere.example/"); !errors.As(err, &dns) {
			t.Errorf("an unknown host: %v", err)
		}
	})
}

func TestConnectFailures(t *testing.T) {
	refused := Status{Code: CodeConnectRejected, Level: LevelError, Description: "bad key"}
	for name, c := range map[string]struct {
		service *testService // nil: none
		want    func(error) bool
	}{
		"refused with a reason": {&testService{refuse: &refused}, func(err error) bool {
			var s *StatusError
			return errors.As(err, &s) && reflect.DeepEqual(s.Status, refused)
		}},
		"refused without a word": {&testService{hangUp: true}, func(err error) bool {
			var s *StatusError
			return errors.As(err, &s) && s.Status.Code == CodeConnectRejected
		}},
		"nobody there": {nil, func(err error) bool {
			return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, rtmfp.ErrNoAnswer)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				if c.service != nil {
					w.service(func(s *testService) { s.refuse, s.hangUp = c.service.refuse, c.service.hangUp })
				}
				nc := w.phone()
				if err := nc.Connect(w.soon(), "rtmfp://"+serviceAddr); !c.want(err) {
					t.Errorf("%v", err)
				}
				if nc.Connected() {
					t.Error("connected all the same")
				}
				if err := nc.Invoke("relay"); !errors.Is(err, ErrNotConnected) {
					t.Errorf("Invoke: %v", err)
				}
				if _, err := nc.Call(w.soon(), "x"); !errors.Is(err, ErrNotConnected) {
					t.Errorf("Call: %v", err)
				}
				if _, err := nc.OpenPeer(w.soon(), PeerID{1}); !errors.Is(err, ErrNotConnected) {
					t.Errorf("OpenPeer: %v", err)
				}
				if err := nc.Connect(w.soon(), "rtmfp://"+serviceAddr); err == nil || errors.Is(err, ErrConnected) {
					t.Errorf("once more: %v", err)
				}
			})
		})
	}
}

func TestRelayAndCalls(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.service()
		a, b := w.connected(), w.connected()
		time.Sleep(time.Second)
		if err := a.Invoke("relay", b.NearID().String(), "invite", "Ada"); err != nil {
			t.Fatal(err)
		}
		e, err := b.Next(w.soon())
		if err != nil {
			t.Fatal(err)
		}
		got, ok := e.(Invocation)
		if !ok || got.Command != "onRelay" || len(got.Args) != 3 || got.Args[0] != a.NearID().String() || got.Args[1] != "invite" || got.Args[2] != "Ada" {
			t.Errorf("%+v", e)
		}
		if v, err := a.Call(w.soon(), "double", 21); err != nil || len(v) != 1 || v[0] != 42.0 {
			t.Errorf("double: %v, %v", v, err)
		}
		var status *StatusError
		if _, err := a.Call(w.soon(), "what"); !errors.As(err, &status) || status.Status.Code != CodeCallFailed {
			t.Errorf("an unknown command: %v", err)
		}
		if _, err := a.Call(w.soon(), "hangUp"); !errors.Is(err, ErrNotConnected) {
			t.Errorf("a call that is never answered: %v", err)
		}
	})
}

func TestUnreadInvocationsAreBounded(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service, nc := w.service(), w.connected()
		time.Sleep(time.Second)
		reply := service.client(nc.NearID()).reply
		for i := range 2 * maxEvents {
			payload, err := AppendCommand(nil, Command{Name: "onRelay", Args: []amf.Value{i}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := reply.Write(w.soon(), AppendMessage(nil, MessageCommand, 0, payload), rtmfp.MessageOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second)
		service.stop()
		time.Sleep(time.Minute)
		var last Event
		n := 0
		for ; ; n++ {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			e, err := nc.Next(ctx)
			cancel()
			if err != nil {
				break
			}
			last = e
		}
		if s, ok := last.(Status); n != maxEvents || !ok || s.Code != CodeConnectClosed {
			t.Errorf("%d events, the last %+v; want %d and Closed", n, last, maxEvents)
		}
	})
}

func TestTheServiceMayBeLostAndComeBack(t *testing.T) {
	for name, lose := range map[string]func(w *world, s *testService){
		"closed": func(_ *world, s *testService) { s.stop() },
		"silent": func(w *world, s *testService) {
			dead := netip.MustParseAddrPort(serviceAddr)
			w.net.SetFilter(func(p vnet.Packet) bool { return p.From != dead && p.To != dead })
			time.Sleep(2 * time.Minute)
			s.stop()
			w.net.SetFilter(nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				service := w.service()
				a, b := w.connected(), w.connected()
				time.Sleep(time.Second)
				id := a.NearID()
				p, err := a.OpenPeer(w.soon(), b.NearID()) // introduced by the service
				if err != nil {
					t.Fatal(err)
				}
				stream, err := b.Publish("media", nil)
				if err != nil {
					t.Fatal(err)
				}
				play, err := p.Play("media")
				if err != nil {
					t.Fatal(err)
				}
				w.begin(play)

				lose(w, service)
				e, err := a.Next(w.soon())
				if s, ok := e.(Status); err != nil || !ok || s.Code != CodeConnectClosed || s.Level != LevelStatus {
					t.Fatalf("%+v, %v", e, err)
				}
				if a.Connected() {
					t.Error("connected to a lost service")
				}
				if err := stream.Send("still"); err != nil {
					t.Fatal(err)
				}
				if h, _, err := w.read(play, MessageData).Data(); err != nil || h != "still" {
					t.Errorf("the stream brought %q, %v", h, err)
				}

				w.service()
				for _, nc := range []*NetConnection{a, b} {
					if err := nc.Connect(w.soon(), "rtmfp://"+serviceAddr); err != nil {
						t.Fatal(err)
					}
				}
				if a.NearID() != id {
					t.Error("the identity changed")
				}
				if again, err := a.OpenPeer(w.soon(), b.NearID()); err != nil || again != p {
					t.Errorf("the peer of before: %p, %v; want %p", again, err, p)
				}
				c := w.connected()
				time.Sleep(time.Second)
				if _, err := c.OpenPeer(w.soon(), a.NearID()); err != nil {
					t.Errorf("an introduction by the service that came back: %v", err)
				}
			})
		})
	}
}

func TestDisconnectKeepsPeers(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.service()
		a, b := w.connected(), w.phone()
		p := w.open(a, b)
		a.Disconnect()
		if a.Connected() || !p.alive() {
			t.Error("Disconnect closes the service leg alone")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if e, err := a.Next(ctx); err == nil {
			t.Errorf("an event for what we did ourselves: %+v", e)
		}
		if err := a.Connect(w.soon(), "rtmfp://"+serviceAddr); err != nil {
			t.Errorf("connecting again: %v", err)
		}
	})
}

func TestDisconnectFromADeadServiceAndConnectToItsSuccessor(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service, nc := w.service(), w.connected()
		w.net.SetFilter(func(vnet.Packet) bool { return false })
		service.stop()
		nc.Disconnect()
		w.net.SetFilter(nil)
		w.service()
		if err := nc.Connect(w.soon(), "rtmfp://"+serviceAddr); err != nil {
			t.Fatal(err)
		}
		if v, err := nc.Call(w.soon(), "double", 2); err != nil || v[0] != 4.0 {
			t.Errorf("%v, %v", v, err)
		}
	})
}

func TestKeepaliveHasAFloor(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		service, nc := w.service(), w.connected()
		time.Sleep(time.Second)
		payload := AppendUserControl(nil, UserControl{Event: EventSetKeepalive, ServerKeepalive: time.Millisecond, PeerKeepalive: time.Millisecond})
		if _, err := service.client(nc.NearID()).reply.Write(w.soon(), AppendMessage(nil, MessageUserControl, 0, payload), rtmfp.MessageOptions{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		var packets atomic.Int32
		w.net.SetFilter(func(p vnet.Packet) bool {
			if p.From == nc.LocalAddr() {
				packets.Add(1)
			}
			return true
		})
		time.Sleep(time.Minute)
		if n := packets.Load(); n < 6 || n > 30 {
			t.Errorf("%d packets in a minute; a ping every 5 s were 12", n)
		}
		if !nc.Connected() {
			t.Error("the connection was lost")
		}
	})
}
