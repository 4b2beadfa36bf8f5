package room

import (
	"bytes"
	"crypto/ed25519"
	"net/netip"
	"slices"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// start is when tests begin.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func testKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func testIdentity(n byte) Identity { return Identity(testKey(n).Public().(ed25519.PublicKey)) }

// constant is randomness for golden vectors: one byte again and again.
type constant byte

func (c constant) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(c)
	}
	return len(b), nil
}

func testConfig(n byte, phone byte) Config {
	return Config{Key: testKey(n), Random: constant(n), Details: Details{
		PeerID: flashcrypto.Fingerprint{n, phone}, Name: "Person " + string('A'+rune(n)-1),
		Addresses: []netip.AddrPort{netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 1935)}, Rendezvous: "rtmfp://phone.example/key",
	}}
}

// hall is rosters that hear each other perfectly: what one sends is handled at once.
type hall struct {
	t      testing.TB
	now    time.Time
	phones map[Identity]*Roster
	last   error // of the messages since the last check
}

func newHall(t testing.TB, capacity int) *hall {
	t.Helper()
	h := &hall{t: t, now: start, phones: make(map[Identity]*Roster)}
	r, err := Open(h.now, testConfig(1, 1), capacity)
	if err != nil {
		t.Fatal(err)
	}
	h.phones[r.self] = r
	return h
}

func (h *hall) phone(n byte) *Roster { return h.phones[testIdentity(n)] }

func peer(r *Roster) trust.Member {
	return trust.Member{Identity: r.self, PeerID: r.cfg.Details.PeerID}
}

// deliver carries messages until there are none.
func (h *hall) deliver(from *Roster, sends []Send) {
	for _, s := range sends {
		for _, to := range s.To {
			if r := h.phones[to]; r != nil && r.links[from.self] != nil {
				more, err := r.Handle(h.now, peer(from), s.Message)
				if err != nil {
					h.last = err
				}
				h.deliver(r, more)
			}
		}
	}
}

func (h *hall) link(a, b *Roster) {
	if a.links[b.self] != nil && b.links[a.self] != nil {
		return
	}
	toB := a.Linked(h.now, peer(b))
	toA := b.Linked(h.now, peer(a))
	h.deliver(a, toB)
	h.deliver(b, toA)
}

// linkMembers links whoever is in with each other, as a mesh does.
func (h *hall) linkMembers() {
	for _, a := range h.phones {
		for _, b := range h.phones {
			if a != b && a.state == In && b.state == In {
				h.link(a, b)
			}
		}
	}
}

// invite is a bundle of a member; it fails the test if he may not.
func (h *hall) invite(by byte, o InviteOptions) Bundle {
	h.t.Helper()
	if o.Life == 0 {
		o.Life = time.Hour
	}
	b, err := h.phone(by).Invite(h.now, o)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

// join lets somebody try to come in at a member's.
func (h *hall) join(n byte, at byte, by Bundle) *Roster {
	h.t.Helper()
	h.now = h.now.Add(time.Second)
	r, err := Join(h.now, testConfig(n, byte(len(h.phones))), by)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, other := range h.phones {
		other.Unlinked(r.self)
	}
	h.phones[r.self] = r
	h.link(r, h.phone(at))
	h.linkMembers()
	return r
}

// come lets somebody in by an invitation of a member's.
func (h *hall) come(n byte, by byte) *Roster {
	h.t.Helper()
	r := h.join(n, by, h.invite(by, InviteOptions{For: testIdentity(n)}))
	if r.state != In {
		h.t.Fatalf("%d: %v %v, %v", n, r.state, r.reason, h.last)
	}
	return r
}

func (h *hall) remove(by, whom byte) {
	h.t.Helper()
	sends, err := h.phone(by).Remove(h.now, testIdentity(whom))
	if err != nil {
		h.t.Fatal(err)
	}
	h.deliver(h.phone(by), sends)
}

// ticks lets time pass. Everybody hears whoever has a phone that is in.
func (h *hall) ticks(d time.Duration) {
	heard := func(who Identity) bool { r := h.phones[who]; return r != nil && r.state == In }
	for end := h.now.Add(d); h.now.Before(end); {
		h.now = h.now.Add(TickEvery)
		for _, who := range h.order() {
			h.deliver(h.phones[who], h.phones[who].Tick(h.now, heard))
		}
	}
}

func (h *hall) order() []Identity {
	var all []Identity
	for who := range h.phones {
		all = append(all, who)
	}
	slices.SortFunc(all, Identity.Compare)
	return all
}

// crash takes somebody's phone away without a word.
func (h *hall) crash(n byte) *Roster {
	r := h.phone(n)
	delete(h.phones, r.self)
	for _, other := range h.phones {
		other.Unlinked(r.self)
	}
	return r
}

// mustBe compares the members whom everybody sees, in order.
func (h *hall) mustBe(want ...byte) {
	h.t.Helper()
	var ids []Identity
	for _, n := range want {
		ids = append(ids, testIdentity(n))
	}
	for _, who := range h.order() {
		r := h.phones[who]
		if r.state != In {
			continue
		}
		var got []Identity
		for _, m := range r.Members() {
			got = append(got, m.Identity)
		}
		if !slices.Equal(got, ids) {
			h.t.Fatalf("%s sees %s, want %s", name(who), names(got), names(ids))
		}
	}
}

// name is the number of a test's identity as a letter.
func name(who Identity) string {
	for n := byte(1); n < 40; n++ {
		if testIdentity(n) == who {
			return string('A' + rune(n) - 1)
		}
	}
	return "?"
}

func names(all []Identity) string {
	var s string
	for _, who := range all {
		s += name(who)
	}
	return s
}

func TestPeopleComeAndGo(t *testing.T) {
	h := newHall(t, 9)
	h.come(2, 1)
	h.come(3, 2) // a member's invitation, not the opener's
	h.come(4, 1)
	h.mustBe(1, 2, 3, 4)
	h.deliver(h.phone(1), h.phone(1).Leave(h.now)) // nobody's leaving ends it, the opener's neither
	h.mustBe(2, 3, 4)
	h.come(5, 4)
	h.mustBe(2, 3, 4, 5)
	if s, why := h.phone(1).State(); s != Out || why != Hangup {
		t.Errorf("%v %v", s, why)
	}
	if m := h.phone(5).Members()[1]; m.InvitedBy != testIdentity(2) || m.Name != "Person C" || m.PeerID != h.phone(3).cfg.Details.PeerID {
		t.Errorf("%+v", m)
	}
}

func TestWhoHasLeftComesBackWithTheSameInvitationAtANewPlace(t *testing.T) {
	h := newHall(t, 9)
	b := h.come(2, 1)
	h.come(3, 1)
	h.deliver(b, b.Leave(h.now))
	h.mustBe(1, 3)
	again := h.join(2, 3, b.Ticket())
	h.mustBe(1, 3, 2)
	if again.at.stay != 2 {
		t.Errorf("stay %d", again.at.stay)
	}
}

func TestWhoCrashesComesBackToTheSamePlaceUntilTheSeatIsGivenUp(t *testing.T) {
	h := newHall(t, 9)
	b := h.come(2, 1)
	h.come(3, 1)
	h.crash(2)
	h.ticks(lapseAfter / 2)
	h.mustBe(1, 2, 3)
	if _, silent := h.phone(1).Silent(b.self); !silent {
		t.Error("not silent")
	}
	again := h.join(2, 3, b.Ticket())
	h.mustBe(1, 2, 3)
	if again.at.stay != 1 || again.at.incarnation <= b.at.incarnation || h.phone(3).Members()[1].PeerID == b.cfg.Details.PeerID {
		t.Errorf("%+v", again.at)
	}
	h.crash(2)
	h.ticks(lapseAfter + 3*TickEvery)
	h.mustBe(1, 3)
	h.join(2, 3, b.Ticket())
	h.mustBe(1, 3, 2)
}

func TestTheOpenerComesBack(t *testing.T) {
	h := newHall(t, 9)
	a := h.crash(1)
	h.phones[a.self] = a
	h.come(2, 1)
	h.crash(1)
	back := h.join(1, 2, a.Ticket())
	if back.state != In {
		t.Fatalf("%v %v, %v", back.state, back.reason, h.last)
	}
	h.mustBe(1, 2)
	h.deliver(back, back.Leave(h.now))
	h.mustBe(2)
	h.join(1, 2, a.Ticket())
	h.mustBe(1, 2)
}
