package lan

import (
	"crypto/ed25519"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"sundog.dev/sundog/idmanager"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// segment is a network in memory: what one member multicasts reaches all, also itself.
type segment struct {
	mu         sync.Mutex
	members    []*memNet
	loss, dups float64         // of the copies
	seen       func(m message) // every packet sent; may be nil
	sent       int
}

// memNet is a machine with interfaces on segments.
type memNet struct {
	queue chan packet

	mu     sync.Mutex
	ifaces []netInterface
	on     map[int]*segment // by interface index
	joined map[int]bool
	closed bool
}

func newMemNet() *memNet {
	return &memNet{queue: make(chan packet, queueLength), on: make(map[int]*segment), joined: make(map[int]bool)}
}

// plug connects the machine to a segment; addresses are written as prefixes.
func (n *memNet) plug(s *segment, index int, addresses ...string) *memNet {
	i := netInterface{index: index, name: "eth" + string(rune('0'+index))}
	for _, a := range addresses {
		i.prefixes = append(i.prefixes, netip.MustParsePrefix(a))
	}
	n.mu.Lock()
	n.ifaces = append(n.ifaces, i)
	n.on[index] = s
	n.mu.Unlock()
	s.mu.Lock()
	s.members = append(s.members, n)
	s.mu.Unlock()
	return n
}

// unplug takes an interface away.
func (n *memNet) unplug(index int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ifaces = slices.DeleteFunc(n.ifaces, func(i netInterface) bool { return i.index == index })
	delete(n.on, index)
	delete(n.joined, index)
}

func (n *memNet) interfaces() ([]netInterface, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.ifaces), nil
}

func (n *memNet) join(i netInterface) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.joined[i.index] = true
}

func (n *memNet) leave(i netInterface) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.joined, i.index)
}

func (n *memNet) packets() <-chan packet { return n.queue }

func (n *memNet) write(data []byte, i netInterface, v6 bool) error {
	n.mu.Lock()
	s := n.on[i.index]
	n.mu.Unlock()
	if s == nil {
		return errNoFamily
	}
	for _, p := range i.prefixes {
		if a := p.Addr(); a.Is6() == v6 {
			s.send(data, netip.AddrPortFrom(a, mdnsPort))
			return nil
		}
	}
	return errNoFamily
}

// send brings a packet to everybody.
func (s *segment) send(data []byte, from netip.AddrPort) {
	s.mu.Lock()
	s.sent++
	members, seen := slices.Clone(s.members), s.seen
	s.mu.Unlock()
	if m, err := parseMessage(data); err == nil && seen != nil {
		seen(m)
	}
	for _, n := range members {
		copies := 1
		if rand.Float64() < s.dups {
			copies = 2
		}
		for range copies {
			if rand.Float64() >= s.loss {
				n.deliver(s, data, from)
			}
		}
	}
}

func (n *memNet) deliver(s *segment, data []byte, from netip.AddrPort) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for index, on := range n.on {
		if on == s && n.joined[index] && !n.closed {
			select {
			case n.queue <- packet{data: slices.Clone(data), from: from, via: index, toGroup: true}:
			default:
			}
		}
	}
}

func (n *memNet) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	close(n.queue)
	return nil
}

// phone is a Directory on a machine in memory.
type phone struct {
	*Directory
	t   *testing.T
	net *memNet
	key ed25519.PrivateKey
}

func newPhone(t *testing.T, n *memNet) *phone {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return newPhoneWith(t, n, key)
}

func newPhoneWith(t *testing.T, n *memNet, key ed25519.PrivateKey) *phone {
	t.Helper()
	d, err := start(Config{Key: key}, n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return &phone{Directory: d, t: t, net: n, key: key}
}

const testPort = 40000

var everywhere = []netip.AddrPort{netip.AddrPortFrom(netip.IPv6Unspecified(), testPort)}

func peerID(c string) string { return strings.Repeat(c, 64) }

func (p *phone) register(name, id string) {
	p.t.Helper()
	if err := p.Register(p.t.Context(), idmanager.Record{Name: name, PeerID: id, Addresses: everywhere}); err != nil {
		p.t.Fatalf("registering %s: %v", name, err)
	}
}

// sees are all people of whom a phone knows, as "name:first digit of the peer ID".
func (p *phone) sees() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, r := range p.people {
		all = append(all, r.Name+":"+r.PeerID[:1])
	}
	return strings.Join(all, " ")
}

func (p *phone) identity() ed25519.PublicKey { return p.key.Public().(ed25519.PublicKey) }
