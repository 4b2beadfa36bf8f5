package hostile

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sundog.dev/sundog/internal/phone"
	"sundog.dev/sundog/internal/phone/phonetest"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
	"sundog.dev/sundog/rtmfp/rendezvous"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// packetsVariable sets how many packets of each kind are thrown at each
// target; make e2e throws a million.
const packetsVariable = "SUNDOG_HOSTILE_PACKETS"

const (
	defaultPackets = 3000

	// The most packets of each kind that go through one session: the target may end it, but keeps some 6 KB of
	// each for the 19 s of RFC 7016's far-close lingering. A service soon ends a session that talks nonsense.
	perRound        = 5000
	perServiceRound = 500

	// relaying is how many friends take turns to try the service, which lets each say ten things a second. So there are up to
	// twenty rounds in one, of which 19 s worth lingers.
	relaying = 2

	// maxGrowth is how much the live heap may grow.
	maxGrowth = 5 << 20

	patience = 30 * time.Second
)

func packets(t *testing.T) int {
	t.Helper()
	v := os.Getenv(packetsVariable)
	if v == "" {
		return defaultPackets
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, not a number of packets", packetsVariable, v)
	}
	return n
}

func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// listen opens a socket on loopback.
func listen(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// peer is an endpoint with an identity.
func peer(t *testing.T, conn rtmfp.PacketConn, tapped bool) (*rtmfp.Endpoint, *flashcrypto.Profile, *Tap) {
	t.Helper()
	profile, err := flashcrypto.NewProfile(flashcrypto.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var crypto rtmfp.CryptoProfile = profile
	var tap *Tap
	if tapped {
		tap = NewTap(conn, profile)
		conn, crypto = tap, tap
	}
	ep, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: crypto})
	if err != nil {
		t.Fatal(err)
	}
	return ep, profile, tap
}

// talker has a tapped endpoint open a session with the target and use it, so that there are packets to damage.
type talker func(ctx context.Context, ep *rtmfp.Endpoint, id *flashcrypto.Profile) (s *rtmfp.Session, done func(), err error)

// attack throws packets at an address, in rounds: each begins with talk. It reports how much the live heap has grown.
func attack(t *testing.T, target netip.AddrPort, seed uint64, perRound int, talk talker) {
	t.Helper()
	n := packets(t)
	each := min(n, perRound)
	rounds := n / each
	rnd := rand.New(rand.NewPCG(seed, 0))
	pace := NewPace(target.Port())
	before := int64(0)
	sent, outlived := 0, 0
	for round := range rounds + 1 {
		func() {
			ep, id, tap := peer(t, listen(t), true)
			defer ep.Close() //nolint:errcheck // the attacker's end is of no interest
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			session, done, err := talk(ctx, ep, id)
			if err != nil {
				t.Fatalf("round %d: the target does not serve newcomers: %v", round, err)
			}
			defer done()
			for _, sealed := range []bool{true, false} {
				if err := tap.Flood(target, each, sealed, rnd, pace.Wait); err != nil {
					t.Fatalf("round %d, sealed %v: %v", round, sealed, err)
				}
				sent += each
			}
			if session.Err() == nil {
				outlived++
			}
		}()
		if round == 0 { // the first round brings the target's pools and tables to their size
			before = liveHeap()
		}
	}
	grown := liveHeap() - before
	dropped, err := pace.Dropped()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d packets, of which the kernel dropped %d; the session outlived the flood in %d of %d rounds; the live heap grew by %d KB",
		sent, dropped, outlived, rounds+1, grown>>10)
	if grown > maxGrowth {
		t.Errorf("the live heap grew by %d bytes", grown)
	}
	if dropped > sent/100 {
		t.Errorf("%d packets of %d never reached the target", dropped, sent)
	}
}

func TestEndpointUnderAttack(t *testing.T) {
	targetConn := listen(t)
	target, targetID, _ := peer(t, targetConn, false)
	defer target.Close() //nolint:errcheck // the end of the test
	echoing := make(chan struct{})
	serving, stop := context.WithCancel(t.Context())
	go func() {
		defer close(echoing)
		echo(serving, target)
	}()
	defer func() { stop(); <-echoing }()

	friend, _, _ := peer(t, listen(t), false)
	defer friend.Close() //nolint:errcheck // the end of the test
	friendly, err := friend.Dial(t.Context(), targetID.Fingerprint().EPD(), target.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	attack(t, target.LocalAddr(), 1, perRound, func(ctx context.Context, ep *rtmfp.Endpoint, _ *flashcrypto.Profile) (*rtmfp.Session, func(), error) {
		s, err := ep.Dial(ctx, targetID.Fingerprint().EPD(), target.LocalAddr())
		if err != nil {
			return nil, nil, err
		}
		for i := range 5 {
			if err := ask(ctx, s, fmt.Sprint("sample ", i, string(make([]byte, i*700)))); err != nil {
				return nil, nil, err
			}
		}
		return s, func() {}, ask(ctx, friendly, "still there?")
	})
	if err := ask(t.Context(), friendly, "still there?"); err != nil {
		t.Error("the friend's session suffered:", err)
	}
}

// echo answers every message on every flow with the same, on a return flow.
func echo(ctx context.Context, ep *rtmfp.Endpoint) {
	for {
		s, err := ep.Accept(ctx)
		if err != nil {
			return
		}
		go func() {
			for {
				in, err := s.AcceptFlow(ctx)
				if err != nil {
					return
				}
				go func() {
					out, err := s.OpenFlow(nil, rtmfp.FlowOptions{ReturnOf: in})
					if err != nil {
						return
					}
					for {
						msg, err := in.Read(ctx)
						if err != nil {
							_ = out.Close()
							return
						}
						if _, err := out.Write(ctx, msg, rtmfp.MessageOptions{}); err != nil {
							return
						}
					}
				}()
			}
		}()
	}
}

// ask sends a message to an echo and waits for its return.
func ask(ctx context.Context, s *rtmfp.Session, text string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := s.OpenFlow([]byte("echo"), rtmfp.FlowOptions{})
	if err != nil {
		return err
	}
	if _, err := out.Write(ctx, []byte(text), rtmfp.MessageOptions{}); err != nil {
		return err
	}
	in, err := s.AcceptFlow(ctx)
	if err != nil {
		return err
	}
	got, err := in.Read(ctx)
	if err == nil && string(got) != text {
		err = errors.New("another text came back")
	}
	return errors.Join(err, out.Close())
}

func TestServiceUnderAttack(t *testing.T) {
	s, err := rendezvous.New(listen(t), rendezvous.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the end of the test
	uri := "rtmfp://" + s.LocalAddr().String()
	friends := [relaying]*flash.NetConnection{}
	for i := range friends {
		ep, id, _ := peer(t, listen(t), false)
		friends[i] = flash.NewNetConnection(flash.Config{Endpoint: ep, NearID: id.Fingerprint()})
		defer friends[i].Close() //nolint:errcheck // the end of the test
		if err := friends[i].Connect(t.Context(), uri); err != nil {
			t.Fatal(err)
		}
	}
	round := 0
	attack(t, s.LocalAddr(), 2, perServiceRound, func(ctx context.Context, ep *rtmfp.Endpoint, id *flashcrypto.Profile) (*rtmfp.Session, func(), error) {
		nc := flash.NewNetConnection(flash.Config{Endpoint: ep, NearID: id.Fingerprint()})
		done := func() { _ = nc.Close() }
		if err := nc.Connect(ctx, uri, "key"); err != nil {
			return nil, done, err
		}
		s, err := ep.Dial(ctx, flashcrypto.AncillaryEPD(uri), s.LocalAddr()) // the one that is open
		if err != nil {
			return nil, done, err
		}
		from, to := friends[round%relaying], friends[(round+1)%relaying]
		round++
		for _, f := range []*flash.NetConnection{from, to} {
			if err := nc.Invoke("relay", f.NearID().String(), "hello", "mallory"); err != nil {
				return nil, done, err
			}
		}
		return s, done, relays(ctx, from, to)
	})
	if err := relays(t.Context(), friends[1], friends[0]); err != nil {
		t.Error("the friends' connections suffered:", err)
	}
}

// relays checks that the service still relays from one client to another.
func relays(ctx context.Context, from, to *flash.NetConnection) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := from.Invoke("relay", to.NearID().String(), "ping", "friend"); err != nil {
		return err
	}
	for {
		ev, err := to.Next(ctx)
		if err != nil {
			return err
		}
		if in, ok := ev.(flash.Invocation); ok && len(in.Args) == 3 && in.Args[1] == "ping" && in.Args[0] == from.NearID().String() {
			return nil
		}
	}
}

func TestCallUnderAttack(t *testing.T) {
	service := phonetest.NewService(t)
	newPhone := func(name string) *phone.Phone {
		p, err := phone.New(phone.Config{
			Name: name, Server: service.Server, Directory: service.Directory, Accept: phone.AcceptAnyone,
			Bind:    netip.MustParseAddrPort("127.0.0.1:0"),
			Sources: phone.Sources{Camera: "test:320x180@15", Mic: "tone", Speaker: "null"},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if st, err := p.WaitService(ctx); err != nil || st.State != phone.ServiceReachable {
			t.Fatalf("%s: service is %+v, %v", name, st, err)
		}
		return p
	}
	ada, bob := newPhone("ada"), newPhone("bob")
	defer ada.Close() //nolint:errcheck // the end of the test
	defer bob.Close() //nolint:errcheck // the end of the test
	call, err := ada.Call("bob")
	if err != nil {
		t.Fatal(err)
	}
	var answered *phone.Call
	select {
	case answered = <-bob.Incoming():
	case <-time.After(patience):
		t.Fatal("bob does not ring")
	}
	if err := answered.Accept(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan phone.Status, 2)
	established := make(chan struct{}, 2)
	for _, c := range []*phone.Call{call, answered} {
		go watch(c, established, ended)
	}
	for range 2 {
		select {
		case <-established:
		case st := <-ended:
			t.Fatalf("the call ended: %+v", st)
		case <-time.After(patience):
			t.Fatal("the call was not established")
		}
	}
	words := compared(t, call)
	target, err := flashcrypto.ParseFingerprint(bob.PeerID())
	if err != nil {
		t.Fatal(err)
	}
	attack(t, bob.Addr(), 3, perRound, func(ctx context.Context, ep *rtmfp.Endpoint, id *flashcrypto.Profile) (*rtmfp.Session, func(), error) {
		nc := flash.NewNetConnection(flash.Config{Endpoint: ep, NearID: id.Fingerprint()})
		done := func() { _ = nc.Close() }
		liar, err := bother(ctx, nc, target, bob.Addr())
		if err == nil {
			err = liar.lie(ctx)
		}
		if err != nil {
			return nil, done, err
		}
		caller, err := bother(ctx, nc, target, bob.Addr())
		if err == nil {
			err = caller.ring(ctx)
		}
		if err == nil {
			err = caller.compare(ctx)
		}
		if err != nil {
			return nil, done, err
		}
		p := caller.peer
		for _, name := range []string{"media-callee", "media-caller", "nothing"} {
			if _, err := p.Play(name); err != nil {
				return nil, done, err
			}
		}
		return p.Session(), done, nil
	})
	select {
	case st := <-ended:
		t.Fatalf("the call ended under the attack: %+v", st)
	default:
	}
	for _, c := range []*phone.Call{call, answered} {
		carriesOn(t, c)
		if now := compared(t, c); !slices.Equal(now, words) {
			t.Errorf("the short string was %v, and is %v", words, now)
		}
	}
	call.HangUp()
	for range 2 {
		if st := <-ended; st.Reason != phone.Hangup {
			t.Errorf("the call ended as %s", st.Reason)
		}
	}
}

// compared waits for the short string of a call.
func compared(t *testing.T, c *phone.Call) []string {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if v := c.Verification(); len(v.Words) > 0 {
			return v.Words
		}
	}
	t.Fatal("there is no short string")
	return nil
}

// carriesOn waits until sound and picture flow, which on an idle machine they do at once.
func carriesOn(t *testing.T, c *phone.Call) {
	t.Helper()
	c.Stats()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		<-tick.C
		st := c.Stats()
		t.Logf("after the attack: %.0f pictures/s, %.0f %% of the sound concealed", st.Video.FPS, 100*st.Audio.Concealed)
		if c.Status().State == phone.InCall && st.Video.FPS >= 5 && st.Audio.Concealed < 0.2 {
			return
		}
	}
	t.Errorf("the call suffered: %s", c.Status().State)
}

// watch follows a call; leaving InCall counts as its end.
func watch(c *phone.Call, established chan<- struct{}, ended chan<- phone.Status) {
	for {
		ev, err := c.Next(context.Background())
		if err != nil {
			return
		}
		st, ok := ev.(phone.StateChanged)
		if !ok {
			continue
		}
		switch st.Status.State {
		case phone.InCall:
			established <- struct{}{}
		case phone.Ended, phone.Reconnecting:
			ended <- st.Status
		}
	}
}
