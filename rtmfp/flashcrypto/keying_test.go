package flashcrypto

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/internal/wire"
)

// handshake lets initiator and responder agree on keys.
func handshake(initiator, responder *Profile) (ik, rk rtmfp.SessionKeys, err error) {
	farI, err := responder.ParseCertificate(initiator.Certificate())
	if err != nil {
		return ik, rk, err
	}
	farR, err := initiator.ParseCertificate(responder.Certificate())
	if err != nil {
		return ik, rk, err
	}
	k, err := initiator.Initiate(farR)
	if err != nil {
		return ik, rk, err
	}
	skrc, rk, err := responder.Respond(farI, k.Component())
	if err != nil {
		return ik, rk, err
	}
	ik, err = k.Complete(skrc)
	return ik, rk, err
}

// mustTalk checks that both ends read each other, and that nonces match crosswise.
func mustTalk(t *testing.T, ik, rk rtmfp.SessionKeys) {
	t.Helper()
	for i := range 3 {
		msg := []byte(fmt.Sprintf("packet %d of some length", i))
		for _, dir := range []struct{ from, to rtmfp.SessionKeys }{{ik, rk}, {rk, ik}} {
			got, err := dir.to.Open.Open(nil, dir.from.Seal.Seal(nil, msg))
			if err != nil || !bytes.HasPrefix(got, msg) || len(bytes.TrimRight(got[len(msg):], "\xff")) != 0 {
				t.Fatalf("%q came as %q, %v", msg, got, err)
			}
		}
	}
	if !bytes.Equal(ik.NearNonce, rk.FarNonce) || !bytes.Equal(ik.FarNonce, rk.NearNonce) ||
		bytes.Equal(ik.NearNonce, ik.FarNonce) || len(ik.NearNonce) != 32 {
		t.Error("nonces do not match crosswise")
	}
	if bytes.Equal(ik.Seal.Seal(nil, make([]byte, 16)), rk.Seal.Seal(nil, make([]byte, 16))) {
		t.Error("both directions use one key")
	}
}

func TestHandshakes(t *testing.T) {
	for _, g := range []Group{Group31, Group14} {
		for _, c := range []struct{ initiatorServer, responderServer bool }{{false, false}, {false, true}, {true, false}, {true, true}} {
			t.Run(fmt.Sprintf("group %d, ephemeral initiator %v, responder %v", g, c.initiatorServer, c.responderServer), func(t *testing.T) {
				ik, rk, err := handshake(
					newTestProfile(t, Options{Server: c.initiatorServer, Groups: []Group{g}}),
					newTestProfile(t, Options{Server: c.responderServer}))
				if err != nil {
					t.Fatal(err)
				}
				mustTalk(t, ik, rk)
			})
		}
	}
}

func TestInitiatorPrefersItsFirstCommonGroup(t *testing.T) {
	for _, c := range []struct {
		initiator, responder []Group
		want                 Group
	}{
		{nil, nil, 31},
		{nil, []Group{14, 31}, 31},
		{[]Group{14, 31}, nil, 14},
		{nil, []Group{14}, 14},
	} {
		far, err := parseCertificate(newTestProfile(t, Options{Groups: c.responder}).Certificate())
		if err != nil {
			t.Fatal(err)
		}
		k, err := newTestProfile(t, Options{Groups: c.initiator}).Initiate(far)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := parseComponent(k.Component()); got.group != c.want {
			t.Errorf("%v meets %v in group %d, want %d", c.initiator, c.responder, got.group, c.want)
		}
	}
	_, _, err := handshake(newTestProfile(t, Options{Groups: []Group{31}}), newTestProfile(t, Options{Groups: []Group{14}}))
	if !errors.Is(err, ErrNoGroup) {
		t.Errorf("no common group: %v", err)
	}
}

func TestInitiatorComponentShape(t *testing.T) {
	far, err := parseCertificate(newTestProfile(t, Options{}).Certificate())
	if err != nil {
		t.Fatal(err)
	}
	k, err := newTestProfile(t, Options{}).Initiate(far)
	if err != nil {
		t.Fatal(err)
	}
	c := k.Component()
	if len(c) != 79 || !bytes.HasPrefix(c, []byte{2, 0x1d, 31, 65, 0x0e}) ||
		!bytes.HasSuffix(c, []byte{3, 0x1a, 7, 16, 2, 0x1e, 7, 2, 0x89, 0x7b}) {
		t.Errorf("static initiator's component is %x", c)
	}
}

// Feedback is announced, except by an end for old clients to one that does not announce it.
func TestFeedbackAnnounced(t *testing.T) {
	for _, c := range []struct {
		initiator, responder Options
		want                 bool
	}{
		{Options{}, Options{}, true},
		{Options{}, Options{Server: true}, true},
		{Options{}, Options{Server: true, OldClients: true}, true},
		{Options{OldClients: true}, Options{OldClients: true}, false},
	} {
		initiator := newTestProfile(t, c.initiator)
		responder := newTestProfile(t, c.responder)
		toResponder, _ := initiator.ParseCertificate(responder.Certificate())
		toInitiator, _ := responder.ParseCertificate(initiator.Certificate())
		k, err := initiator.Initiate(toResponder)
		if err != nil {
			t.Fatal(err)
		}
		skrc, far, err := responder.Respond(toInitiator, k.Component())
		if err != nil {
			t.Fatal(err)
		}
		near, err := k.Complete(skrc)
		if err != nil {
			t.Fatal(err)
		}
		if near.Feedback != c.want || far.Feedback != c.want {
			t.Errorf("%+v and %+v: %v and %v", c.initiator, c.responder, near.Feedback, far.Feedback)
		}
		packet := near.Seal.Seal(nil, []byte("one"))
		packet = near.Seal.Seal(packet[:0], []byte("two"))
		if _, err := far.Open.Open(nil, packet); err != nil {
			t.Fatal(err)
		}
		if sealed, opened := near.Seal.(rtmfp.SequencedCipher).Sequence(), far.Open.(rtmfp.SequencedCipher).Sequence(); sealed != opened || c.want && sealed != 1 {
			t.Errorf("packet %d opened as %d", sealed, opened)
		}
	}
}

func TestRefusedComponents(t *testing.T) {
	peer := newTestProfile(t, Options{})
	server := newTestProfile(t, Options{Server: true})
	farPeer := newTestProfile(t, Options{})
	farServer := newTestProfile(t, Options{Server: true})
	good := component{group: 31, hasGroup: true, randomness: randomness(), hmac: 7, hmacLength: 16, sequence: 7}
	with := func(f func(*component)) []byte {
		c := good
		f(&c)
		return c.append(nil, true)
	}
	ephemeral := func(g Group, key []byte) []byte {
		return with(func(c *component) { c.group, c.ephemeral = g, key })
	}
	raw := good.append(nil, true)
	for name, c := range map[string]struct {
		near, far *Profile
		skic      []byte
		want      error
	}{
		"empty":                           {peer, farPeer, nil, ErrComponent},
		"truncated":                       {peer, farPeer, raw[:len(raw)-1], ErrComponent},
		"a marker":                        {peer, farPeer, append(bytes.Clone(raw), 0), ErrComponent},
		"an option twice":                 {peer, farPeer, append(bytes.Clone(raw), 2, 0x1e, 7), ErrComponent},
		"group selected and key given":    {peer, farPeer, append(bytes.Clone(raw), ephemeral(31, x25519Public(t))...), ErrComponent},
		"an ephemeral key beside static":  {peer, farPeer, ephemeral(31, x25519Public(t)), ErrComponent},
		"a selected group without a key":  {peer, farServer, raw, ErrComponent},
		"little randomness":               {peer, farPeer, with(func(c *component) { c.randomness = make([]byte, 15) }), ErrComponent},
		"a group that we do not speak":    {peer, farPeer, with(func(c *component) { c.group = 2 }), ErrNoGroup},
		"an HMAC of 33 bytes":             {peer, farPeer, with(func(c *component) { c.hmacLength = 33 }), ErrComponent},
		"an HMAC of 3 bytes":              {peer, farPeer, with(func(c *component) { c.hmacLength = 3 }), ErrComponent},
		"no HMAC":                         {peer, farPeer, with(func(c *component) { c.hmac, c.hmacLength = offerRequest, 0 }), ErrUnprotected},
		"no sequence numbers":             {peer, farPeer, with(func(c *component) { c.sequence = offerRequest }), ErrUnprotected},
		"an ephemeral key of zero":        {server, farServer, ephemeral(31, make([]byte, 32)), ErrPublicKey},
		"an ephemeral key of small order": {server, farServer, ephemeral(31, append([]byte{1}, make([]byte, 31)...)), ErrPublicKey},
		"an ephemeral key of 33 bytes":    {server, farServer, ephemeral(31, make([]byte, 33)), ErrPublicKey},
		"an ephemeral group 14 key of 2":  {server, farServer, ephemeral(14, []byte{2}), ErrPublicKey},
		"an empty ephemeral key":          {server, farServer, []byte{2, 0x0d, 31}, ErrComponent},
		"longer than any component":       {peer, farPeer, wire.AppendOption(bytes.Clone(raw), 0x70, make([]byte, maxComponentLen)), ErrComponent},
	} {
		far, err := parseCertificate(c.far.Certificate())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.near.Respond(far, c.skic); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestOurOwnKeysAreRefused(t *testing.T) {
	for _, g := range []Group{Group31, Group14} {
		p := newTestProfile(t, Options{Groups: []Group{g}})
		key := p.static[g].public()
		disguises := map[string][]byte{"as it is": key}
		if g == Group31 {
			d := bytes.Clone(key)
			d[31] |= 0x80
			disguises["with the ignored bit set"] = d
		} else {
			disguises["with a leading zero"] = append([]byte{0}, key...)
			disguises["negated"] = new(big.Int).Sub(modpOf(Group14).prime, new(big.Int).SetBytes(key)).Bytes()
		}
		for name, d := range disguises {
			far, err := parseCertificate(wire.AppendOption(appendGroup(nil, certStaticKey, g, d), 0x33, []byte("another")))
			if err != nil {
				t.Fatal(err)
			}
			skic := component{group: g, hasGroup: true, randomness: randomness(), hmac: 7, hmacLength: 16, sequence: 7}.append(nil, true)
			if _, _, err := p.Respond(far, skic); !errors.Is(err, ErrReflection) {
				t.Errorf("group %d, our key %s: %v", g, name, err)
			}
		}
	}
	server := newTestProfile(t, Options{Server: true})
	own, err := parseCertificate(server.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Initiate(own); !errors.Is(err, ErrReflection) {
		t.Errorf("our own ephemeral certificate: %v", err)
	}
}

func TestReflectedComponentsAreRefused(t *testing.T) {
	for _, opt := range []Options{{}, {Server: true}} {
		far, err := parseCertificate(newTestProfile(t, opt).Certificate())
		if err != nil {
			t.Fatal(err)
		}
		k, err := newTestProfile(t, opt).Initiate(far)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Complete(k.Component()); !errors.Is(err, ErrReflection) {
			t.Errorf("server %v: our component as an answer: %v", opt.Server, err)
		}
	}
}

func TestResponderMayNotChangeTheGroup(t *testing.T) {
	p, server := newTestProfile(t, Options{Server: true}), newTestProfile(t, Options{Server: true})
	far, err := parseCertificate(server.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	k, err := p.Initiate(far)
	if err != nil {
		t.Fatal(err)
	}
	other, err := algorithms[Group14].generate()
	if err != nil {
		t.Fatal(err)
	}
	skrc := component{group: 14, ephemeral: other.public(), hmac: 7, hmacLength: 16, sequence: 7}.append(nil, false)
	if _, err := k.Complete(skrc); !errors.Is(err, ErrComponent) {
		t.Errorf("an answer in group 14 to an offer in group 31: %v", err)
	}
	old := component{group: 2, ephemeral: modpKeyOf(t, Group2, 0x77).public()}.append(nil, false)
	if _, err := k.Complete(old); !errors.Is(err, ErrComponent) || !errors.Is(err, ErrOldClient) {
		t.Errorf("an answer in group 2 to an offer in group 31: %v", err)
	}
}

func TestProfilesRefuseBadGroups(t *testing.T) {
	for _, groups := range [][]Group{{}, {2}, {5}, {14, 2}, {16}, {31, 31}, {14, 31, 14}} {
		if _, err := NewProfile(Options{Groups: groups}); err == nil {
			t.Errorf("a profile with groups %v was made", groups)
		}
	}
	if !slices.Equal(defaultGroups, []Group{31, 14}) {
		t.Error("group 31 comes first")
	}
}

func FuzzRespond(f *testing.F) {
	peer := newTestProfile(f, Options{Groups: []Group{31}})
	server := newTestProfile(f, Options{Server: true, Groups: []Group{31}})
	farPeer, _ := parseCertificate(newTestProfile(f, Options{}).Certificate())
	farServer, _ := parseCertificate(newTestProfile(f, Options{Server: true}).Certificate())
	old := newTestProfile(f, Options{OldClients: true})
	farOld, _ := parseCertificate(newTestProfile(f, Options{OldClients: true}).Certificate())
	f.Add(offering(Group31, 2, 10, 2))
	f.Add(appendGroup(nil, keyEphemeral, 31, x25519Public(f)))
	f.Add([]byte{3, 0x1a, 7, 16, 2, 0x1e, 7})
	f.Fuzz(func(t *testing.T, skic []byte) {
		for _, near := range []*Profile{peer, server, old} {
			for _, far := range []*certificate{farPeer, farServer, farOld} {
				skrc, keys, err := near.Respond(far, skic)
				if err == nil && (len(skrc) == 0 || keys.Seal == nil || len(keys.NearNonce) != 32) {
					t.Error("an agreement without keys")
				}
			}
		}
	})
}

func FuzzComplete(f *testing.F) {
	far, _ := parseCertificate(newTestProfile(f, Options{Server: true, OldClients: true}).Certificate())
	k, err := newTestProfile(f, Options{OldClients: true}).Initiate(far)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(appendGroup([]byte{3, 0x1a, 7, 16, 2, 0x1e, 7}, keyEphemeral, 2, modpKeyOf(f, Group2, 9).public()))
	f.Add([]byte{3, 0x1a, 0, 0, 2, 0x1e, 0})
	f.Fuzz(func(t *testing.T, skrc []byte) {
		if keys, err := k.Complete(skrc); err == nil && (keys.Open == nil || len(keys.FarNonce) != 32) {
			t.Error("an agreement without keys")
		}
	})
}

func BenchmarkHandshake(b *testing.B) {
	for _, g := range []Group{Group31, Group14} {
		b.Run(fmt.Sprintf("group%d", g), func(b *testing.B) {
			client, server := newTestProfile(b, Options{Groups: []Group{g}}), newTestProfile(b, Options{Server: true})
			for b.Loop() {
				if _, _, err := handshake(client, server); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
