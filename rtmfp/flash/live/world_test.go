package live_test

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flash/live"
	"sundog.dev/sundog/rtmfp/flashcrypto"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const serviceAddr = "192.0.2.1:1935"

// world is a network in memory with a service that passes streams on.
type world struct {
	t     *testing.T
	net   *vnet.Network
	relay *live.Relay
	hosts byte
	close []func()
}

func inWorld(t *testing.T, cfg live.Config, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, net: vnet.New(1), relay: live.New(cfg)}
		w.net.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond})
		defer w.net.Close()
		defer func() {
			for _, f := range slices.Backward(w.close) {
				f()
			}
		}()
		conn, err := w.net.Listen(netip.MustParseAddrPort(serviceAddr))
		if err != nil {
			t.Fatal(err)
		}
		service, err := rendezvous.New(conn, rendezvous.Config{Streams: w.relay})
		if err != nil {
			t.Fatal(err)
		}
		w.close = append(w.close, func() { _ = service.Close() })
		f(t, w)
	})
}

// soon is a context that ends in ten seconds of the virtual clock.
func (w *world) soon() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
	w.close = append(w.close, cancel)
	return ctx
}

// stream makes a client of its own with one stream.
func (w *world) stream(change ...func(*flash.Config)) (*flash.NetStream, netip.AddrPort) {
	w.t.Helper()
	w.hosts++
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, w.hosts}), 5000)
	conn, err := w.net.Listen(addr)
	if err != nil {
		w.t.Fatal(err)
	}
	profile, err := flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}})
	if err != nil {
		w.t.Fatal(err)
	}
	endpoint, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile})
	if err != nil {
		w.t.Fatal(err)
	}
	cfg := flash.Config{Endpoint: endpoint, NearID: profile.Fingerprint()}
	for _, f := range change {
		f(&cfg)
	}
	nc := flash.NewNetConnection(cfg)
	w.close = append(w.close, func() { _ = nc.Close() })
	if err := nc.Connect(w.soon(), "rtmfp://"+serviceAddr+"/live"); err != nil {
		w.t.Fatal(err)
	}
	s, err := nc.CreateStream(w.soon())
	if err != nil {
		w.t.Fatal(err)
	}
	return s, addr
}

func (w *world) publisher(name string) *flash.NetStream {
	w.t.Helper()
	s, _ := w.stream()
	if err := s.Publish(w.soon(), name, flash.PublishLive); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) player(name string) *flash.NetStream {
	w.t.Helper()
	s, _ := w.stream()
	if err := s.Play(w.soon(), name); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// write publishes a message.
func (w *world) write(s *flash.NetStream, t flash.MessageType, timestamp uint32, payload []byte) {
	w.t.Helper()
	if _, err := s.Write(w.soon(), flash.Message{Type: t, Timestamp: timestamp, Payload: payload}, rtmfp.MessageOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

// arrived lists what comes within a second, in short.
func (w *world) arrived(s *flash.NetStream) (out []string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
	defer cancel()
	for {
		m, err := s.Read(ctx)
		if err != nil {
			return out
		}
		switch m.Type {
		case flash.MessageAudio:
			out = append(out, "sound "+string(m.Payload[1:]))
		case flash.MessageVideo:
			out = append(out, "picture "+string(m.Payload[5:min(len(m.Payload), 25)]))
		case flash.MessageStatus:
			out = append(out, m.Status.Code)
		case flash.MessageData:
			handler, _, err := m.Data()
			if err != nil {
				w.t.Error(err)
			}
			out = append(out, handler)
		}
	}
}

// expect compares what arrived of each medium, since media are not ordered against each other.
func (w *world) expect(s *flash.NetStream, want ...string) {
	w.t.Helper()
	got := w.arrived(s)
	sort := func(list []string) []string {
		list = slices.Clone(list)
		slices.SortStableFunc(list, func(a, b string) int { return int(medium(a)) - int(medium(b)) })
		return list
	}
	if !slices.Equal(sort(got), sort(want)) {
		w.t.Errorf("got  %v\nwant %v", got, want)
	}
}

func medium(s string) byte {
	if s[0] == 's' || s[0] == 'p' {
		return s[0]
	}
	return 0
}

func header(text string) []byte { return append([]byte{0x17, 0, 0, 0, 0}, text...) }
func key(text string) []byte    { return append([]byte{0x17, 1, 0, 0, 0}, text...) }
func inter(text string) []byte  { return append([]byte{0x27, 1, 0, 0, 0}, text...) }
func sound(text string) []byte  { return append([]byte{0xb2}, text...) }
