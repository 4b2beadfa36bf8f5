package cluster

import (
	"context"
	"errors"
	"net"
	"reflect"
	"testing"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

func listen(t testing.TB) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func service(t testing.TB, way rendezvous.Cluster) *rendezvous.Service {
	t.Helper()
	s, err := rendezvous.New(listen(t), rendezvous.Config{Cluster: way})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// client connects to a service.
func client(t testing.TB, s *rendezvous.Service) *flash.NetConnection {
	t.Helper()
	identity, err := flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}})
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := rtmfp.NewEndpoint(listen(t), rtmfp.Config{Crypto: identity})
	if err != nil {
		t.Fatal(err)
	}
	nc := flash.NewNetConnection(flash.Config{Endpoint: endpoint, NearID: identity.Fingerprint()})
	t.Cleanup(func() { _ = nc.Close() })
	if err := nc.Connect(t.Context(), "rtmfp://"+s.LocalAddr().String()+"/phone"); err != nil {
		t.Fatal(err)
	}
	return nc
}

// meet has one client call the other: a signal first, then a session.
func meet(t testing.TB, ann, bob *flash.NetConnection) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := ann.Call(ctx, "relay", bob.NearID().String(), "invite", "Ann"); err != nil {
		t.Errorf("relay: %v", err)
	}
	got, err := bob.Next(ctx)
	if want := (flash.Invocation{Command: "onRelay", Args: []amf.Value{ann.NearID().String(), "invite", "Ann"}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	peer, err := ann.OpenPeer(ctx, bob.NearID())
	if err != nil {
		t.Fatalf("introduction: %v", err)
	}
	if peer.ID() != bob.NearID() {
		t.Errorf("a session with %v", peer.ID())
	}
}

// Three instances of the rendezvous service, each with its own connection to NATS.
func TestInstancesOnNATS(t *testing.T) {
	servers := newNATSCluster(t, 1)
	var services []*rendezvous.Service
	var connections []*Cluster
	for range 3 {
		c := servers.open()
		connections = append(connections, c)
		services = append(services, service(t, c.Instances()))
	}
	for _, c := range connections {
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ann, bob, carol := client(t, services[0]), client(t, services[1]), client(t, services[2])
	for _, junk := range [][]byte{nil, []byte("hello"), {1}, {99, 1, 2}, make([]byte, 100_000)} {
		if err := connections[2].Publish(subjectAllInstances, junk); err != nil {
			t.Fatal(err)
		}
	}
	meet(t, ann, bob)
	meet(t, carol, ann)
	meet(t, bob, carol)
	var refusal *flash.StatusError
	if _, err := ann.Call(t.Context(), "relay", flash.PeerID{9}.String(), "invite"); !errors.As(err, &refusal) || refusal.Status.Code != flash.CodeCallFailed {
		t.Errorf("relay to nobody: %v", err)
	}
	if s := services[0].Stats(); s.ClusterMalformed+s.ClusterForeign != 5 || s.Found == 0 || s.RelayedAway == 0 {
		t.Errorf("%+v", s)
	}

	servers.stop(0)
	dora := client(t, services[0]) // NATS is not needed for those who are at one instance
	meet(t, dora, ann)
	servers.start(0)
	for connections[0].Healthy() != nil || connections[1].Healthy() != nil {
		time.Sleep(10 * time.Millisecond)
	}
	meet(t, dora, bob)
}

// The server inside carries messages as well as another does.
func TestInstancesOnTheServerInside(t *testing.T) {
	c := open(t)
	if c.Instances() != nil {
		t.Error("others are expected where there can be none")
	}
	meet(t, client(t, service(t, instances{c})), client(t, service(t, instances{c})))
}

// What an instance says goes through NATS to one that answers: the price of a question.
func BenchmarkQuestionThroughNATS(b *testing.B) {
	c := open(b)
	answered := make(chan struct{}, 1)
	way := instances{c}
	leave, err := way.Join("0a", func(m []byte) { _ = way.Send("0b", m) })
	if err != nil {
		b.Fatal(err)
	}
	defer leave()
	back, err := way.Join("0b", func(m []byte) {
		if m[0] == 2 {
			answered <- struct{}{}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	defer back()
	message := make([]byte, 100)
	message[0] = 2
	b.ReportAllocs()
	for b.Loop() {
		if err := way.Send("0a", message); err != nil {
			b.Fatal(err)
		}
		<-answered
	}
}
