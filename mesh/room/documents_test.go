package room

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// samples are one document of each kind.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	h := newHall(t, 9)
	h.come(2, 1)
	h.come(3, 2)
	a, b := h.phone(1), h.phone(2)
	r := a.store.records[testIdentity(3)]
	byOpener, err := removal{room: a.store.id, target: testIdentity(3), stay: 1, time: start, remover: a.self, removerStay: 1, keep: []Identity{b.self}}.sign(testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	byInviter, err := removal{room: a.store.id, target: testIdentity(3), stay: 1, time: start, remover: b.self, removerStay: 1, evidence: r.latest}.sign(testKey(2))
	if err != nil {
		t.Fatal(err)
	}
	l, err := lapse{room: a.store.id, target: testIdentity(3), at: r.card.at, time: start, author: a.self}.sign(testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	bundle := h.invite(3, InviteOptions{Uses: 3})
	return map[string][]byte{
		"invitation": r.latest.invitation.raw, "acceptance": r.latest.acceptance.raw, "entry": r.latest.raw, "card": r.card.raw,
		"removal by the opener": byOpener.raw, "removal by the inviter": byInviter.raw, "lapse": l.raw, "record": r.encode(),
		"bundle": bundle.Append(nil), "digest": a.store.digestMessage(), "summary": a.store.summaryMessage(true),
		"records": a.store.recordsMessages([]*record{r})[0], "join": a.store.joinMessage(r.card, r.latest.acceptance),
		"refusal": a.store.refusalMessage(Full),
	}
}

func TestDocumentsAreTheBytesOfThisVersion(t *testing.T) {
	for name, b := range samples(t) {
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(append([]byte{byte(len(b) >> 8), byte(len(b))}, sum[:8]...)); got != golden[name] {
			t.Errorf("%q: %q,", name, got)
		}
	}
	if d := (Descriptor{Opener: testIdentity(1), Capacity: 9}); d.String() != goldenRoom {
		t.Errorf("room %s", d)
	}
}

// parsed reads a document of any kind and checks its signatures.
func parsed(raw []byte) error {
	if len(raw) == 0 {
		return ErrDocument
	}
	opener := testIdentity(1)
	switch raw[0] {
	case typeInvitation:
		i, err := parseInvitation(raw)
		if err != nil {
			return err
		}
		return i.verify()
	case typeAcceptance:
		a, err := parseAcceptance(raw)
		if err != nil {
			return err
		}
		return a.verify()
	case typeEntry:
		e, err := parseEntry(raw)
		if err != nil {
			return err
		}
		return e.verify()
	case typeCard:
		c, err := parseCard(raw)
		if err != nil {
			return err
		}
		return c.verify()
	case typeRemoval:
		m, err := parseRemoval(raw)
		if err != nil {
			return err
		}
		return m.verify(opener)
	case typeLapse:
		l, err := parseLapse(raw)
		if err != nil {
			return err
		}
		return l.verify()
	}
	return ErrDocument
}

// documents are the samples that are signed by themselves.
var documents = []string{"invitation", "acceptance", "entry", "card", "removal by the opener", "removal by the inviter", "lapse"}

func TestNoByteOfADocumentCanBeChangedCutOrAdded(t *testing.T) {
	all := samples(t)
	for _, name := range documents {
		b := all[name]
		if err := parsed(b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for at := range b {
			if at%7 != 0 && at > 2 && at < len(b)-1 {
				continue
			}
			c := bytes.Clone(b)
			c[at] ^= 1
			if parsed(c) == nil {
				t.Errorf("%s: byte %d changed", name, at)
			}
		}
		if parsed(b[:len(b)-1]) == nil || parsed(append(bytes.Clone(b), 0)) == nil {
			t.Errorf("%s: cut or longer", name)
		}
		newer := bytes.Clone(b)
		newer[1] = 2
		if err := parsed(newer); !errors.Is(err, ErrVersion) {
			t.Errorf("%s of version 2: %v", name, err)
		}
	}
}

func TestCardsOfLaterVersionsMayHaveMore(t *testing.T) {
	c := card{room: ID{1}, identity: testIdentity(1), at: moment{1, 1, 1}, details: testConfig(1, 1).Details, time: start}
	signed, err := c.sign(testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	body := signed.raw[:len(signed.raw)-signatureSize]
	for more, want := range map[int]bool{1: true, maxCardExtra: true, maxCardExtra + 1: false} {
		raw, err := seal(testKey(1), cardContext, append(bytes.Clone(body), make([]byte, more)...))
		if err != nil {
			t.Fatal(err)
		}
		if err := parsed(raw); (err == nil) != want {
			t.Errorf("%d bytes more: %v", more, err)
		}
	}
}

func TestDetailsHaveBounds(t *testing.T) {
	many := make([]netip.AddrPort, MaxAddresses+1)
	for i := range many {
		many[i] = netip.MustParseAddrPort("192.0.2.1:1935")
	}
	for name, d := range map[string]Details{
		"a long name":         {Name: strings.Repeat("x", MaxName+1)},
		"a name of two lines": {Name: "a\nb"},
		"a name that turns":   {Name: "a\u202eb"},
		"broken UTF-8":        {Name: "\xff"},
		"too many addresses":  {Addresses: many},
		"no port":             {Addresses: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:0")}},
		"multicast":           {Addresses: []netip.AddrPort{netip.MustParseAddrPort("224.0.0.1:9")}},
		"everybody":           {Addresses: []netip.AddrPort{netip.MustParseAddrPort("255.255.255.255:9")}},
		"nobody":              {Addresses: []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:9")}},
		"IPv4 in IPv6":        {Addresses: []netip.AddrPort{netip.MustParseAddrPort("[::ffff:192.0.2.1]:9")}},
		"a long rendezvous":   {Rendezvous: strings.Repeat("x", MaxRendezvous+1)},
	} {
		if _, err := Open(start, Config{Key: testKey(1), Details: d}, 9); !errors.Is(err, ErrDetails) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, capacity := range []int{-1, 0, 1, MaxMembers + 1} {
		if _, err := Open(start, Config{Key: testKey(1)}, capacity); !errors.Is(err, ErrCapacity) {
			t.Errorf("capacity %d: %v", capacity, err)
		}
	}
}

func TestInvitationsTravelAsText(t *testing.T) {
	h := newHall(t, 9)
	for n := byte(2); n < 6; n++ {
		h.come(n, n-1)
	}
	for n, chained := range map[byte]bool{1: true, 2: true, 3: true, 4: false, 5: false} {
		b := h.invite(n, InviteOptions{})
		text := b.Text()
		if len(text) > MaxText || !b.Chained() {
			t.Errorf("by %d: %d bytes, chained %v", n, len(text), b.Chained())
		}
		got, err := ParseText(" " + text[:70] + "\n " + text[70:])
		if err != nil || got.Chained() != chained || got.Invitation.Inviter != testIdentity(n) {
			t.Errorf("by %d: %v, chained %v", n, err, got.Chained())
		}
	}
	text := h.invite(2, InviteOptions{}).Text()
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"cut":                  {text[:200], ErrText},
		"empty":                {"", ErrText},
		"too long":             {strings.Repeat("A", MaxText+1), ErrText},
		"a letter changed":     {text[:100] + string(rune(text[100]^1)) + text[101:], ErrSignature},
		"no base64":            {"!" + text[1:], ErrText},
		"a later version":      {"AQIA" + text[4:], ErrVersion},
		"somebody else's room": {otherRoom(t, h), ErrChain},
	} {
		if _, err := ParseText(c.text); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// otherRoom is an invitation of Bob's to a room of his own making, with the chain of another.
func otherRoom(t testing.TB, h *hall) string {
	b := h.invite(2, InviteOptions{})
	b.Invitation.Room.Capacity++
	var err error
	if b.Invitation, err = b.Invitation.sign(testKey(2)); err != nil {
		t.Fatal(err)
	}
	return b.Text()
}

func FuzzDocument(f *testing.F) {
	all := samples(f)
	for _, name := range documents {
		f.Add(all[name])
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		_ = parsed(b)
	})
}

func FuzzText(f *testing.F) {
	h := newHall(f, 9)
	h.come(2, 1)
	f.Add(h.invite(1, InviteOptions{}).Text())
	f.Add(h.invite(2, InviteOptions{Life: time.Minute, Uses: 3}).Text())
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ParseText(text)
		if err != nil {
			return
		}
		if again, err := ParseText(b.Text()); err != nil || !bytes.Equal(again.Invitation.raw, b.Invitation.raw) {
			t.Errorf("%v", err)
		}
	})
}

// FuzzHandle gives a member whatever another may send.
func FuzzHandle(f *testing.F) {
	all := samples(f)
	for _, name := range []string{"digest", "summary", "records", "join", "refusal"} {
		f.Add(all[name])
	}
	h := newHall(f, 9)
	h.come(2, 1)
	a, b := h.phone(1), h.phone(2)
	f.Fuzz(func(t *testing.T, m []byte) {
		sends, _ := a.Handle(start, peer(b), m)
		for _, s := range sends {
			if len(s.Message) > MaxMessage || !IsMessage(s.Message) {
				t.Errorf("%x", s.Message)
			}
		}
		if got := a.Members(); len(got) < 2 || len(got) > 3 || got[0].Identity != a.self { // the third is in the samples
			t.Errorf("%d members", len(got))
		}
	})
}
