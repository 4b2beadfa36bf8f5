package flashcrypto

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

func TestOldClientShapes(t *testing.T) {
	peer, server := newTestProfile(t, Options{OldClients: true}), newTestProfile(t, Options{OldClients: true, Server: true})

	if c := peer.Certificate(); len(c) != 132 || !bytes.HasPrefix(c, []byte{0x81, 0x02, 0x1d, 0x02}) {
		t.Errorf("a peer's certificate is %x, want the one option 81 02 1d 02 and a key of 128 bytes", c)
	}
	c := server.Certificate()
	if len(c) != 77 || !bytes.HasPrefix(c, []byte{0x01, 0x0a, 0x41, 0x0e}) || !bytes.HasSuffix(c, []byte{2, 0x15, 2, 2, 0x15, 5, 2, 0x15, 14}) {
		t.Errorf("a server's certificate is %x, want 01 0a | 41 0e, 64 random bytes | 02 15 02 | 02 15 05 | 02 15 0e", c)
	}
	if s := peer.Sign([]byte("anything")); string(s) != "X" {
		t.Errorf("signature %x, want 58", s)
	}

	for _, far := range []*Profile{newTestProfile(t, Options{OldClients: true}), server} {
		k, err := peer.Initiate(far.own)
		if err != nil {
			t.Fatal(err)
		}
		skic := k.Component()
		if len(skic) != 76 || !bytes.HasPrefix(skic, []byte{2, 0x1d, 2, 0x41, 0x0e}) || !bytes.HasSuffix(skic, []byte{3, 0x1a, 2, 10, 2, 0x1e, 2}) {
			t.Errorf("the initiator's component is %x, want 02 1d 02 | 41 0e, 64 random bytes | 03 1a 02 0a | 02 1e 02", skic)
		}
	}

	skic := offering(Group2, offerOnRequest, 10, offerOnRequest) // as librtmfp and Flash send it
	far := newTestProfile(t, Options{OldClients: true})
	skrc, _, err := peer.Respond(far.own, skic)
	if want := []byte{3, 0x1a, 0, 0, 2, 0x1e, 0, 0x41, 0x0e}; err != nil || len(skrc) != 73 || !bytes.HasPrefix(skrc, want) {
		t.Errorf("a peer answers %x, %v, want %x and 64 random bytes", skrc, err, want)
	}
	skrc, _, err = server.Respond(far.own, skic)
	if want := []byte{3, 0x1a, 0, 0, 2, 0x1e, 0, 0x81, 0x02, 0x0d, 0x02}; err != nil || len(skrc) != 139 || !bytes.HasPrefix(skrc, want) {
		t.Errorf("a server answers %x, %v, want %x and a key of 128 bytes", skrc, err, want)
	}
}

// Who can talk to whom, and how well it is protected.
func TestOldAndNewEnds(t *testing.T) {
	for _, c := range []struct {
		name                 string
		initiator, responder Options
		overhead             int // 0: no session
	}{
		{"old peers", Options{OldClients: true}, Options{OldClients: true}, 15 + checksumSize},
		{"an old peer and an old server", Options{OldClients: true}, Options{OldClients: true, Server: true}, 15 + checksumSize},
		{"a peer and an old server", Options{}, Options{OldClients: true, Server: true}, 15 + 16 + sequenceOverhead},
		{"a peer and an old peer", Options{}, Options{OldClients: true}, 0},
		{"an old peer and a peer", Options{OldClients: true}, Options{}, 0},
		{"an old peer and a server", Options{OldClients: true}, Options{Server: true}, 0},
	} {
		ik, rk, err := handshake(newTestProfile(t, c.initiator), newTestProfile(t, c.responder))
		if c.overhead == 0 {
			if err == nil {
				t.Errorf("%s can talk", c.name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		mustTalk(t, ik, rk)
		if got := ik.Seal.Overhead(); got != c.overhead {
			t.Errorf("%s: overhead %d, want %d", c.name, got, c.overhead)
		}
	}
}

// Nothing of the switch reaches an ordinary identity.
func TestOrdinaryIdentitiesRefuseOldClients(t *testing.T) {
	for _, p := range []*Profile{newTestProfile(t, Options{}), newTestProfile(t, Options{Server: true})} {
		for name, far := range map[string]Options{"peer": {OldClients: true}, "server": {OldClients: true, Server: true}} {
			cert, err := p.ParseCertificate(newTestProfile(t, far).Certificate())
			if err != nil {
				t.Fatal(err)
			}
			if name == "peer" {
				if _, err := p.Initiate(cert); !errors.Is(err, ErrOldClient) || !errors.Is(err, ErrNoGroup) {
					t.Errorf("towards an old %s: %v", name, err)
				}
			}
			for _, g := range []Group{Group2, Group5} {
				if _, _, err := p.Respond(cert, offering(g, 7, 16, 7)); !errors.Is(err, ErrOldClient) {
					t.Errorf("group %d of an old %s: %v", g, name, err)
				}
			}
		}
		// A far end that has good keys but asks for the weak ones is refused as well.
		both := appendGroup(nil, certStaticKey, Group31, x25519Public(t))
		for _, g := range []Group{Group2, Group5} {
			both = appendGroup(both, certStaticKey, g, modpKeyOf(t, g, 0x5b).public())
		}
		cert, err := p.ParseCertificate(both)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range []Group{Group2, Group5} {
			if _, _, err := p.Respond(cert, offering(g, 7, 16, 7)); !errors.Is(err, ErrNoGroup) {
				t.Errorf("group %d: %v", g, err)
			}
			if p.own.speaks(g) || p.static[g] != nil {
				t.Errorf("group %d is in an ordinary identity", g)
			}
		}
		// Even in a good group, an end without HMAC or sequence numbers is an old one.
		for _, skic := range [][]byte{offering(Group31, 0, 0, 7), offering(Group31, 7, 16, 0), offering(Group31, 7, 4, 7)} {
			if _, _, err := p.Respond(cert, skic); !errors.Is(err, ErrOldClient) || !errors.Is(err, ErrUnprotected) {
				t.Errorf("without protection: %v", err)
			}
		}
	}
}

func TestOldClientsExcludesOtherOptions(t *testing.T) {
	for _, opt := range []Options{
		{OldClients: true, Groups: []Group{Group14}},
		{OldClients: true, Hostname: "h"},
		{OldClients: true, SignWith: []Password{{}}},
		{OldClients: true, VerifyWith: []Password{{}}},
		{OldClients: true, RequirePassword: true},
		{RequirePassword: true},
		{Groups: []Group{Group31, Group2}},
		{Groups: []Group{Group5}},
	} {
		if _, err := NewProfile(opt); !errors.Is(err, ErrOptions) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
}

// librtmfp shows keys of 127 bytes as they are.
func TestOldPeersWithShortKeys(t *testing.T) {
	p := newTestProfile(t, Options{OldClients: true})
	var short []byte
	for n := uint16(0xa000); len(short) != 127; n++ {
		k, err := modpOf(Group2).newKey(append(binary.BigEndian.AppendUint16(nil, n), make([]byte, 26)...))
		if err != nil {
			t.Fatal(err)
		}
		short = k.public()
	}
	cert := appendGroup(nil, certStaticKey, Group2, short)
	if !bytes.HasPrefix(cert, []byte{0x81, 0x01, 0x1d, 0x02}) {
		t.Fatalf("certificate %x", cert)
	}
	far, err := p.ParseCertificate(cert)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Respond(far, offering(Group2, 2, 10, 2)); err != nil {
		t.Error(err)
	}
	padded, err := p.ParseCertificate(appendGroup(nil, certStaticKey, Group2, append([]byte{0}, short...)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Initiate(padded); err != nil {
		t.Error(err)
	}
	if wire.VLULen(uint64(len(cert))) != 2 {
		t.Error("the certificate's length wants two bytes")
	}
}
