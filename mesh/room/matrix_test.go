package room

import (
	"errors"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// matrices are those of members 1 to n.
func matrices(t failer, n byte) (ms []*Matrix, members []Member, ids []Identity) {
	t.Helper()
	for i := byte(1); i <= n; i++ {
		m, err := NewMatrix(ID{1}, testKey(i))
		if err != nil {
			t.Fatal(err)
		}
		ms = append(ms, m)
		members = append(members, Member{Identity: m.self, Incarnation: 5})
		ids = append(ids, m.self)
	}
	return ms, members, ids
}

func mustReport(t failer, m *Matrix, now time.Time, links map[Identity]Link) []byte {
	t.Helper()
	b, err := m.Report(now, 5, links, 1)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheSmallerPeerIDDials(t *testing.T) {
	a, b := flashcrypto.Fingerprint{1}, flashcrypto.Fingerprint{2}
	if !Dials(a, b) || Dials(b, a) || Dials(a, a) {
		t.Error("not exactly one of two dials")
	}
}

// Links of a room are cut at random, every member reports once, and hands on what it is told to hand on. Then all hold the same,
// and choose the same carriers, each within what it offers, among those who hear both.
func TestEverybodyKnowsABrokenLinkWithinOneReport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 7).Draw(t, "members")
		ms, members, ids := matrices(t, byte(n))
		up := make(map[Pair]bool)
		for i := range ids {
			for j := range i {
				up[PairOf(ids[i], ids[j])] = rapid.IntRange(0, 3).Draw(t, "up") > 0
			}
		}
		links := func(i int) map[Identity]Link {
			l := make(map[Identity]Link)
			for _, other := range ids {
				switch {
				case other == ids[i]:
				case up[PairOf(ids[i], other)]:
					l[other] = Link{State: Up, RTT: 20 * time.Millisecond}
				default:
					l[other] = Link{State: Broken}
				}
			}
			return l
		}
		index := make(map[Identity]int)
		for i, id := range ids {
			index[id] = i
		}
		var hand func(from, to int, b []byte)
		hand = func(from, to int, b []byte) {
			if from != to && !up[PairOf(ids[from], ids[to])] {
				return
			}
			pass, err := ms[to].Handle(start, members, b)
			if err != nil {
				t.Fatal(err)
			}
			for _, next := range pass.To {
				hand(to, index[next], pass.Message)
			}
		}
		for range 2 { // the first tells who hears whom, and so to whom the second must be passed on
			for i := range ms {
				b := mustReport(t, ms[i], start, links(i))
				for j := range ms {
					if j != i && up[PairOf(ids[i], ids[j])] {
						hand(i, j, b)
					}
				}
			}
		}
		reach := component(0, ids, up)
		if len(reach) != n {
			return // two rooms
		}
		want := ms[0].Carriers(start, ids)
		load := make(map[Identity]int)
		for p, c := range want {
			load[c]++
			if up[p] || !up[PairOf(p[0], c)] || !up[PairOf(p[1], c)] || load[c] > 1 {
				t.Fatalf("a carrier who cannot")
			}
		}
		for i, m := range ms {
			for a := range ids {
				for b := range ids {
					if a != b && m.Hear(start, ids[a], ids[b]) != up[PairOf(ids[a], ids[b])] {
						t.Fatalf("member %d does not know of the link between %d and %d", i, a, b)
					}
				}
			}
			if got := m.Carriers(start, ids); !maps.Equal(got, want) {
				t.Fatalf("member %d has other carriers", i)
			}
		}
	})
}

// failer is a testing.TB or a rapid.T.
type failer interface {
	Helper()
	Fatal(args ...any)
}

func component(from int, ids []Identity, up map[Pair]bool) map[int]bool {
	seen := map[int]bool{from: true}
	for grown := true; grown; {
		grown = false
		for a := range ids {
			for b := range ids {
				if seen[a] && !seen[b] && up[PairOf(ids[a], ids[b])] {
					seen[b], grown = true, true
				}
			}
		}
	}
	return seen
}

func TestReportsAreRefused(t *testing.T) {
	ms, members, ids := matrices(t, 3)
	b := mustReport(t, ms[1], start, map[Identity]Link{ids[0]: {State: Up}})
	newer := mustReport(t, ms[1], start, map[Identity]Link{ids[0]: {State: Broken}})
	ahead, err := ms[2].Report(start, 6, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewMatrix(ID{2}, testKey(2))
	if err != nil {
		t.Fatal(err)
	}
	changed := append([]byte(nil), b...)
	changed[75] ^= 1
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"of another room":                     {mustReport(t, other, start, nil), ErrOther},
		"our own, sent back":                  {mustReport(t, ms[0], start, nil), ErrStranger},
		"of an incarnation that there is not": {ahead, ErrStranger},
		"changed on its way":                  {changed, ErrSignature},
		"cut":                                 {b[:50], ErrDocument},
	} {
		if _, err := ms[0].Handle(start, members, c.raw); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ms[0].Handle(start, members[:1], b); !errors.Is(err, ErrStranger) {
		t.Errorf("of nobody in the room: %v", err)
	}
	for _, raw := range [][]byte{newer, b} { // the old one again
		if _, err := ms[0].Handle(start, members, raw); err != nil {
			t.Error(err)
		}
	}
	if s := ms[0].Link(start, ids[1], ids[0]).State; s != Broken {
		t.Errorf("state %d after a replay", s)
	}
}

func TestWhoHasNotReportedForLongHearsNobody(t *testing.T) {
	ms, members, ids := matrices(t, 3)
	b := mustReport(t, ms[1], start, map[Identity]Link{ids[2]: {State: Up, RTT: 3 * time.Second, Loss: .011}})
	if _, err := ms[0].Handle(start, members, b); err != nil {
		t.Fatal(err)
	}
	if l := ms[0].Link(start, ids[1], ids[2]); l.RTT != 255*rttStep || l.Loss != 2*lossStep {
		t.Errorf("%+v", l)
	}
	if !ms[0].Heard(start, ids[2]) || ms[0].Heard(start, ids[1]) || ms[0].Heard(start.Add(reportLife+1), ids[2]) {
		t.Error("heard by a report of himself, or by none")
	}
}

func FuzzReport(f *testing.F) {
	ms, members, ids := matrices(f, 3)
	f.Add(mustReport(f, ms[1], start, map[Identity]Link{ids[0]: {State: Up}, ids[2]: {State: Broken}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := ms[0].Handle(start, members, b); err == nil && len(ms[0].rows) > 3 {
			t.Error("rows of strangers")
		}
	})
}
