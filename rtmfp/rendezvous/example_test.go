package rendezvous_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

// loopback opens a socket on this machine.
func loopback() *net.UDPConn {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		panic(err)
	}
	return conn
}

// client is a NetConnection with an identity of its own.
func client() *flash.NetConnection {
	profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
	if err != nil {
		panic(err)
	}
	endpoint, err := rtmfp.NewEndpoint(loopback(), rtmfp.Config{Crypto: profile})
	if err != nil {
		panic(err)
	}
	return flash.NewNetConnection(flash.Config{Endpoint: endpoint, NearID: profile.Fingerprint()})
}

// Two clients of a service: one asks for the other by its peer ID, and gets a session with it.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	service, err := rendezvous.New(loopback(), rendezvous.Config{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = service.Close() }()

	uri := "rtmfp://" + service.LocalAddr().String()
	ann, bob := client(), client()
	for _, nc := range []*flash.NetConnection{ann, bob} {
		defer func() { _ = nc.Close() }()
		if err := nc.Connect(ctx, uri); err != nil {
			panic(err)
		}
	}
	_, _ = bob.Call(ctx, "relay", bob.NearID().String()) // once that is answered, bob is known to be here
	peer, err := ann.OpenPeer(ctx, bob.NearID())
	if err != nil {
		panic(err)
	}
	back, err := bob.AcceptPeer(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(peer.ID() == bob.NearID(), back.ID() == ann.NearID())
	// Output: true true
}

// A service at four addresses tells its clients what is between.
func ExampleCheckConnectivity() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	service, err := rendezvous.New(loopback(), rendezvous.Config{Check: &rendezvous.Check{
		OtherPort: loopback(), OtherAddress: loopback(), Introduction: loopback(), // on a real host, of three IP addresses
	}})
	if err != nil {
		panic(err)
	}
	defer func() { _ = service.Close() }()

	nc := client()
	defer func() { _ = nc.Close() }()
	uri := fmt.Sprintf("rtmfp://%v/%s", service.LocalAddr(), rendezvous.AppConnectivityCheck)
	result, err := rendezvous.CheckConnectivity(ctx, nc, uri)
	if err != nil {
		panic(err)
	}
	fmt.Println("no NAT:", result.PublicAddressIsLocal)
	fmt.Println("peers can be introduced to us:", result.SendAfterIntroductionAllowed)
	// Output:
	// no NAT: yes
	// peers can be introduced to us: yes
}
