package flash_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

// TestPeersMeetThroughAService lets two phones behind NATs of their own meet through the real introduction service, over
// lossy links, and play a stream both ways.
func TestPeersMeetThroughAService(t *testing.T) {
	for _, loss := range []float64{0, 0.1, 0.3} {
		t.Run(fmt.Sprintf("%.0f %% loss", 100*loss), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := vnet.New(uint64(1 + 100*loss))
				defer n.Close()
				n.SetDefaultLink(vnet.Link{Latency: 20 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: loss})
				conn, err := n.Listen(netip.MustParseAddrPort("198.51.100.1:1935"))
				if err != nil {
					t.Fatal(err)
				}
				service, err := rendezvous.New(conn, rendezvous.Config{})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = service.Close() }()
				a, b := behindNAT(t, n, "203.0.113.1"), behindNAT(t, n, "203.0.113.2")
				defer func() { _, _ = a.Close(), b.Close() }()
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()

				for _, nc := range []*flash.NetConnection{a, b} {
					if err := nc.Connect(ctx, "rtmfp://198.51.100.1"); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(10 * time.Second) // setPeerInfo is not answered
				ab, err := a.OpenPeer(ctx, b.NearID())
				if err != nil {
					t.Fatal(err)
				}
				ba, err := b.AcceptPeer(ctx)
				if err != nil || ba.ID() != a.NearID() {
					t.Fatal(err)
				}
				exchange(ctx, t, a, ba)
				exchange(ctx, t, b, ab)
			})
		})
	}
}

// behindNAT makes a phone in a home network.
func behindNAT(t *testing.T, n *vnet.Network, public string) *flash.NetConnection {
	t.Helper()
	conn, err := n.NAT(netip.MustParseAddr(public), vnet.NATConfig{Filtering: vnet.AddressPortDependent}).Listen(netip.MustParseAddrPort("192.168.1.2:5000"))
	if err != nil {
		t.Fatal(err)
	}
	profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
	if err != nil {
		t.Fatal(err)
	}
	return flash.NewNetConnection(flash.Config{Endpoint: e, NearID: profile.Fingerprint()})
}

// exchange publishes at one phone, plays at the other, and counts what comes.
func exchange(ctx context.Context, t *testing.T, publisher *flash.NetConnection, subscriber *flash.Peer) {
	t.Helper()
	stream, err := publisher.Publish("media", nil)
	if err != nil {
		t.Fatal(err)
	}
	play, err := subscriber.Play("media")
	if err != nil {
		t.Fatal(err)
	}
	for len(stream.PeerStreams()) == 0 {
		select {
		case <-stream.Changed():
		case <-ctx.Done():
			t.Fatal("no subscriber")
		}
	}
	const lines = 20
	for i := range lines {
		if err := stream.Send("onIm", float64(i)); err != nil {
			t.Fatal(err)
		}
		if err := stream.Write(flash.Message{Type: flash.MessageAudio, Timestamp: uint32(i)}, time.Second); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	audio := 0
	for next := 0; next < lines; {
		m, err := play.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if m.Type == flash.MessageAudio {
			audio++
		}
		if m.Type != flash.MessageData {
			continue
		}
		if handler, args, err := m.Data(); err == nil && handler == "onIm" {
			if len(args) != 1 || args[0] != float64(next) {
				t.Fatalf("line %v, want %d", args, next)
			}
			next++
		}
	}
	if audio < lines/2 {
		t.Errorf("%d of %d audio messages came", audio, lines)
	}
}
