package rendezvous

import (
	"crypto/rand"
	"net/netip"
	"testing"
	"time"

	"sundog.dev/sundog/internal/source"
	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// Most of what an instance hears from others is not for it: what that costs, with 20,000 clients of its own.
func BenchmarkQuestionForNobody(b *testing.B) {
	s := &Service{clients: make(map[flashcrypto.Fingerprint]*client), sources: source.NewLimiter(introductionRate, introductionBurst)}
	s.link = &link{s: s, out: make(chan clusterLetter, clusterQueue), pending: make(map[uint64]*question)}
	for range 20_000 {
		var id flashcrypto.Fingerprint
		_, _ = rand.Read(id[:])
		s.clients[id] = &client{id: id}
	}
	from := ap("203.0.113.1:5000")
	for name, m := range map[string]clusterMessage{
		"ask":     {kind: kindAsk, sender: instanceID{1}, query: 7, tag: make([]byte, 16), from: from, outside: from, own: []netip.AddrPort{ap("10.0.0.5:5000")}},
		"seek":    {kind: kindSeek, sender: instanceID{1}, query: 7},
		"arrived": {kind: kindArrived, sender: instanceID{1}, time: 1},
	} {
		b.Run(name, func(b *testing.B) {
			message := m.append(nil)
			b.ReportAllocs()
			b.SetBytes(int64(len(message)))
			for b.Loop() {
				s.link.deliver(message)
			}
		})
	}
}

// direct is a Cluster in which whoever sends also carries.
type direct struct{ members map[string]func([]byte) }

func (d *direct) Join(instance string, deliver func([]byte)) (func(), error) {
	d.members[instance] = deliver
	return func() {}, nil
}

func (d *direct) Send(instance string, message []byte) error {
	for name, deliver := range d.members {
		if instance == "" || instance == name {
			deliver(message)
		}
	}
	return nil
}

// An introduction from one instance to the other, but for the packets: the question, the search for the client, the FIHello into its
// session, the answer and what the Redirect is made of.
func BenchmarkIntroductionAcrossInstances(b *testing.B) {
	network := vnet.New(1)
	defer network.Close()
	d := &direct{members: make(map[string]func([]byte))}
	var services [2]*Service
	for i := range services {
		conn, err := network.Listen(netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + i)}), 1935))
		if err != nil {
			b.Fatal(err)
		}
		if services[i], err = New(conn, Config{Cluster: d}); err != nil {
			b.Fatal(err)
		}
		defer func() { _ = services[i].Close() }()
	}
	identity, err := flashcrypto.NewProfile(flashcrypto.Options{Groups: []flashcrypto.Group{flashcrypto.Group31}})
	if err != nil {
		b.Fatal(err)
	}
	conn, err := network.Listen(ap("198.51.100.1:5000"))
	if err != nil {
		b.Fatal(err)
	}
	endpoint, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: identity})
	if err != nil {
		b.Fatal(err)
	}
	nc := flash.NewNetConnection(flash.Config{Endpoint: endpoint, NearID: identity.Fingerprint()})
	defer func() { _ = nc.Close() }()
	if err := nc.Connect(b.Context(), "rtmfp://192.0.2.2/phone"); err != nil {
		b.Fatal(err)
	}
	here, there := services[0], services[1]
	introducible := func() bool {
		there.mu.Lock()
		defer there.mu.Unlock()
		c := there.clients[nc.NearID()]
		return c != nil && c.introducible
	}
	for !introducible() {
		time.Sleep(time.Millisecond)
	}
	from := ap("203.0.113.1:5000")
	answered := make(chan *clusterMessage, 1)
	ask := clusterMessage{kind: kindAsk, client: nc.NearID(), tag: make([]byte, 16), from: from, outside: from}
	b.ReportAllocs()
	for b.Loop() {
		there.mu.Lock()
		there.clients[nc.NearID()].forwards = source.Bucket{} // it is many clients
		there.mu.Unlock()
		if err := here.link.question(instanceID{}, ask, 0, func(m *clusterMessage) { answered <- m }); err != nil {
			b.Fatal(err)
		}
		if m := <-answered; m == nil || m.kind != kindFound {
			b.Fatalf("%+v", m)
		}
	}
}
