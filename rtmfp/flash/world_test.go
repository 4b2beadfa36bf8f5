package flash

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serviceAddr is where the service of a world listens.
const serviceAddr = "198.51.100.1:1935"

// world is a network in memory with phones and, maybe, a service.
type world struct {
	t     *testing.T
	net   *vnet.Network
	close []func()
	hosts int
}

// inWorld runs a test on a virtual clock and network.
func inWorld(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, net: vnet.New(1)}
		w.net.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond})
		defer func() {
			for i := len(w.close) - 1; i >= 0; i-- {
				w.close[i]()
			}
			w.net.Close()
		}()
		f(t, w)
	})
}

// endpoint makes an endpoint on a new host, or at addr.
func (w *world) endpoint(addr string, opt flashcrypto.Options, introducer rtmfp.Introducer) (*rtmfp.Endpoint, *flashcrypto.Profile) {
	w.t.Helper()
	at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(w.hosts + 1)}), 5000)
	if addr != "" {
		at = netip.MustParseAddrPort(addr)
	} else {
		w.hosts++
	}
	conn, err := w.net.Listen(at)
	if err != nil {
		w.t.Fatal(err)
	}
	profile, err := flashcrypto.NewProfile(opt)
	if err != nil {
		w.t.Fatal(err)
	}
	e, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: profile, Introducer: introducer})
	if err != nil {
		w.t.Fatal(err)
	}
	return e, profile
}

// phone makes a NetConnection on a new host.
func (w *world) phone(change ...func(*Config)) *NetConnection {
	w.t.Helper()
	e, profile := w.endpoint("", flashcrypto.Options{Groups: []flashcrypto.Group{31}}, nil)
	cfg := Config{Endpoint: e, NearID: profile.Fingerprint()}
	for _, f := range change {
		f(&cfg)
	}
	nc := NewNetConnection(cfg)
	w.close = append(w.close, func() { _ = nc.Close() })
	return nc
}

// connected makes a phone that is connected to the service.
func (w *world) connected(change ...func(*Config)) *NetConnection {
	w.t.Helper()
	nc := w.phone(change...)
	if err := nc.Connect(w.soon(), "rtmfp://"+serviceAddr+"/app"); err != nil {
		w.t.Fatal(err)
	}
	return nc
}

// pair makes two phones with a session between them, opened by the first.
func (w *world) pair() (a, b *NetConnection, ab, ba *Peer) {
	w.t.Helper()
	a, b = w.phone(), w.phone()
	ab = w.open(a, b)
	ba, err := b.AcceptPeer(w.soon())
	if err != nil {
		w.t.Fatal(err)
	}
	return a, b, ab, ba
}

// open opens a peer by address.
func (w *world) open(from, to *NetConnection) *Peer {
	w.t.Helper()
	p, err := from.OpenPeer(w.soon(), to.NearID(), to.LocalAddr())
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// soon is a context that ends in ten seconds of the virtual clock.
func (w *world) soon() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
	w.close = append(w.close, cancel)
	return ctx
}

// read returns the next message of a stream, which must be of the type.
func (w *world) read(s *PlayStream, want MessageType) Message {
	w.t.Helper()
	m, err := s.Read(w.soon())
	if err != nil {
		w.t.Fatalf("reading a message of type %d: %v", want, err)
	}
	if m.Type != want {
		w.t.Fatalf("a message of type %d (%+v), want %d", m.Type, m, want)
	}
	return m
}

// begin reads what a publisher sends at first.
func (w *world) begin(s *PlayStream) {
	w.t.Helper()
	for _, code := range []string{CodePlayReset, CodePlayStart} {
		if m := w.read(s, MessageStatus); m.Status.Code != code || m.Status.Level != LevelStatus {
			w.t.Fatalf("status %+v, want %s", m.Status, code)
		}
	}
	if handler, _, err := w.read(s, MessageData).Data(); err != nil || handler != commandSampleAccess {
		w.t.Fatalf("data for %q, %v", handler, err)
	}
}

// playing has a phone publish a stream, and a peer of it play that.
func (w *world) playing(publisher *NetConnection, player *Peer) (*PublishStream, *PlayStream) {
	w.t.Helper()
	stream, err := publisher.Publish("s", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	play, err := player.Play("s")
	if err != nil {
		w.t.Fatal(err)
	}
	w.begin(play)
	return stream, play
}

// nothing fails if a stream brings anything within a second.
func (w *world) nothing(s *PlayStream) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
	defer cancel()
	if m, err := s.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
		w.t.Errorf("unexpected %+v, %v", m, err)
	}
}

// testService is a small introduction service.
type testService struct {
	w        *world
	endpoint *rtmfp.Endpoint
	cancel   context.CancelFunc
	ctx      context.Context
	refuse   *Status // what connect is answered with
	hangUp   bool    // connect is not answered: the flow is rejected
	broker   Broker

	running  sync.WaitGroup
	mu       sync.Mutex
	clients  map[PeerID]*testClient
	connect  Command
	controls []UserControl // on control flows
	answers  []Command     // to what the service called
}

type testClient struct {
	session   *rtmfp.Session
	control   *rtmfp.RecvFlow
	reply     *rtmfp.SendFlow
	addresses []string
	encoding  ObjectEncoding
	streams   *ServerStreams
}

func (w *world) service(change ...func(*testService)) *testService {
	w.t.Helper()
	s := &testService{w: w, clients: make(map[PeerID]*testClient)}
	for _, f := range change {
		f(s)
	}
	s.ctx, s.cancel = context.WithCancel(w.t.Context())
	s.endpoint, _ = w.endpoint(serviceAddr, flashcrypto.Options{Server: true}, s)
	s.running.Go(func() {
		for {
			session, err := s.endpoint.Accept(s.ctx)
			if err != nil {
				return
			}
			s.running.Go(func() { s.serve(session) })
		}
	})
	w.close = append(w.close, s.stop)
	return s
}

// stop closes the service in order.
func (s *testService) stop() {
	s.cancel()
	_ = s.endpoint.Close()
	s.running.Wait()
}

// Introduce implements rtmfp.Introducer.
func (s *testService) Introduce(epd []byte, _ netip.AddrPort) (rtmfp.Introduction, bool) {
	id, _ := flashcrypto.FingerprintInEPD(epd)
	c := s.client(id)
	if c == nil {
		return rtmfp.Introduction{}, false
	}
	return rtmfp.Introduction{Redirect: []rtmfp.Address{{AddrPort: c.session.FarAddr(), Origin: 2}}, Forward: c.session}, true
}

func (s *testService) client(id PeerID) *testClient {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clients[id]
}

func (s *testService) serve(session *rtmfp.Session) {
	control, err := session.AcceptFlow(s.ctx)
	if err != nil {
		return
	}
	c := &testClient{session: session, control: control}
	id := PeerID(session.FarCertificate().Fingerprint())
	for {
		b, err := control.Read(s.ctx)
		if err != nil {
			s.mu.Lock()
			if s.clients[id] == c {
				delete(s.clients, id)
			}
			s.mu.Unlock()
			if c.reply != nil {
				_ = c.reply.Close()
				c.streams.Close()
			}
			return
		}
		m, err := ParseMessage(b)
		if err != nil {
			s.w.t.Error(err)
		}
		if m.Type == MessageUserControl {
			if u, err := ParseUserControl(m.Payload); err != nil {
				s.w.t.Error(err)
			} else if s.control(u); c.streams != nil {
				c.streams.UserControl(u)
			}
			continue
		}
		if want := map[ObjectEncoding]MessageType{AMF0: MessageCommand, AMF3: MessageCommandExtended}[c.encoding]; m.Type != want {
			s.w.t.Errorf("a command of type %d, want %d", m.Type, want)
		}
		command, err := ParseCommand(m.Type, m.Payload)
		if err != nil {
			s.w.t.Error(err)
		}
		s.command(id, c, command)
	}
}

// control notes a user control message.
func (s *testService) control(u UserControl) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.controls = append(s.controls, u)
}

// answered takes the next answer of a client, nil if there is none.
func (s *testService) answered() *Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers) == 0 {
		return nil
	}
	c := s.answers[0]
	s.answers = s.answers[1:]
	return &c
}

// acceptFlows takes the flows of a client's streams.
func (s *testService) acceptFlows(c *testClient) {
	for {
		f, err := c.session.AcceptFlow(s.ctx)
		if err != nil {
			return
		}
		if !c.streams.AcceptFlow(f) {
			f.Reject(0)
		}
	}
}

func (s *testService) command(id PeerID, c *testClient, command Command) {
	answer := Command{Name: CommandResult, Transaction: command.Transaction}
	switch command.Name {
	case commandConnect:
		s.mu.Lock()
		s.connect = command
		s.mu.Unlock()
		if s.hangUp {
			c.control.Reject(0)
			return
		}
		c.reply, _ = c.session.OpenFlow(AppendMetadata(nil, 0, false), rtmfp.FlowOptions{ReturnOf: c.control})
		encoding := command.RequestedEncoding()
		c.streams = NewServerStreams(ServerStreamsConfig{
			Session: c.session, Control: c.control, Reply: c.reply, Encoding: encoding, Broker: s.broker,
		})
		s.running.Go(func() { s.acceptFlows(c) })
		answer.Args = []amf.Value{Status{Code: CodeConnectSuccess, Level: LevelStatus}.Info(
			amf.Property{Name: "objectEncoding", Value: encoding}, amf.Property{Name: "connectionID", Value: "c1"})}
		defer func() { c.encoding = encoding }()
		if s.refuse != nil {
			answer.Name, answer.Args = CommandError, []amf.Value{s.refuse.Info()}
		}
	case commandSetPeerInfo:
		s.mu.Lock()
		c.addresses = command.PeerInfo()
		s.clients[id] = c
		s.mu.Unlock()
		return
	case CommandResult, CommandError:
		s.mu.Lock()
		s.answers = append(s.answers, command)
		s.mu.Unlock()
		return
	case "relay":
		target, _ := flashcrypto.ParseFingerprint(command.Args[0].(string))
		if t := s.client(target); t != nil {
			_ = writeCommand(t.reply, Command{Name: "onRelay", Args: append([]amf.Value{id.String()}, command.Args[1:]...)})
		}
		return
	case "double":
		answer.Args = []amf.Value{command.Args[0].(float64) * 2}
	case "hangUp":
		c.control.Reject(0)
		return
	default:
		var handled bool
		if answer, handled = c.streams.Command(command); !handled {
			answer = Command{Name: CommandError, Transaction: command.Transaction}
		}
		if command.Transaction == 0 {
			return
		}
	}
	message, err := AppendCommandMessage(nil, c.encoding, answer)
	if err != nil {
		s.w.t.Error(err)
	}
	_, _ = writeNow(c.reply, message, rtmfp.MessageOptions{})
}
