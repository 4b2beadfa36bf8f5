package trust

import (
	"bytes"
	"crypto/ed25519"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// middle is a man in the middle who has the whole network. Honest members hear of each other only what he lets them: toward
// some he plays the others, with identity keys of his own.
type middle struct {
	*room
	keys    []ed25519.PrivateKey // his own
	puppets []*Exchange          // his members who keep to the rules, each in the room of the one that he deceives
	heard   [][]byte             // everything that anybody has sent
	values  [][32]byte           // everything that anybody has committed to or revealed
}

// take keeps all that is in flight.
func (m *middle) take() {
	for _, p := range m.flight {
		if !slices.ContainsFunc(m.heard, func(b []byte) bool { return bytes.Equal(b, p.message) }) {
			m.heard = append(m.heard, p.message)
			m.values = append(m.values, [32]byte(p.message[70:102]))
		}
	}
	m.flight = nil
}

// Whatever he passes on, replays, keeps back, makes up or begins anew: two who do not see the same members never see the same
// string, and nobody reveals without all commitments (room.send). By chance it happens at 2⁻³³ for each attempt.
func TestAManInTheMiddleNeverGetsTwoSidesToShowTheSameString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "honest members")
		m := &middle{room: newRoom(t, n)}
		all := everybody(n)
		for i, viewer := range all {
			view := slices.Clone(all)
			for j := range all {
				// The first two never have each other.
				if i == j || i+j != 1 && rapid.Bool().Draw(t, "direct") {
					continue
				}
				key := testKey(byte(100 + 10*i + j))
				view[j] = Member{Identity(key.Public().(ed25519.PublicKey)), [32]byte{byte(100 + 10*i + j)}}
				m.keys = append(m.keys, key)
				puppet, err := NewExchange(ExchangeConfig{Call: testCall, Key: key})
				if err != nil {
					t.Fatal(err)
				}
				m.puppets = append(m.puppets, puppet)
				m.sides[puppet.self], m.seen[puppet.self] = puppet, make(map[signedID]bool)
				defer delete(m.sides, puppet.self)
			}
			m.setRoster(m.sides[viewer.Identity], view)
			for _, v := range view {
				if puppet := m.sides[v.Identity]; slices.Contains(m.puppets, puppet) {
					m.setRoster(puppet, view)
				}
			}
		}
		m.take()
		honest := func(label string) *Exchange {
			return m.sides[all[rapid.IntRange(0, n-1).Draw(t, label)].Identity]
		}
		for range rapid.IntRange(10, 40).Draw(t, "moves") {
			switch rapid.IntRange(0, 9).Draw(t, "move") {
			default: // anything that he has heard, to anybody
				to := honest("to")
				if rapid.IntRange(0, 2).Draw(t, "puppet") == 0 {
					to = m.puppets[rapid.IntRange(0, len(m.puppets)-1).Draw(t, "to puppet")]
				}
				from := to.roster[rapid.IntRange(0, len(to.roster)-1).Draw(t, "from")].Identity
				m.hand(parcel{from, to.self, m.heard[rapid.IntRange(0, len(m.heard)-1).Draw(t, "what")]})
			case 6, 7: // something of his own, of whatever he knows
				to := honest("to")
				key := m.keys[rapid.IntRange(0, len(m.keys)-1).Draw(t, "key")]
				value := m.values[rapid.IntRange(0, len(m.values)-1).Draw(t, "value")]
				if rapid.Bool().Draw(t, "commit to it") {
					value = commitment(to.epoch, Identity(key.Public().(ed25519.PublicKey)), value)
				}
				typ := byte(rapid.IntRange(typeCommit, typeReveal).Draw(t, "type"))
				attempt := uint32(rapid.IntRange(1, 4).Draw(t, "attempt"))
				m.hand(parcel{to.self, to.self, made(key, typ, to.roster.epoch(testCall, attempt), attempt, value)})
			case 8: // silence
				to := honest("who waits")
				if d := to.Deadline(); !d.IsZero() {
					m.send(to, to.Tick(d))
				}
			case 9: // a user tries again
				x := honest("who")
				sends, err := x.Start(m.now)
				if err != nil {
					t.Fatal(err)
				}
				m.send(x, sends)
			}
			m.take()
			m.check(all)
		}
	})
}

// check compares the screens of those who do not see the same members.
func (m *middle) check(all []Member) {
	for i := range all {
		for j := range i {
			a, b := m.sides[all[i].Identity], m.sides[all[j].Identity]
			sa, okA := a.ShortString()
			sb, okB := b.ShortString()
			if okA && okB && !slices.Equal(a.roster, b.roster) && (sa == sb || sa.String() == sb.String() || slices.Equal(sa.Emoji(), sb.Emoji())) {
				m.t.Fatalf("%d and %d both show %v", i, j, sa)
			}
		}
	}
}

// The man in the middle may compute as much as he likes: since he must commit himself before he hears, one emoji of six bits
// comes out right once in 64 times. Without the commitment he would have it whenever he wants.
func TestComputingDoesNotHelpTheManInTheMiddle(t *testing.T) {
	const runs = 200
	random := rand.NewChaCha8([32]byte{1})
	toAlice, toBob := testKey(101), testKey(102)
	aliceSees := []Member{{testIdentity(1), [32]byte{1}}, {testIdentity(101), [32]byte{101}}}
	bobSees := []Member{{testIdentity(2), [32]byte{2}}, {testIdentity(102), [32]byte{102}}}
	lucky, unbound := 0, 0
	for range runs {
		alice, err := NewExchange(ExchangeConfig{Call: testCall, Key: testKey(1), Random: random})
		if err != nil {
			t.Fatal(err)
		}
		bob, err := NewExchange(ExchangeConfig{Call: testCall, Key: testKey(2), Random: random})
		if err != nil {
			t.Fatal(err)
		}
		must(alice.SetRoster(start, aliceSees))
		must(bob.SetRoster(start, bobSees))
		// He finishes with alice first and knows her screen.
		var mine, guess [32]byte
		_, _ = random.Read(mine[:])
		must(alice.Handle(start, testIdentity(101), made(toAlice, typeCommit, alice.epoch, 1, commitment(alice.epoch, testIdentity(101), mine))))
		must(alice.Handle(start, testIdentity(101), made(toAlice, typeReveal, alice.epoch, 1, mine)))
		target, ok := alice.ShortString()
		if !ok {
			t.Fatal(alice.Failure())
		}
		search := func(epoch Epoch, bobs [32]byte) (r [32]byte) {
			for range 1000 {
				_, _ = random.Read(r[:])
				s := bob.roster.shortString(epoch, func(i Identity) [32]byte {
					if i == bob.self {
						return bobs
					}
					return r
				})
				if s.Emoji()[0] == target.Emoji()[0] {
					break
				}
			}
			return r
		}
		show := func(r [32]byte) bool {
			s := bob.roster.shortString(bob.epoch, func(i Identity) [32]byte {
				if i == bob.self {
					return bob.r
				}
				return r
			})
			return s.Emoji()[0] == target.Emoji()[0]
		}
		if show(search(bob.epoch, bob.r)) { // if bob's r had come without a commitment
			unbound++
		}
		// With it: he looks for an r that suits some r of bob's that he imagines, commits himself, and hears the real one.
		_, _ = random.Read(guess[:])
		mine = search(bob.epoch, guess)
		must(bob.Handle(start, testIdentity(102), made(toBob, typeCommit, bob.epoch, 1, commitment(bob.epoch, testIdentity(102), mine))))
		must(bob.Handle(start, testIdentity(102), made(toBob, typeReveal, bob.epoch, 1, mine)))
		screen, ok := bob.ShortString()
		if !ok {
			t.Fatal(bob.Failure())
		}
		if screen == target {
			t.Fatal("both show the same")
		}
		if screen.Emoji()[0] == target.Emoji()[0] {
			lucky++
		}
	}
	// Three are expected, with a standard deviation of 2.
	if lucky > 14 {
		t.Errorf("the first emoji was right in %d of %d", lucky, runs)
	}
	if unbound < runs*99/100 {
		t.Errorf("without commitments only %d of %d: the search is no search", unbound, runs)
	}
}
