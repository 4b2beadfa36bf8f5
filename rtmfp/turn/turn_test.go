package turn

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	secret   = []byte("a secret of the instances")
	loopback = netip.MustParsePrefix("127.0.0.0/8")
)

// relayOnLoopback is a server on 127.0.0.1, for UDP and TCP at the same port.
type relayOnLoopback struct {
	*Server
	host string
}

func startRelay(t *testing.T, cfg ServerConfig) relayOnLoopback {
	t.Helper()
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", udp.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Relay, cfg.Realm, cfg.Secret = loopback.Addr().Next(), "example.org", secret
	s, err := NewServer(udp, tcp, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return relayOnLoopback{s, udp.LocalAddr().String()}
}

// url is the relay's address with credentials for an identity.
func (r relayOnLoopback) url(identity string, tcp bool) string {
	user, password := Issue(secret, identity, time.Now().Add(time.Hour))
	return URL{Host: r.host, User: user, Password: password, TCP: tcp}.String()
}

func patience(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func dialRelay(t *testing.T, url string) *Conn {
	t.Helper()
	c, err := Dial(patience(t), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// plainPeer is a UDP socket without a relay.
func plainPeer(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func addrOf(t *testing.T, a net.Addr) netip.AddrPort {
	t.Helper()
	ap := addrPortOf(a)
	if !ap.IsValid() {
		t.Fatalf("%v is no address", a)
	}
	return ap
}

// until polls for what is bound to come.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestPacketsPassBothWays(t *testing.T) {
	for name, tcp := range map[string]bool{"UDP": false, "TCP": true} {
		t.Run(name, func(t *testing.T) {
			relay := startRelay(t, ServerConfig{Peers: []netip.Prefix{loopback}})
			c := dialRelay(t, relay.url("ann", tcp))
			peer := plainPeer(t)
			relayed := addrOf(t, c.LocalAddr())
			if relayed.Port() < minPort {
				t.Errorf("relayed address %v", relayed)
			}
			b := make([]byte, maxMessage)
			// The first ones are indications, the later ones go by a channel; odd lengths are padded over TCP.
			for i := range 20 {
				sent := append(make([]byte, i*70), byte(i))
				if _, err := c.WriteToUDPAddrPort(sent, addrOf(t, peer.LocalAddr())); err != nil {
					t.Fatal(err)
				}
				n, from, err := peer.ReadFromUDPAddrPort(b)
				if err != nil || n != len(sent) || b[n-1] != byte(i) || from != relayed {
					t.Fatalf("packet %d: %d bytes from %v, %v", i, n, from, err)
				}
				if _, err := peer.WriteToUDPAddrPort(b[:n], relayed); err != nil {
					t.Fatal(err)
				}
				n, from, err = c.ReadFromUDPAddrPort(b)
				if err != nil || n != len(sent) || b[n-1] != byte(i) || from != addrOf(t, peer.LocalAddr()) {
					t.Fatalf("packet %d comes back as %d bytes from %v, %v", i, n, from, err)
				}
				if i == 10 {
					until(t, "the peer has a channel", func() bool {
						c.mu.Lock()
						defer c.mu.Unlock()
						return c.peers[addrOf(t, peer.LocalAddr())].bound(time.Now())
					})
				}
			}
			if got := relay.Stats(); got.Allocations != 1 || got.Sent == 0 || got.Sent != got.Received || got.Dropped != 0 {
				t.Errorf("%+v", got)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if _, err := c.WriteToUDPAddrPort(b, relayed); !errors.Is(err, net.ErrClosed) {
				t.Errorf("a write after Close: %v", err)
			}
			if _, _, err := c.ReadFromUDPAddrPort(b); !errors.Is(err, net.ErrClosed) {
				t.Errorf("a read after Close: %v", err)
			}
			if n := relay.Stats().Allocations; n != 0 {
				t.Errorf("%d allocations are left", n)
			}
		})
	}
}

func TestRTMFPSessionsOverTheRelay(t *testing.T) {
	for name, both := range map[string]bool{"one end": false, "both ends": true} {
		t.Run(name, func(t *testing.T) {
			// Relayed addresses reach each other though nobody has allowed this host's addresses.
			var cfg ServerConfig
			if !both {
				cfg.Peers = []netip.Prefix{loopback}
			}
			relay := startRelay(t, cfg)
			open := func(conn rtmfp.PacketConn) (*rtmfp.Endpoint, *flashcrypto.Profile) {
				identity, err := flashcrypto.NewProfile(flashcrypto.Options{})
				if err != nil {
					t.Fatal(err)
				}
				e, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: identity})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = e.Close() })
				return e, identity
			}
			ctx := patience(t)
			ann, _ := open(dialRelay(t, relay.url("ann", true)))
			var bobsConn rtmfp.PacketConn = plainPeer(t)
			if both {
				c := dialRelay(t, relay.url("bob", false))
				bobsConn = c
				// Nothing comes from where nothing was sent to, so both have to begin, as an introduction makes them do.
				if _, err := c.WriteToUDPAddrPort([]byte("hole"), ann.LocalAddr()); err != nil {
					t.Fatal(err)
				}
			}
			bob, bobsIdentity := open(bobsConn)
			session, err := ann.Dial(ctx, bobsIdentity.Fingerprint().EPD(), bob.LocalAddr())
			if err != nil {
				t.Fatal(err)
			}
			flow, err := session.OpenFlow([]byte("x"), rtmfp.FlowOptions{})
			if err != nil {
				t.Fatal(err)
			}
			long := make([]byte, 100_000)
			receipt, err := flow.Write(ctx, long, rtmfp.MessageOptions{})
			if err != nil {
				t.Fatal(err)
			}
			inbound, err := bob.Accept(ctx)
			if err != nil {
				t.Fatal(err)
			}
			in, err := inbound.AcceptFlow(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := in.Read(ctx); err != nil || len(got) != len(long) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
			<-receipt.Done()
			if got := relay.Stats(); !receipt.Delivered() || got.Sent < uint64(len(long)) {
				t.Errorf("delivered: %v; %+v", receipt.Delivered(), got)
			}
		})
	}
}

func TestTheRelayRefuses(t *testing.T) {
	relay := startRelay(t, ServerConfig{})
	at := func(expires time.Duration, user string) string {
		name, password := Issue(secret, user, time.Now().Add(expires))
		return URL{Host: relay.host, User: name, Password: password}.String()
	}
	user, _ := Issue(secret, "ann", time.Now().Add(time.Hour))
	for name, tt := range map[string]struct {
		url  string
		want error
	}{
		"a wrong password":        {URL{Host: relay.host, User: user, Password: "x"}.String(), ErrRefused},
		"a made-up user":          {URL{Host: relay.host, User: "ann", Password: "x"}.String(), ErrRefused},
		"no credentials":          {URL{Host: relay.host}.String(), ErrUnauthorized},
		"credentials of the past": {at(-time.Minute, "ann"), ErrRefused},
		"credentials for years":   {at(2*MaxCredentials, "ann"), ErrRefused},
	} {
		if c, err := Dial(patience(t), tt.url); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
			if err == nil {
				_ = c.Close()
			}
		}
	}
	for range maxIdentityAllocations {
		dialRelay(t, relay.url("ann", false))
	}
	if _, err := Dial(patience(t), relay.url("ann", false)); !errors.Is(err, ErrQuota) {
		t.Errorf("one allocation too many: %v", err)
	}
	bob := dialRelay(t, relay.url("bob", false))
	// This host is nobody's peer.
	peer := plainPeer(t)
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), addrOf(t, peer.LocalAddr()).Port())
	until(t, "a write to this host is refused", func() bool {
		_, err := bob.WriteToUDPAddrPort([]byte("x"), to)
		return errors.Is(err, ErrForbidden)
	})
	// 127.0.0.1 is the relayed address's, but this port is not relayed.
	if _, err := bob.WriteToUDPAddrPort([]byte("x"), addrOf(t, peer.LocalAddr())); err != nil {
		t.Fatal(err)
	}
	until(t, "a packet to this host is dropped", func() bool { return relay.Stats().Dropped > 0 })
	if _, err := bob.WriteToUDPAddrPort([]byte("x"), netip.MustParseAddrPort("[2001:db8::1]:1")); !errors.Is(err, ErrForbidden) {
		t.Errorf("an IPv6 peer: %v", err)
	}
	if got := relay.Stats(); got.Refused != 1 || got.Forbidden == 0 || got.Unauthorized == 0 || got.Sent != 0 {
		t.Errorf("%+v", got)
	}
}

func TestARelayThatIsNotThere(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := tcp.Addr().String()
	_ = tcp.Close()
	if _, err := Dial(patience(t), "turn:"+host+"?transport=tcp"); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := Dial(ctx, "turn:"+host); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestARelayThatStopsEndsTheConn(t *testing.T) {
	relay := startRelay(t, ServerConfig{})
	c := dialRelay(t, relay.url("ann", true))
	if err := relay.Close(); err == nil {
		_, _, err = c.ReadFromUDPAddrPort(make([]byte, 10))
		if !errors.Is(err, ErrLost) || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%v", err)
		}
	} else {
		t.Error(err)
	}
}

func TestAServerNeedsItsSettings(t *testing.T) {
	for name, cfg := range map[string]ServerConfig{
		"no address":      {Realm: "x", Secret: secret},
		"an IPv6 address": {Realm: "x", Secret: secret, Relay: netip.MustParseAddr("2001:db8::1")},
		"no realm":        {Secret: secret, Relay: netip.MustParseAddr("192.0.2.1")},
		"no secret":       {Realm: "x", Relay: netip.MustParseAddr("192.0.2.1")},
	} {
		if _, err := NewServer(nil, nil, cfg); err == nil {
			t.Errorf("%s: served", name)
		}
	}
}
