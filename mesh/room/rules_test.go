package room

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"sundog.dev/sundog/mesh/trust"
)

func TestOnlyTheOpenerAndWhoeverInvitedMayRemove(t *testing.T) {
	h := newHall(t, 9)
	h.come(2, 1)
	h.come(3, 2)
	h.come(4, 3)
	for _, c := range []struct {
		by, whom byte
		want     error
	}{
		{2, 1, ErrNotAllowed},
		{2, 4, ErrNotAllowed},
		{4, 3, ErrNotAllowed},
		{3, 2, ErrNotAllowed},
		{2, 2, ErrNotAllowed},
		{2, 9, ErrNobody},
		{2, 3, nil},
		{1, 4, nil},
	} {
		sends, err := h.phone(c.by).Remove(h.now, testIdentity(c.whom))
		if !errors.Is(err, c.want) {
			t.Errorf("%d removes %d: %v, want %v", c.by, c.whom, err, c.want)
		}
		h.deliver(h.phone(c.by), sends)
	}
	h.mustBe(1, 2)
	for _, n := range []byte{3, 4} {
		if s, why := h.phone(n).State(); s != Out || why != RemovedBy {
			t.Errorf("%d: %v %v", n, s, why)
		}
	}
}

func TestARemovalByOneWhoMayNotIsRefused(t *testing.T) {
	h := newHall(t, 9)
	h.come(2, 1)
	h.come(3, 1)
	a := h.phone(1)
	target := a.store.records[testIdentity(3)]
	for name, m := range map[string]removal{
		"without evidence":     {target: testIdentity(3), stay: 1, remover: testIdentity(2)},
		"of the opener":        {target: testIdentity(1), stay: 1, remover: testIdentity(2)},
		"with another's entry": {target: testIdentity(3), stay: 1, remover: testIdentity(2), evidence: target.latest},
	} {
		m.room, m.time, m.removerStay = a.store.id, h.now, 1
		signed, err := m.sign(testKey(2))
		if err == nil {
			err = signed.verify(testIdentity(1))
		}
		if !errors.Is(err, ErrDocument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhoWasRemovedComesBackOnlyByANewInvitationOfWhoMay(t *testing.T) {
	h := newHall(t, 9)
	h.come(2, 1)
	link := h.invite(2, InviteOptions{Uses: 5})
	h.join(3, 2, link)
	h.join(4, 2, link)
	h.remove(2, 3)
	h.mustBe(1, 2, 4)
	if r := h.join(3, 1, link); r.state != Out || r.reason != RemovedBy {
		t.Errorf("with the old link: %v %v", r.state, r.reason)
	}
	if r := h.join(3, 4, h.invite(4, InviteOptions{})); r.state != Out || r.reason != RemovedBy {
		t.Errorf("with a link of somebody else, who knows: %v %v", r.state, r.reason)
	}
	if _, err := h.phone(4).Invite(h.now, InviteOptions{For: testIdentity(3), Life: time.Hour}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("invited by somebody else: %v", err)
	}
	h.mustBe(1, 2, 4)
	h.come(3, 2)
	h.mustBe(1, 2, 4, 3)
	h.remove(1, 3)
	if _, err := h.phone(2).Invite(h.now, InviteOptions{For: testIdentity(3), Life: time.Hour}); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("removed by the opener, invited by another: %v", err)
	}
	h.come(3, 1)
	h.mustBe(1, 2, 4, 3)
}

func TestThoseWhomARemovedMemberLetInStayAndNobodyElseComesByHim(t *testing.T) {
	h := newHall(t, 9)
	h.come(2, 1)
	h.come(3, 2)
	link := h.invite(2, InviteOptions{Uses: 5})
	b := h.phone(2)
	h.remove(1, 2)
	h.mustBe(1, 3)
	if r := h.join(4, 3, link); r.state != Out || r.reason != Revoked {
		t.Errorf("by his link: %v %v", r.state, r.reason)
	}
	// The removed one goes on as if nothing had happened, and lets somebody in whom the others never took.
	b.state = In
	b.store.records[b.self].banned = nil
	b.touch()
	h.phones[b.self] = b
	e := h.join(5, 2, link)
	h.link(e, h.phone(3))
	h.mustBeAt(1, 1, 3)
	h.mustBeAt(3, 1, 3)
}

// mustBeAt is mustBe for one of them.
func (h *hall) mustBeAt(at byte, want ...byte) {
	h.t.Helper()
	var ids []Identity
	for _, n := range want {
		ids = append(ids, testIdentity(n))
	}
	var got []Identity
	for _, m := range h.phone(at).Members() {
		got = append(got, m.Identity)
	}
	if names(got) != names(ids) {
		h.t.Fatalf("%d sees %s, want %s", at, names(got), names(ids))
	}
}

func TestOneTooManyIsToldThatTheRoomIsFull(t *testing.T) {
	h := newHall(t, 3)
	link := h.invite(1, InviteOptions{Uses: 9})
	h.join(2, 1, link)
	h.join(3, 2, link)
	if r := h.join(4, 3, link); r.state != Out || r.reason != Full {
		t.Errorf("%v %v", r.state, r.reason)
	}
	h.mustBe(1, 2, 3)
	h.deliver(h.phone(2), h.phone(2).Leave(h.now))
	h.join(4, 3, link)
	h.mustBe(1, 3, 4)
}

func TestTheSeatOfWhoHasSaidGoodbyeIsFreeBeforeHisCardSaysSo(t *testing.T) {
	h := newHall(t, 3)
	link := h.invite(1, InviteOptions{Uses: 9})
	bob := h.join(2, 1, link)
	h.join(3, 1, link)
	h.phone(1).Goodbye(h.now, bob.self)
	if r := h.join(4, 1, link); r.state != In {
		t.Fatalf("the next one is %v %v", r.state, r.reason)
	}
	h.mustBeAt(1, 1, 2, 3) // until the card comes
	h.deliver(bob, bob.Leave(h.now))
	h.mustBe(1, 3, 4)

	// One who says it and stays keeps his seat, and nobody else's.
	h.phone(1).Goodbye(h.now, testIdentity(3))
	r := h.join(5, 1, link)
	h.ticks(overGrace + 2*TickEvery)
	if r.state != Out || r.reason != Full {
		t.Errorf("where nobody has gone: %v %v", r.state, r.reason)
	}
	h.mustBe(1, 3, 4)
	if r := h.join(6, 1, link); r.state != Out || r.reason != Full {
		t.Errorf("later: %v %v", r.state, r.reason)
	}
}

func TestTheSeventeenthIsToldThatTheRoomIsFull(t *testing.T) {
	h := newHall(t, trust.MaxMembers)
	link := h.invite(1, InviteOptions{Uses: MaxUses})
	all := []byte{1}
	for n := byte(2); n <= trust.MaxMembers; n++ {
		h.join(n, 1, link)
		all = append(all, n)
	}
	h.mustBe(all...)
	if r := h.join(17, 9, link); r.state != Out || r.reason != Full {
		t.Errorf("%v %v", r.state, r.reason)
	}
	h.mustBe(all...)
	for capacity, read := range map[int]bool{trust.MaxMembers: true, trust.MaxMembers + 1: false} {
		link.Invitation.Room.Capacity = capacity
		if _, err := link.Invitation.sign(testKey(1)); (err == nil) != read { // which reads what it has signed
			t.Errorf("an invitation into a room of %d: %v", capacity, err)
		}
	}
}

func TestTwoAtOnceAtTwoDoorsForOneSeat(t *testing.T) {
	h := newHall(t, 3)
	h.come(2, 1)
	link := h.invite(1, InviteOptions{Uses: 9})
	// The two members do not hear each other for a moment.
	h.phone(1).Unlinked(testIdentity(2))
	h.phone(2).Unlinked(testIdentity(1))
	for n, at := range map[byte]byte{3: 1, 4: 2} {
		r, err := Join(h.now, testConfig(n, 9), link)
		if err != nil {
			t.Fatal(err)
		}
		h.phones[r.self] = r
		h.link(r, h.phone(at))
		if r.state != In {
			t.Fatalf("%d: %v %v", n, r.state, r.reason)
		}
	}
	h.linkMembers()
	h.ticks(overGrace + 3*TickEvery)
	in := 0
	for _, n := range []byte{3, 4} {
		switch s, why := h.phone(n).State(); {
		case s == In:
			in++
		case why != Full:
			t.Errorf("%d: %v", n, why)
		}
	}
	if in != 1 || len(h.phone(1).Members()) != 3 || len(h.phone(2).Members()) != 3 || h.phone(1).Members()[2].Identity != h.phone(2).Members()[2].Identity {
		t.Errorf("%d in", in)
	}
}

func TestInvitationsAreRefused(t *testing.T) {
	h := newHall(t, 9)
	h.come(2, 1)
	once := h.invite(2, InviteOptions{})
	h.join(3, 2, once)
	if r := h.join(4, 2, once); r.reason != Used {
		t.Errorf("used up: %v", r.reason)
	}
	if r := h.join(5, 1, once); r.reason != Used {
		t.Errorf("used up, at another's: %v", r.reason)
	}
	short := h.invite(2, InviteOptions{Life: time.Minute})
	h.now = h.now.Add(2 * time.Minute)
	if r := h.join(6, 2, short); r.reason != Expired {
		t.Errorf("expired: %v", r.reason)
	}
	named := h.invite(2, InviteOptions{For: testIdentity(7)})
	if _, err := Join(h.now, testConfig(8, 1), named); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("for another: %v", err)
	}
	other := newHall(t, 8)
	if r := h.join(8, 1, other.invite(1, InviteOptions{})); r.state != Joining || !errors.Is(h.last, ErrOther) {
		t.Errorf("of another room: %v %v", r.state, h.last)
	}
	h.mustBe(1, 2, 3)
}

func TestAJoinCountsOnlyInTheSessionOfWhoeverMadeIt(t *testing.T) {
	h := newHall(t, 9)
	link := h.invite(1, InviteOptions{Uses: 9})
	bob, err := Join(h.now, testConfig(2, 2), link)
	if err != nil {
		t.Fatal(err)
	}
	join := bob.Linked(h.now, peer(h.phone(1)))[0].Message
	for name, from := range map[string]trust.Member{
		"passed on by another":      {Identity: testIdentity(3), PeerID: bob.cfg.Details.PeerID},
		"from another phone of his": {Identity: testIdentity(2), PeerID: [32]byte{7}},
	} {
		h.phone(1).Linked(h.now, from)
		if _, err := h.phone(1).Handle(h.now, from, join); !errors.Is(err, ErrNotYou) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.phone(1).Handle(h.now, trust.Member{Identity: testIdentity(9)}, join); !errors.Is(err, ErrStranger) {
		t.Errorf("from nobody: %v", err)
	}
	h.mustBe(1)
}

func TestAFloodOfNewcomersIsSlowedAndHarmsNobody(t *testing.T) {
	h := newHall(t, MaxMembers)
	link := h.invite(1, InviteOptions{Uses: MaxUses})
	const gone = 8 // of the first, at once: for all of them there would be no room
	slowed := 0
	for n := byte(2); n < 2+joinsBurst+4; n++ {
		r, err := Join(h.now, testConfig(n, 1), link)
		if err != nil {
			t.Fatal(err)
		}
		h.phones[r.self] = r
		h.link(r, h.phone(1))
		if n < 2+gone {
			h.deliver(r, r.Leave(h.now))
		}
		if r.state == Joining {
			slowed++
		}
	}
	if slowed != 4 || len(h.phone(1).Members()) != 1+joinsBurst-gone {
		t.Errorf("%d slowed, %d members", slowed, len(h.phone(1).Members()))
	}
	h.ticks(5 * joinEvery)
	if len(h.phone(1).Members()) != 1+joinsBurst-gone+4 {
		t.Errorf("%d members after a while", len(h.phone(1).Members()))
	}
}

func TestAStrangerHearsOfNobodyElse(t *testing.T) {
	h := newHall(t, 9)
	h.come(2, 1)
	eve := trust.Member{Identity: testIdentity(9), PeerID: [32]byte{9}}
	a := h.phone(1)
	told := a.Linked(h.now, eve)
	for _, m := range [][]byte{a.store.digestMessage(), a.store.summaryMessage(true), append(a.store.message(TypeRecords), 0)} {
		m[len(m)-1] ^= 1
		sends, err := a.Handle(h.now, eve, m)
		if err == nil {
			t.Errorf("%x was taken", m[0])
		}
		told = append(told, sends...)
	}
	for _, s := range told {
		if bytes.Contains(s.Message, []byte(testKey(2).Public().(ed25519.PublicKey))) {
			t.Error("told of Bob")
		}
	}
}

func TestALieAboutSomebodyWhoIsThereIsAnswered(t *testing.T) {
	h := newHall(t, 9)
	h.come(2, 1)
	h.come(3, 1)
	h.ticks(2 * time.Second)
	h.phone(3).writeOff(h.now, testIdentity(2))
	h.deliver(h.phone(3), h.phone(3).take())
	h.mustBeAt(1, 1, 2, 3) // they hear him
	h.ticks(3 * time.Second)
	h.mustBe(1, 2, 3)
	if b := h.phone(1).store.records[testIdentity(2)]; b.lapsed() {
		t.Error("not answered")
	}
}

func TestTheSameIdentityWithAnotherPhoneReplacesTheFirst(t *testing.T) {
	h := newHall(t, 9)
	h.come(3, 1)
	first := h.come(2, 1)
	h.join(2, 1, first.Ticket())
	h.mustBe(1, 3, 2)
	// The first hears of it from whoever is still linked to it.
	h.phone(3).Linked(h.now, peer(first))
	first.Linked(h.now, peer(h.phone(3)))
	for _, m := range h.phone(3).store.recordsMessages([]*record{h.phone(3).store.records[first.self]}) {
		if _, err := first.Handle(h.now, peer(h.phone(3)), m); err != nil {
			t.Fatal(err)
		}
	}
	if s, why := first.State(); s != Out || why != Replaced {
		t.Errorf("%v %v", s, why)
	}
}

func TestARoomRemembersOnlyWhomItMust(t *testing.T) {
	h := newHall(t, 9)
	h.come(2, 1)
	h.come(3, 2)
	h.deliver(h.phone(2), h.phone(2).Leave(h.now)) // has let 3 in
	h.come(4, 1)
	h.deliver(h.phone(4), h.phone(4).Leave(h.now))
	h.come(5, 1)
	h.remove(1, 5)
	h.now = h.now.Add(2*time.Hour + expirySlack)
	h.ticks(3 * digestEvery)
	for n, want := range map[byte]bool{1: true, 2: true, 3: true, 4: false, 5: true} {
		if got := h.phone(1).store.records[testIdentity(n)] != nil; got != want {
			t.Errorf("%d: %v", n, got)
		}
	}
	h.mustBe(1, 3)
}

// A member makes up people without end. The room holds on to those who matter.
func TestAMemberWhoMakesUpPeopleFillsNoMemory(t *testing.T) {
	h := newHall(t, 3)
	h.come(2, 1)
	a, b := h.phone(1), h.phone(2)
	for n := range MaxRecords + 20 {
		key := ed25519.NewKeyFromSeed(binary.BigEndian.AppendUint64(make([]byte, 24), uint64(1000+n)))
		who := Identity(key.Public().(ed25519.PublicKey))
		c, err := card{room: a.store.id, identity: who, at: moment{1, 1, 1}, time: h.now}.sign(key)
		if err != nil {
			t.Fatal(err)
		}
		r := &record{identity: who}
		r.addCard(c)
		for _, m := range b.store.recordsMessages([]*record{r}) {
			if _, err := a.Handle(h.now, peer(b), m); err != nil {
				t.Fatal(err)
			}
		}
		if len(a.store.records) > MaxRecords {
			t.Fatalf("%d records", len(a.store.records))
		}
	}
	h.mustBe(1, 2)
	h.come(3, 1) // and none of them keeps anybody out
	h.mustBe(1, 2, 3)
}
