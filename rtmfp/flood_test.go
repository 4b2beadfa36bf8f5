package rtmfp

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sundog.dev/sundog/internal/vnet"
)

// keyings makes IIKeyings of one identity, each for a session of its own.
type keyings struct {
	to      *node
	profile *testProfile
	made    uint32
	short   bool // with a keying component that is refused
}

// from hands the endpoint one that came from an address with a valid cookie. to.mu is held.
func (k *keyings) from(addr netip.AddrPort) {
	k.made++
	now := time.Now()
	component := binary.BigEndian.AppendUint32(make([]byte, 28), k.made)
	if k.short {
		component = component[:4]
	}
	b := appendIIKeying(nil, iikeying{
		sessionID: k.made, cookie: k.to.cookies.bake(nil, addr, now),
		certificate: k.profile.certificate, component: component,
	}, k.profile.Sign)
	if c, err := parseIIKeying(b[chunkHeaderSize:]); err == nil {
		k.to.receiveIIKeying(c, addr, now)
	}
}

// A flood of IIKeyings from one network does not keep others from opening a session.
func TestFloodOfIIKeyings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{})
		b := w.node("b", addrB)
		k := keyings{to: b, profile: newTestProfile("a")}
		other := netip.MustParseAddrPort("203.0.113.9:9")

		b.mu.Lock()
		for range 2 * maxHandshakeJobs {
			k.from(addrC)
		}
		flood := len(b.answering)
		k.from(other)
		if flood > maxSourceJobs || len(b.answering) != flood+1 {
			t.Errorf("%d key agreements of the flood are under way, %d of others", flood, len(b.answering)-flood)
		}
		b.mu.Unlock()
		synctest.Wait()

		for range maxUnconfirmed {
			b.mu.Lock()
			k.from(addrC)
			b.mu.Unlock()
			synctest.Wait()
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		kept := false
		for _, s := range b.unconfirmed {
			kept = kept || s.answer.from == other
		}
		if !kept || len(b.unconfirmed) != maxUnconfirmed {
			t.Errorf("%d sessions wait for confirmation, the other's among them: %v", len(b.unconfirmed), kept)
		}
	})
}

// A network that has opened very many sessions opens no more until some have ended; others do.
func TestSessionsOfOneSourceAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, vnet.Link{Latency: time.Millisecond})
		a, b := w.node("a", addrA), w.node("b", addrB)
		near, _ := w.connect(a, b)
		network := sourceNetwork(addrA.Addr())
		k := keyings{to: b, profile: newTestProfile("x")}

		b.mu.Lock()
		if n := b.bySource[network]; n != 1 {
			t.Errorf("%d sessions are counted", n)
		}
		b.bySource[network] = maxSourceSessions
		k.from(addrC)
		k.from(netip.MustParseAddrPort("203.0.113.9:9"))
		if len(b.answering) != 1 {
			t.Errorf("%d key agreements are under way", len(b.answering))
		}
		b.bySource[network] = 1
		b.mu.Unlock()

		_ = near.Close()
		time.Sleep(time.Minute)
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.bySource) != 0 {
			t.Errorf("sessions are still counted: %v", b.bySource)
		}
	})
}

// What strangers send does not fill an operator's log.
func TestRefusedKeyingsAreNotLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := newWorld(t, vnet.Link{})
		b := w.node("b", addrB, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		k := keyings{to: b, profile: newTestProfile("a"), short: true}
		b.mu.Lock()
		k.from(addrC)
		begun := len(b.answering)
		b.mu.Unlock()
		synctest.Wait()
		if begun != 1 || len(b.sessions) != 0 {
			t.Fatalf("%d key agreements, %d sessions", begun, len(b.sessions))
		}
		if log.Len() > 0 {
			t.Errorf("logged: %s", &log)
		}
	})
}
