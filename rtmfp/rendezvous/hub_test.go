package rendezvous

import (
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
	"sundog.dev/sundog/rtmfp/flash"
)

// hub is a Cluster in memory.
type hub struct {
	latency time.Duration

	mu      sync.Mutex
	down    bool
	lossy   bool // messages seem to be sent, but are lost
	members map[string]chan<- hubMessage
	sent    []clusterMessage
}

type hubMessage struct {
	at      time.Time
	message []byte
}

func (h *hub) Join(instance string, deliver func([]byte)) (func(), error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		return nil, errors.New("the hub is down")
	}
	if h.members == nil {
		h.members = make(map[string]chan<- hubMessage)
	}
	queue := make(chan hubMessage, 1000)
	h.members[instance] = queue
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for m := range queue {
			time.Sleep(time.Until(m.at))
			deliver(m.message)
		}
	}()
	return func() {
		h.mu.Lock()
		delete(h.members, instance)
		close(queue)
		h.mu.Unlock()
		<-ended
	}, nil
}

func (h *hub) Send(instance string, message []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		return errors.New("the hub is down")
	}
	if m, err := parseClusterMessage(message); err == nil {
		h.sent = append(h.sent, m)
	}
	if h.lossy {
		return nil
	}
	for name, queue := range h.members {
		if instance == "" || instance == name {
			select {
			case queue <- hubMessage{time.Now().Add(h.latency), slices.Clone(message)}:
			default: // lost
			}
		}
	}
	return nil
}

// count is how many messages of a kind were sent, but by hostile.
func (h *hub) count(kind byte) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.sent {
		if m.kind == kind && m.sender != (instanceID{1}) {
			n++
		}
	}
	return n
}

func (h *hub) set(f func(*hub)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(h)
}

// inInstances runs a test on the virtual clock with n instances at 192.0.2.1, 2 …
func inInstances(t *testing.T, n int, cfg Config, test func(h *hub, w []world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := vnet.New(1)
		network.SetDefaultLink(vnet.Link{Latency: 10 * time.Millisecond})
		defer network.Close()
		h := &hub{latency: time.Millisecond}
		var instances []world
		for i := range n {
			addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + i)}), 1935)
			conn, err := network.Listen(addr)
			if err != nil {
				t.Fatal(err)
			}
			cfg := cfg
			cfg.Cluster = h
			s, err := New(conn, cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			instances = append(instances, world{t, network, s, addr})
		}
		test(h, instances)
	})
}

// behind is a phone behind a NAT.
func (w world) behind(public, private string, nat vnet.NATConfig) *phone {
	w.t.Helper()
	conn, err := w.net.NAT(netip.MustParseAddr(public), nat).Listen(ap(private))
	if err != nil {
		w.t.Fatal(err)
	}
	p := w.phoneOn(conn, w.identity())
	p.connect(nil)
	p.send(flash.SetPeerInfo([]string{private}))
	p.nextUserControl()
	return p
}
