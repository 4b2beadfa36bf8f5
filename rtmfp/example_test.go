package rtmfp_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	listen := func() (*rtmfp.Endpoint, *flashcrypto.Profile) {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			panic(err)
		}
		profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
		if err != nil {
			panic(err)
		}
		end, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
		if err != nil {
			panic(err)
		}
		return end, profile
	}
	alice, _ := listen()
	defer func() { _ = alice.Close() }()
	bob, bobsProfile := listen()
	defer func() { _ = bob.Close() }()

	session, err := alice.Dial(ctx, bobsProfile.Fingerprint().EPD(), bob.LocalAddr())
	if err != nil {
		panic(err)
	}
	flow, err := session.OpenFlow([]byte("greetings"), rtmfp.FlowOptions{})
	if err != nil {
		panic(err)
	}
	receipt, err := flow.Write(ctx, []byte("hello"), rtmfp.MessageOptions{})
	if err != nil {
		panic(err)
	}

	inbound, err := bob.Accept(ctx)
	if err != nil {
		panic(err)
	}
	greetings, err := inbound.AcceptFlow(ctx)
	if err != nil {
		panic(err)
	}
	message, err := greetings.Read(ctx)
	if err != nil {
		panic(err)
	}
	<-receipt.Done()
	fmt.Printf("%s: %s, delivered: %v\n", greetings.Metadata(), message, receipt.Delivered())
	// Output: greetings: hello, delivered: true
}

// The profile of RFC 7425, both kinds of certificate and both groups, over a lossy path.
func TestFlashProfile(t *testing.T) {
	for _, c := range []struct {
		name      string
		responder flashcrypto.Options
		initiator flashcrypto.Options
	}{
		{"peer to server", flashcrypto.Options{Server: true}, flashcrypto.Options{}},
		{"peer to peer, group 31", flashcrypto.Options{}, flashcrypto.Options{}},
		{"peer to peer, group 14", flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group14}}, flashcrypto.Options{}},
		{"old client to old server", flashcrypto.Options{Server: true, OldClients: true}, flashcrypto.Options{OldClients: true}},
		{"peer to old server", flashcrypto.Options{Server: true, OldClients: true}, flashcrypto.Options{}},
		{"old client to old client", flashcrypto.Options{OldClients: true}, flashcrypto.Options{OldClients: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := vnet.New(7)
				t.Cleanup(n.Close)
				n.SetDefaultLink(vnet.Link{Latency: 20 * time.Millisecond, Loss: 0.05})
				end := func(addr string, opt flashcrypto.Options) (*rtmfp.Endpoint, *flashcrypto.Profile) {
					conn, err := n.Listen(netip.MustParseAddrPort(addr))
					if err != nil {
						t.Fatal(err)
					}
					p, err := flashcrypto.NewProfile(opt)
					if err != nil {
						t.Fatal(err)
					}
					e, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: p})
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = e.Close() })
					return e, p
				}
				a, _ := end("192.0.2.1:1935", c.initiator)
				b, p := end("192.0.2.2:1935", c.responder)
				epd := p.Fingerprint().EPD()
				if c.responder.Server {
					epd = flashcrypto.AncillaryEPD("rtmfp://192.0.2.2/app")
				}
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				near, err := a.Dial(ctx, epd, b.LocalAddr())
				if err != nil {
					t.Fatal(err)
				}
				f, err := near.OpenFlow([]byte("TC"), rtmfp.FlowOptions{})
				if err != nil {
					t.Fatal(err)
				}
				message := make([]byte, 100_000)
				if _, err := f.Write(ctx, message, rtmfp.MessageOptions{}); err != nil {
					t.Fatal(err)
				}
				far, err := b.Accept(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if string(far.NearNonce()) != string(near.FarNonce()) {
					t.Error("the nonces differ")
				}
				in, err := far.AcceptFlow(ctx)
				if err != nil {
					t.Fatal(err)
				}
				got, err := in.Read(ctx)
				if err != nil || len(got) != len(message) {
					t.Fatal(len(got), err)
				}
			})
		})
	}
}
