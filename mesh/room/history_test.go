package room

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sundog.dev/sundog/mesh/trust"
)

// history is people with phones on a network that loses, repeats and reorders, and that falls apart and heals, on a virtual clock.
// Rapid draws what happens, so that a failure shrinks; a seeded generator makes the weather.
type history struct {
	t        *rapid.T
	now      time.Time
	capacity int
	noise    *rand.Rand
	calm     bool // nothing is lost, repeated or late any more
	people   [historyPeople + 1]person
	side     [historyPeople + 1]int // of a partition
	flight   []flying
	seen     []flying // some of what was ever sent, to be replayed
	log      []string
}

const historyPeople = 7

type person struct {
	phone   *Roster
	began   byte // how many phones so far
	contact byte // whom a newcomer asks
	ticket  Bundle
	bundles []Bundle
}

type flying struct {
	from, to byte
	at       time.Time
	peer     trust.Member
	message  []byte
}

func (h *history) note(format string, a ...any) {
	h.log = append(h.log, h.now.Sub(start).String()+" "+fmt.Sprintf(format, a...))
}

func (h *history) fatalf(format string, a ...any) {
	h.t.Helper()
	for _, l := range h.log {
		h.t.Log(l)
	}
	h.t.Fatalf(format, a...)
}

func number(who Identity) byte {
	for n := byte(1); n <= historyPeople; n++ {
		if testIdentities[n] == who {
			return n
		}
	}
	return 0
}

// testIdentities are made once: they are looked up often.
var testIdentities = func() (all [40]Identity) {
	for n := range all {
		all[n] = testIdentity(byte(n))
	}
	return all
}()

// verified are the signatures that have been found right.
var verified sync.Map

func init() {
	verifySignature = func(who Identity, message, signature []byte) error {
		key := string(who[:]) + string(signature) + string(message)
		if _, ok := verified.Load(key); ok {
			return nil
		}
		err := who.Verify(message, signature)
		if err == nil {
			verified.Store(key, true)
		}
		return err
	}
}

func (h *history) phone(n byte) *Roster { return h.people[n].phone }

func (h *history) in(n byte) bool { return h.phone(n) != nil && h.phone(n).state == In }

// send puts messages in flight.
func (h *history) send(n byte, sends []Send) {
	for _, s := range sends {
		for _, to := range s.To {
			f := flying{from: n, to: number(to), peer: peer(h.phone(n)), message: s.Message}
			if f.to == 0 || h.phone(n).links[to] == nil {
				continue
			}
			if len(h.seen) < 200 || h.noise.IntN(10) == 0 {
				h.seen = append(h.seen, f)
			}
			times := 1
			if !h.calm {
				times = []int{1, 1, 1, 1, 1, 1, 1, 1, 0, 2}[h.noise.IntN(10)]
			}
			for range times {
				f.at = h.now.Add(time.Duration(1+h.noise.IntN(10)) * 50 * time.Millisecond)
				h.flight = append(h.flight, f)
			}
		}
	}
}

// pass lets a tenth of a second pass.
func (h *history) pass() {
	h.now = h.now.Add(100 * time.Millisecond)
	var later []flying
	var due []flying
	for _, f := range h.flight {
		if f.at.After(h.now) {
			later = append(later, f)
		} else {
			due = append(due, f)
		}
	}
	h.flight = later
	slices.SortStableFunc(due, func(a, b flying) int { return a.at.Compare(b.at) })
	for _, f := range due {
		if r := h.phone(f.to); r != nil && h.reach(f.from, f.to) {
			sends, _ := r.Handle(h.now, f.peer, f.message)
			h.send(f.to, sends)
		}
	}
	if h.now.Sub(start)%TickEvery == 0 {
		h.tick()
	}
	for n := byte(1); n <= historyPeople; n++ {
		if r := h.phone(n); r != nil && (len(r.store.records) > MaxRecords || len(r.judge().members) > h.capacity) {
			h.fatalf("%d holds %d records and %d members", n, len(r.store.records), len(r.judge().members))
		}
	}
}

func (h *history) wait(d time.Duration) {
	for end := h.now.Add(d); h.now.Before(end); {
		h.pass()
	}
}

func (h *history) reach(a, b byte) bool { return h.side[a] == h.side[b] }

// tick links and unlinks as a mesh does, and ticks the phones.
func (h *history) tick() {
	for a := byte(1); a <= historyPeople; a++ {
		for b := a + 1; b <= historyPeople; b++ {
			h.link(a, b)
		}
	}
	for n := byte(1); n <= historyPeople; n++ {
		if h.phone(n) != nil {
			h.send(n, h.phone(n).Tick(h.now, func(who Identity) bool { return h.heard(n, number(who)) }))
		}
	}
}

// heard: whoever runs in our part of the network is linked to somebody there.
func (h *history) heard(by, who byte) bool { return h.in(who) && h.reach(by, who) }

func (h *history) link(a, b byte) {
	p, q := h.phone(a), h.phone(b)
	want := p != nil && q != nil && h.reach(a, b) && (h.wants(a, b) || h.wants(b, a))
	for _, e := range [][2]byte{{a, b}, {b, a}} {
		r, other := h.phone(e[0]), h.phone(e[1])
		if r == nil {
			continue
		}
		l := r.links[testIdentities[e[1]]]
		switch {
		case !want && l != nil:
			r.Unlinked(testIdentities[e[1]])
		case want && (l == nil || l.peer != peer(other)):
			h.send(e[0], r.Linked(h.now, peer(other)))
		}
	}
}

// wants reports whether a's phone would dial, or go on with, b.
func (h *history) wants(a, b byte) bool {
	r := h.phone(a)
	switch r.state {
	case Joining:
		return h.people[a].contact == b
	case In:
		s := r.Standing(testIdentities[b])
		return s == Present || s == Lapsed || s == Over
	}
	return false
}

func (h *history) begin(n, contact byte, by Bundle) {
	h.people[n].began++
	r, err := Join(h.now, testConfig(n, h.people[n].began), by)
	if err != nil {
		h.fatalf("join: %v", err)
	}
	h.people[n].phone, h.people[n].contact, h.people[n].ticket = r, contact, by
	h.note("%d joins at %d by %d's", n, contact, number(by.Invitation.Inviter))
}

// someone draws one of those for whom the condition holds; 0: there is none.
func (h *history) someone(label string, ok func(n byte) bool) byte {
	var all []byte
	for n := byte(1); n <= historyPeople; n++ {
		if ok(n) {
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		return 0
	}
	return rapid.SampledFrom(all).Draw(h.t, label)
}

func (h *history) absent(n byte) bool {
	return h.phone(n) == nil || h.phone(n).state == Out
}

// step is one thing that happens.
func (h *history) step() {
	switch step := rapid.SampledFrom([]string{
		"invite", "invite", "invite", "invite", "leave", "crash", "restart", "restart", "remove", "split", "heal", "wait", "wait long", "replay", "forge", "lie", "join old",
	}).Draw(h.t, "step"); step {
	case "invite":
		by, who := h.someone("by", h.in), h.someone("whom", h.absent)
		if by == 0 || who == 0 {
			return
		}
		o := InviteOptions{Life: time.Hour, Uses: rapid.IntRange(1, 3).Draw(h.t, "uses")}
		if rapid.Bool().Draw(h.t, "by name") {
			o.For = testIdentities[who]
		}
		if b, err := h.phone(by).Invite(h.now, o); err == nil {
			h.people[who].bundles = append(h.people[who].bundles, b)
			h.begin(who, by, b)
		}
	case "join old":
		who, at := h.someone("who", func(n byte) bool { return h.absent(n) && len(h.people[n].bundles) > 0 }), h.someone("at", h.in)
		if who != 0 && at != 0 {
			h.begin(who, at, rapid.SampledFrom(h.people[who].bundles).Draw(h.t, "by"))
		}
	case "leave":
		if n := h.someone("who", h.in); n != 0 {
			h.note("%d leaves", n)
			h.send(n, h.phone(n).Leave(h.now))
		}
	case "crash":
		if n := h.someone("who", h.in); n != 0 {
			h.note("%d crashes", n)
			h.people[n].ticket = h.phone(n).Ticket()
			h.people[n].phone = nil
		}
	case "restart":
		n := h.someone("who", func(n byte) bool { return h.absent(n) && h.people[n].ticket.Invitation.raw != nil })
		if at := h.someone("at", h.in); n != 0 && at != 0 {
			h.begin(n, at, h.people[n].ticket)
		}
	case "remove":
		by := h.someone("by", h.in)
		if by == 0 {
			return
		}
		who := h.someone("whom", func(n byte) bool { return h.phone(by).MayRemove(testIdentities[n]) })
		if who != 0 {
			h.note("%d removes %d", by, who)
			sends, err := h.phone(by).Remove(h.now, testIdentities[who])
			if err != nil {
				h.fatalf("remove: %v", err)
			}
			h.send(by, sends)
		}
	case "split":
		for n := range h.side {
			h.side[n] = rapid.IntRange(0, 1).Draw(h.t, "side")
		}
		h.note("split %v", h.side[1:])
	case "heal":
		h.side = [historyPeople + 1]int{}
		h.note("heals")
	case "wait":
		h.wait(time.Duration(rapid.IntRange(1, 30).Draw(h.t, "tenths")) * 100 * time.Millisecond)
	case "wait long":
		h.wait(time.Duration(rapid.IntRange(20, 90).Draw(h.t, "seconds")) * time.Second)
	case "replay", "forge":
		if len(h.seen) > 0 {
			f := h.seen[rapid.IntRange(0, len(h.seen)-1).Draw(h.t, "which")]
			f.at = h.now
			if by := h.someone("by", h.in); by != 0 && by != f.to { // a member sends it as his own
				f.from, f.peer = by, peer(h.phone(by))
				if step == "forge" { // with some bytes changed, or cut
					f.message = bytes.Clone(f.message[:h.noise.IntN(len(f.message)+1)])
					for range min(3, len(f.message)) {
						f.message[h.noise.IntN(len(f.message))] ^= byte(1 + h.noise.IntN(255))
					}
				}
				h.flight = append(h.flight, f)
			}
		}
	case "lie":
		by := h.someone("by", h.in)
		if by == 0 {
			return
		}
		r := h.phone(by)
		who := h.someone("about", func(n byte) bool { return n != by && r.Standing(testIdentities[n]) == Present })
		if who != 0 {
			h.note("%d says that %d has gone", by, who)
			r.writeOff(h.now, testIdentities[who])
			h.send(by, r.take())
		}
	}
}

// group are the phones that are in and that n's phone is linked with, directly or by way of others. All are in one, unless the
// members on two sides of a split have all changed until nobody on one side has heard of anybody on the other.
func (h *history) group(n byte) []byte {
	group := []byte{n}
	for i := 0; i < len(group); i++ {
		for who := range h.phone(group[i]).links {
			if n := number(who); h.in(n) && !slices.Contains(group, n) {
				group = append(group, n)
			}
		}
	}
	slices.Sort(group)
	return group
}

// agree tells in what linked phones that are in differ; "" if in nothing.
func (h *history) agree() string {
	for n := byte(1); n <= historyPeople; n++ {
		if !h.in(n) {
			continue
		}
		first := h.group(n)[0]
		if a, b := h.describe(h.phone(first)), h.describe(h.phone(n)); a != b {
			return fmt.Sprintf("%d sees %s, %d sees %s", first, a, n, b)
		}
	}
	return ""
}

func (h *history) describe(r *Roster) (s string) {
	for _, m := range r.Members() {
		s += fmt.Sprintf("%d(place %d, stay %d, phone %d) ", number(m.Identity), m.Place, m.Stay, m.PeerID[1])
	}
	return s
}

// settle checks what must be true when nothing has happened for a while.
func (h *history) settle() {
	h.side, h.calm = [historyPeople + 1]int{}, true
	h.note("calm")
	h.wait(6 * time.Second) // a second until all are linked, and five
	if d := h.agree(); d != "" {
		h.fatalf("after 5 s of calm: %s", d)
	}
	h.wait(2 * (lapseAfter + historyPeople*lapseStep)) // somebody who has gone may get the seat of another who has
	if d := h.agree(); d != "" {
		h.fatalf("in the end: %s", d)
	}
	for n := byte(1); n <= historyPeople; n++ {
		if r := h.phone(n); r != nil && r.state == Joining && h.in(h.people[n].contact) {
			h.fatalf("%d is stuck: %v", n, r.Standing(testIdentities[n]))
		}
		if !h.in(n) {
			continue
		}
		group := h.group(n)
		if h.phone(n).store.digest() != h.phone(group[0]).store.digest() {
			h.fatalf("%d and %d remember different things", n, group[0])
		}
		var got []byte
		for _, m := range h.phone(n).Members() {
			got = append(got, number(m.Identity))
		}
		slices.Sort(got)
		if len(group) > 1 && !slices.Equal(got, group) { // one alone waits longer
			h.fatalf("%d sees %v, in are %v", n, got, group)
		}
	}
}

func TestAfterCalmAllRostersAreEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		verified.Clear()
		h := &history{t: t, now: start, capacity: rapid.IntRange(2, 5).Draw(t, "capacity")}
		h.noise = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "weather"), 0))
		r, err := Open(h.now, testConfig(1, 1), h.capacity)
		if err != nil {
			t.Fatal(err)
		}
		h.people[1] = person{phone: r, began: 1, ticket: r.Ticket()}
		for range rapid.IntRange(3, 25).Draw(t, "steps") {
			h.step()
			h.wait(time.Duration(rapid.IntRange(0, 8).Draw(t, "pause")) * 100 * time.Millisecond)
		}
		h.settle()
	})
}
