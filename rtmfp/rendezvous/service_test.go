package rendezvous

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/internal/source"
	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var serviceAddr = ap("192.0.2.1:1935")

// world is a network with a service in it.
type world struct {
	t       *testing.T
	net     *vnet.Network
	service *Service
	addr    netip.AddrPort // the service's
}

// inWorld runs a test on the virtual clock, in a network whose packets take 10 ms.
func inWorld(t *testing.T, test func(w world)) {
	t.Helper()
	inWorldWith(t, Config{}, test)
}

func inWorldWith(t *testing.T, cfg Config, test func(w world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := vnet.New(1)
		n.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond})
		conn, err := n.Listen(serviceAddr)
		if err != nil {
			t.Fatal(err)
		}
		s, err := New(conn, cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		defer func() {
			if err := s.Close(); err != nil {
				t.Errorf("closing the service: %v", err)
			}
		}()
		test(world{t, n, s, serviceAddr})
	})
}

// phone is a client of the service, spelled out flow by flow.
type phone struct {
	w        world
	id       flashcrypto.Fingerprint
	endpoint *rtmfp.Endpoint
	session  *rtmfp.Session
	flow     *rtmfp.SendFlow
	reply    *rtmfp.RecvFlow
}

func (w world) identity() *flashcrypto.Profile {
	w.t.Helper()
	p, err := flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// phone makes a phone at an address that opens a session with the service.
func (w world) phone(addr string) *phone {
	w.t.Helper()
	conn, err := w.net.Listen(ap(addr))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.phoneOn(conn, w.identity())
}

func (w world) phoneOn(conn rtmfp.PacketConn, identity *flashcrypto.Profile) *phone {
	w.t.Helper()
	endpoint, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: identity})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = endpoint.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	session, err := endpoint.Dial(ctx, flashcrypto.AncillaryEPD("rtmfp://"+w.addr.Addr().String()+"/phone"), w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	session.SetAcceptForwarded(true)
	return &phone{w: w, id: identity.Fingerprint(), endpoint: endpoint, session: session}
}

// connected makes a phone that has connected and told its addresses.
func (w world) connected(addr string) *phone {
	w.t.Helper()
	p := w.phone(addr)
	p.connect(amf.Object{{Name: "app", Value: "phone"}})
	p.send(flash.SetPeerInfo([]string{addr}))
	p.nextUserControl()
	return p
}

// open opens a control flow.
func (p *phone) open() {
	p.w.t.Helper()
	var err error
	if p.flow, err = p.session.OpenFlow(flash.AppendMetadata(nil, 0, false), rtmfp.FlowOptions{}); err != nil {
		p.w.t.Fatal(err)
	}
}

// connect sends connect and returns the info object of the answer.
func (p *phone) connect(object amf.Value, args ...amf.Value) amf.Object {
	p.w.t.Helper()
	p.open()
	p.send(flash.Command{Name: "connect", Transaction: 1, Object: object, Args: args})
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var err error
	if p.reply, err = p.session.AcceptFlow(ctx); err != nil {
		p.w.t.Fatal(err)
	}
	if p.reply.ReturnOf() != p.flow {
		p.w.t.Error("the service's control flow is not associated to ours")
	}
	if stream, _, err := flash.ParseMetadata(p.reply.Metadata()); err != nil || stream != 0 {
		p.w.t.Errorf("the service's control flow is of stream %d, %v", stream, err)
	}
	c := p.next()
	info, _ := amf.Members(c.Args[0])
	if c.Name != flash.CommandResult || c.Transaction != 1 || info.String("code") != flash.CodeConnectSuccess {
		p.w.t.Fatalf("connect was answered by %+v", c)
	}
	return info
}

func (p *phone) send(c flash.Command) {
	p.w.t.Helper()
	payload, err := flash.AppendCommand(nil, c)
	if err != nil {
		p.w.t.Fatal(err)
	}
	p.sendMessage(flash.MessageCommand, payload)
}

func (p *phone) sendMessage(t flash.MessageType, payload []byte) {
	p.w.t.Helper()
	if _, err := p.flow.Write(context.Background(), flash.AppendMessage(nil, t, 0, payload), rtmfp.MessageOptions{}); err != nil {
		p.w.t.Fatal(err)
	}
}

// read returns the next message from the service.
func (p *phone) read() flash.Message {
	p.w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	b, err := p.reply.Read(ctx)
	if err != nil {
		p.w.t.Fatalf("reading from the service: %v", err)
	}
	m, err := flash.ParseMessage(b)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return m
}

func (p *phone) next() flash.Command {
	p.w.t.Helper()
	m := p.read()
	c, err := flash.ParseCommand(m.Type, m.Payload)
	if err != nil {
		p.w.t.Fatalf("message of type %d: %v", m.Type, err)
	}
	return c
}

func (p *phone) nextUserControl() flash.UserControl {
	p.w.t.Helper()
	m := p.read()
	u, err := flash.ParseUserControl(m.Payload)
	if err != nil || m.Type != flash.MessageUserControl {
		p.w.t.Fatalf("message of type %d, %v", m.Type, err)
	}
	return u
}

// hears reports whether anything comes from the service within 5 s.
func (p *phone) hears() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := p.reply.Read(ctx)
	return err == nil
}

// dial opens a session with a peer, introduced by the service.
func (p *phone) dial(id flashcrypto.Fingerprint) (*rtmfp.Session, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return p.endpoint.Dial(ctx, id.EPD(), p.w.addr)
}

func TestConnectHonoursTheObjectEncoding(t *testing.T) {
	for name, tt := range map[string]struct {
		object amf.Value
		want   float64
	}{
		"0":                      {amf.Object{{Name: "objectEncoding", Value: 0}}, 0},
		"3":                      {amf.Object{{Name: "objectEncoding", Value: 3}}, 3},
		"nothing said":           {amf.Object{{Name: "app", Value: "x"}}, 0},
		"something else":         {amf.Object{{Name: "objectEncoding", Value: "3"}}, 0},
		"no object":              {nil, 0},
		"3 in an array of names": {amf.ECMAArray{{Name: "objectEncoding", Value: 3}}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w world) {
				info := w.phone("198.51.100.1:5000").connect(tt.object, "0123456789abcdef01234567-0123456789ab")
				if got := info.Get("objectEncoding"); got != tt.want {
					t.Errorf("objectEncoding %v, want %v", got, tt.want)
				}
				if info.String("level") != "status" {
					t.Errorf("level %q", info.String("level"))
				}
				if s := w.service.Stats(); s.Sessions != 1 || s.Clients != 1 || s.Connects != 1 {
					t.Errorf("stats %+v", s)
				}
			})
		})
	}
}

func TestKeepaliveIsAdvisedByWhetherThereIsANAT(t *testing.T) {
	for name, tt := range map[string]struct {
		addresses []string
		want      time.Duration
	}{
		"the observed address is reported": {[]string{"10.0.0.1:5000", "198.51.100.1:5000"}, 20 * time.Second},
		"another port":                     {[]string{"198.51.100.1:5001"}, 15 * time.Second},
		"a private address":                {[]string{"10.0.0.1:5000"}, 15 * time.Second},
		"none":                             {nil, 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w world) {
				p := w.phone("198.51.100.1:5000")
				p.connect(nil)
				want := flash.UserControl{Event: flash.EventSetKeepalive, ServerKeepalive: tt.want, PeerKeepalive: tt.want}
				p.send(flash.SetPeerInfo(tt.addresses))
				if got := p.nextUserControl(); got != want {
					t.Errorf("with the null: %+v, want %+v", got, want)
				}
				var without []amf.Value
				for _, a := range tt.addresses {
					without = append(without, a)
				}
				payload, err := amf.AppendAMF0(nil, append([]amf.Value{"setPeerInfo", 0}, without...)...)
				if err != nil {
					t.Fatal(err)
				}
				p.sendMessage(flash.MessageCommandExtended, append([]byte{0}, payload...))
				if got := p.nextUserControl(); got != want {
					t.Errorf("without the null: %+v, want %+v", got, want)
				}
			})
		})
	}
}

func TestPeersAreIntroduced(t *testing.T) {
	inWorld(t, func(w world) {
		ann, bob := w.connected("198.51.100.1:5000"), w.connected("198.51.100.2:5000")
		session, err := ann.dial(bob.id)
		if err != nil {
			t.Fatal(err)
		}
		if got := session.FarCertificate().Fingerprint(); got != bob.id {
			t.Errorf("a session with %x", got)
		}
		if got := session.FarAddr(); got != ap("198.51.100.2:5000") {
			t.Errorf("the peer is at %v", got)
		}
		if s := w.service.Stats(); s.Introductions == 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestPeersBehindNATsAreIntroduced(t *testing.T) {
	inWorld(t, func(w world) {
		behind := func(public, private string) *phone {
			nat := w.net.NAT(netip.MustParseAddr(public), vnet.NATConfig{
				Mapping: vnet.EndpointIndependent, Filtering: vnet.AddressPortDependent,
			})
			conn, err := nat.Listen(ap(private))
			if err != nil {
				t.Fatal(err)
			}
			p := w.phoneOn(conn, w.identity())
			p.connect(nil)
			p.send(flash.SetPeerInfo([]string{private}))
			if got := p.nextUserControl().ServerKeepalive; got != 15*time.Second {
				t.Errorf("keep-alive behind a NAT %v", got)
			}
			return p
		}
		ann, bob := behind("203.0.113.1", "10.0.0.5:5000"), behind("203.0.113.2", "192.168.0.5:5000")
		session, err := ann.dial(bob.id)
		if err != nil {
			t.Fatal(err)
		}
		if got := session.FarAddr().Addr(); got != netip.MustParseAddr("203.0.113.2") {
			t.Errorf("the peer is at %v", got)
		}
	})
}

func TestNobodyIsIntroducedBeforeSetPeerInfoOrWhenNotHere(t *testing.T) {
	inWorld(t, func(w world) {
		ann, bob := w.connected("198.51.100.1:5000"), w.phone("198.51.100.2:5000")
		bob.connect(nil)
		if session, err := ann.dial(bob.id); err == nil {
			t.Errorf("introduced before setPeerInfo: %v", session.FarAddr())
		}
		if session, err := ann.dial(flashcrypto.Fingerprint{1, 2, 3}); err == nil {
			t.Errorf("introduced to nobody: %v", session.FarAddr())
		}
		if s := w.service.Stats(); s.Unknown == 0 || s.Introductions != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestIntroductionsAreLimited(t *testing.T) {
	inWorld(t, func(w world) {
		bob := w.connected("198.51.100.2:5000")
		answered := 0
		for range 3 * introductionBurst {
			if _, ok := (introducer{w.service}).Introduce(bob.id.EPD(), ap("198.51.100.1:5000")); ok {
				answered++
			}
		}
		if s := w.service.Stats(); answered != introductionBurst || s.Throttled != 2*introductionBurst {
			t.Errorf("%d answered, stats %+v", answered, s)
		}
	})
}

func FuzzIntroduce(f *testing.F) {
	known := flashcrypto.Fingerprint{7}
	f.Add(known.EPD())
	f.Add(flashcrypto.AncillaryEPD("rtmfp://192.0.2.1"))
	f.Add([]byte{0x21, 0x0f})
	s := &Service{clients: map[flashcrypto.Fingerprint]*client{known: {}}, sources: source.NewLimiter(introductionRate, introductionBurst)}
	f.Fuzz(func(t *testing.T, epd []byte) {
		if _, ok := (introducer{s}).Introduce(epd, ap("198.51.100.1:5000")); ok {
			t.Fatal("introduced to a client without setPeerInfo")
		}
	})
}
