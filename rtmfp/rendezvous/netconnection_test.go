package rendezvous

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
)

// netConnection makes a NetConnection at an address and connects it.
func (w world) netConnection(addr string) *flash.NetConnection {
	w.t.Helper()
	conn, err := w.net.Listen(ap(addr))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.netConnectionOn(conn)
}

// unconnected is a NetConnection that has not been connected.
func (w world) unconnected(addr string) *flash.NetConnection {
	w.t.Helper()
	conn, err := w.net.Listen(ap(addr))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.unconnectedOn(conn)
}

func (w world) unconnectedOn(conn rtmfp.PacketConn) *flash.NetConnection {
	w.t.Helper()
	identity := w.identity()
	endpoint, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: identity})
	if err != nil {
		w.t.Fatal(err)
	}
	nc := flash.NewNetConnection(flash.Config{Endpoint: endpoint, NearID: identity.Fingerprint()})
	w.t.Cleanup(func() { _ = nc.Close() })
	return nc
}

func (w world) netConnectionOn(conn rtmfp.PacketConn) *flash.NetConnection {
	w.t.Helper()
	nc := w.unconnectedOn(conn)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := nc.Connect(ctx, "rtmfp://"+w.addr.String()+"/phone", "key"); err != nil {
		w.t.Fatal(err)
	}
	return nc
}

func TestNetConnectionsRelayAndFindEachOther(t *testing.T) {
	inWorld(t, func(w world) {
		ann, bob := w.netConnection("198.51.100.1:5000"), w.netConnection("198.51.100.2:5000")
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()

		if err := ann.Invoke("relay", bob.NearID().String(), "invite", "Ann"); err != nil {
			t.Fatal(err)
		}
		got, err := bob.Next(ctx)
		want := flash.Invocation{Command: "onRelay", Args: []amf.Value{ann.NearID().String(), "invite", "Ann"}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("bob got %+v, %v; want %+v", got, err, want)
		}
		var refusal *flash.StatusError
		if _, err := ann.Call(ctx, "relay", flash.PeerID{9}.String(), "invite"); !errors.As(err, &refusal) || refusal.Status.Code != flash.CodeCallFailed {
			t.Errorf("relaying to nobody: %v", err)
		}

		peer, err := ann.OpenPeer(ctx, bob.NearID())
		if err != nil {
			t.Fatal(err)
		}
		back, err := bob.AcceptPeer(ctx)
		if err != nil || peer.ID() != bob.NearID() || back.ID() != ann.NearID() {
			t.Errorf("%v and %v, %v", peer.ID(), back.ID(), err)
		}

		if err := w.service.Close(); err != nil {
			t.Fatal(err)
		}
		event, err := ann.Next(ctx)
		if status, ok := event.(flash.Status); err != nil || !ok || status.Code != flash.CodeConnectClosed {
			t.Errorf("after the service's end ann got %+v, %v", event, err)
		}
	})
}

func TestClientsThatMoveAreToldAndFound(t *testing.T) {
	inWorld(t, func(w world) {
		conn, err := w.net.Listen(ap("198.51.100.1:5000"))
		if err != nil {
			t.Fatal(err)
		}
		ann, bob := w.netConnectionOn(conn), w.netConnection("198.51.100.2:5000")
		time.Sleep(time.Second)
		if err := conn.Rebind(ap("198.51.100.9:7000")); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		event, err := ann.Next(ctx)
		if status, ok := event.(flash.Status); err != nil || !ok || status.Code != flash.CodeAddressChangeNotify {
			t.Fatalf("ann got %+v, %v", event, err)
		}
		time.Sleep(time.Second)
		c := w.service.find(ann.NearID())
		w.service.mu.Lock()
		observed, introducible := c.observed, c.introducible
		w.service.mu.Unlock()
		if observed != ap("198.51.100.9:7000") || !introducible {
			t.Errorf("the service takes ann for at %v, introducible: %v", observed, introducible)
		}
		if _, err := bob.OpenPeer(ctx, ann.NearID()); err != nil {
			t.Errorf("an introduction after the move: %v", err)
		}
	})
}
