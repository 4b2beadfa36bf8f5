package trust

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// room is simulated members and links. Messages wait in flight until a test delivers them, in whatever order.
type room struct {
	t      *rapid.T
	now    time.Time
	sides  map[Identity]*Exchange
	flight []parcel
	cut    map[[2]Identity]bool
	seen   map[Identity]map[signedID]bool // commitments that have been handed to a member
}

type parcel struct {
	from, to Identity
	message  []byte
}

type signedID struct {
	epoch  Epoch
	author Identity
}

func newRoom(t *rapid.T, n int) *room {
	r := &room{
		t: t, now: start, sides: make(map[Identity]*Exchange), cut: make(map[[2]Identity]bool),
		seen: make(map[Identity]map[signedID]bool),
	}
	random := rand.NewChaCha8([32]byte{byte(n)})
	for k := range n {
		x, err := NewExchange(ExchangeConfig{Call: testCall, Key: testKey(byte(k + 1)), Random: random})
		if err != nil {
			t.Fatal(err)
		}
		r.sides[x.self] = x
		r.seen[x.self] = make(map[signedID]bool)
	}
	return r
}

// send puts what a member says in flight, and holds the rule of rules: no reveal before all commitments.
func (r *room) send(x *Exchange, sends []Send) {
	for _, s := range sends {
		m, err := parseSigned(s.Message)
		if err != nil {
			r.t.Fatalf("sent: %v", err)
		}
		if m.typ == typeReveal && m.author == x.self {
			for _, other := range x.roster.without(x.self) {
				if !r.seen[x.self][signedID{m.epoch, other}] {
					r.t.Fatalf("revealed without the commitment of %v", other)
				}
			}
		}
		for _, to := range s.To {
			if to == x.self {
				r.t.Fatal("sent to ourselves")
			}
			if !r.cut[[2]Identity{x.self, to}] && !r.cut[[2]Identity{to, x.self}] {
				r.flight = append(r.flight, parcel{x.self, to, s.Message})
			}
		}
	}
}

// hand gives a member a message.
func (r *room) hand(p parcel) {
	x := r.sides[p.to]
	if x == nil {
		return
	}
	if m, err := parseSigned(p.message); err == nil && m.typ == typeCommit && m.verify() == nil {
		r.seen[p.to][signedID{m.epoch, m.author}] = true
	}
	sends, _ := x.Handle(r.now, p.from, p.message)
	r.send(x, sends)
}

// deliver takes one message out of the flight, whichever, and leaves a copy there now and then.
func (r *room) deliver() {
	k := rapid.IntRange(0, len(r.flight)-1).Draw(r.t, "which")
	p := r.flight[k]
	if rapid.IntRange(0, 9).Draw(r.t, "twice") > 0 {
		r.flight = slices.Delete(r.flight, k, k+1)
	}
	r.hand(p)
}

func (r *room) drain() {
	for len(r.flight) > 0 {
		r.deliver()
	}
}

func (r *room) setRoster(x *Exchange, m []Member) {
	sends, err := x.SetRoster(r.now, m)
	if err != nil {
		r.t.Fatal(err)
	}
	r.send(x, sends)
}

// settle lets time pass until nothing moves any more.
func (r *room) settle() {
	for range 4 * AutomaticAttempts {
		r.drain()
		r.now = r.now.Add(commitWait)
		for _, x := range r.inOrder() {
			r.send(x, x.Tick(r.now))
		}
	}
}

func (r *room) inOrder() []*Exchange {
	var all []*Exchange
	for n := range byte(len(r.sides)) {
		all = append(all, r.sides[testIdentity(n+1)])
	}
	return all
}

func (r *room) mustAgree(among []Member) {
	var want ShortString
	for k, m := range among {
		x := r.sides[m.Identity]
		got, ok := x.ShortString()
		if !ok {
			r.t.Fatalf("member %d: %v, attempt %d, %+v", k, x.State(), x.Attempt(), x.Failure())
		}
		if k == 0 {
			want = got
		}
		if got != want {
			r.t.Fatalf("member %d sees %v, the first %v", k, got, want)
		}
	}
}

func everybody(n int) []Member {
	var ns []byte
	for k := range n {
		ns = append(ns, byte(k+1))
	}
	return members(ns...)
}

// Whatever the order, with duplicates, with rosters that come late, and with links missing as long as there is some way.
func TestHonestMembersSeeTheSameString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{2, 2, 3, 3, 4, 5}).Draw(t, "members") // more: see below
		r := newRoom(t, n)
		all := everybody(n)
		for k := 2; k < n; k++ { // each keeps a link to the one before
			for j := range k - 1 {
				if rapid.IntRange(0, 3).Draw(t, "cut") == 0 {
					r.cut[[2]Identity{all[j].Identity, all[k].Identity}] = true
				}
			}
		}
		for _, m := range rapid.Permutation(all).Draw(t, "who begins") {
			r.setRoster(r.sides[m.Identity], all)
			for range rapid.IntRange(0, 3).Draw(t, "meanwhile") {
				if len(r.flight) > 0 {
					r.deliver()
				}
			}
		}
		r.drain()
		r.mustAgree(all)
		if x := r.sides[all[0].Identity]; x.Attempt() != 1 {
			t.Fatalf("attempt %d", x.Attempt())
		}
	})
}

func TestFullRoomsSeeOneString(t *testing.T) {
	for n := 6; n <= MaxMembers; n++ {
		random := rand.New(rand.NewPCG(1, uint64(n)))
		all := everybody(n)
		sides := make(map[Identity]*Exchange)
		var flight []parcel
		// Each is linked to its neighbours in a ring and to nobody else.
		send := func(x *Exchange, k int, sends []Send) {
			for _, s := range sends {
				for _, to := range s.To {
					if to == all[(k+1)%n].Identity || to == all[(k+n-1)%n].Identity {
						flight = append(flight, parcel{x.self, to, s.Message})
					}
				}
			}
		}
		place := make(map[Identity]int)
		for k, m := range all {
			x := side(t, byte(k+1))
			sides[m.Identity], place[m.Identity] = x, k
			send(x, k, must(x.SetRoster(start, all)))
		}
		for len(flight) > 0 {
			k := random.IntN(len(flight))
			p := flight[k]
			flight = slices.Delete(flight, k, k+1)
			send(sides[p.to], place[p.to], must(sides[p.to].Handle(start, p.from, p.message)))
		}
		want, _ := sides[all[0].Identity].ShortString()
		for k, m := range all {
			if got, ok := sides[m.Identity].ShortString(); !ok || got != want {
				t.Errorf("%d of %d: %v, %v", k, n, got, sides[m.Identity].State())
			}
		}
	}
}

// What an attempt costs each of sixteen who all hear each other: everybody passes on everything once.
func TestWhatAnAttemptOfSixteenCosts(t *testing.T) {
	all := everybody(MaxMembers)
	sides := make(map[Identity]*Exchange)
	sent := make(map[Identity]int)
	var flight []parcel
	send := func(x *Exchange, sends []Send) {
		for _, s := range sends {
			for _, to := range s.To {
				sent[x.self]++
				flight = append(flight, parcel{x.self, to, s.Message})
			}
		}
	}
	for k, m := range all {
		sides[m.Identity] = side(t, byte(k+1))
		send(sides[m.Identity], must(sides[m.Identity].SetRoster(start, all)))
	}
	for ; len(flight) > 0; flight = flight[1:] {
		p := flight[0]
		send(sides[p.to], must(sides[p.to].Handle(start, p.from, p.message)))
	}
	most := 2 * (MaxMembers - 1) * (MaxMembers - 1)
	for _, m := range all {
		if n := sent[m.Identity]; sides[m.Identity].State() != Compared || n > most {
			t.Errorf("%v after %d messages, want %d at most", sides[m.Identity].State(), n, most)
		}
	}
	t.Logf("at most %d messages of %d bytes from each", most, SignedSize)
}

// A member who comes late or leaves voids what has been going on, and those who are there in the end agree.
func TestLateJoinersAndDroppedMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 5).Draw(t, "members")
		r := newRoom(t, n)
		all := everybody(n)
		present := all[:2]
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			present = rapid.Permutation(all).Draw(t, "order")[:rapid.IntRange(2, n).Draw(t, "present")]
			for _, m := range present { // some hear of it late
				r.setRoster(r.sides[m.Identity], present)
				if len(r.flight) > 0 && rapid.Bool().Draw(t, "meanwhile") {
					r.deliver()
				}
			}
			for range rapid.IntRange(0, 20).Draw(t, "steps") {
				if len(r.flight) > 0 {
					r.deliver()
				}
			}
		}
		for _, x := range r.inOrder() {
			if !slices.ContainsFunc(present, func(m Member) bool { return m.Identity == x.self }) {
				r.setRoster(x, nil)
			}
		}
		r.settle()
		r.mustAgree(present)
	})
}

func TestALinkThatComesBackBringsWhatWasMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRoom(t, 3)
		all := everybody(3)
		lone := all[2].Identity
		for _, m := range all[:2] {
			r.cut[[2]Identity{m.Identity, lone}] = true
		}
		for _, m := range all {
			r.setRoster(r.sides[m.Identity], all)
		}
		r.drain()
		clear(r.cut)
		for _, m := range all[:2] {
			r.send(r.sides[m.Identity], r.sides[m.Identity].Linked(time.Time{}, lone))
		}
		r.send(r.sides[lone], r.sides[lone].Linked(time.Time{}, all[0].Identity))
		r.drain()
		r.mustAgree(all)
	})
}

// Messages of one call, roster, attempt or member are worth nothing in another.
func TestRoomsDoNotMix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "members")
		here, there := newRoom(t, n), newRoom(t, n)
		all := everybody(n)
		moved := slices.Clone(all)
		moved[0].PeerID[31] = 1 // the same people in another session
		other := rapid.Bool().Draw(t, "another call")
		for _, m := range all {
			if other {
				there.sides[m.Identity].cfg.Call[15] ^= 1
				there.setRoster(there.sides[m.Identity], all)
			} else {
				there.setRoster(there.sides[m.Identity], moved)
			}
			here.setRoster(here.sides[m.Identity], all)
		}
		var overheard []parcel
		for len(there.flight) > 0 {
			overheard = append(overheard, there.flight...)
			there.drain()
		}
		for _, p := range overheard {
			x := here.sides[p.to]
			if sends, err := x.Handle(here.now, p.from, p.message); !errors.Is(err, ErrEpoch) || len(sends) > 0 {
				t.Fatalf("%v, %d sent", err, len(sends))
			}
		}
		here.drain()
		here.mustAgree(all)
		there.mustAgree(all)
		a, _ := here.sides[all[0].Identity].ShortString()
		if b, _ := there.sides[all[0].Identity].ShortString(); a == b {
			t.Fatal(fmt.Sprint("both rooms show ", a))
		}
	})
}
