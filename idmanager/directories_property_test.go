package idmanager

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

var drawRecord = rapid.Custom(func(t *rapid.T) Record {
	r := Record{
		Name:   rapid.SampledFrom([]string{"Bob", "bob", "Carol"}).Draw(t, "name"),
		PeerID: rapid.SampledFrom([]string{peerA, peerB, peerC}).Draw(t, "peer ID"),
	}
	switch rapid.IntRange(0, 2).Draw(t, "key") {
	case 1:
		r.Identity = keyA
	case 2:
		r.Identity = keyB
	}
	if rapid.Bool().Draw(t, "nearby") {
		r.Addresses = nearby
	}
	return r
})

var drawWays = rapid.SliceOf(rapid.Custom(func(t *rapid.T) Way {
	n := rapid.IntRange(0, 2).Draw(t, "directory")
	return Way{Where: string(rune('x' + n)), directory: n, Record: drawRecord.Draw(t, "record")}
}))

func TestMergingLosesNobodyAndMixesNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ways := drawWays.Draw(t, "ways")
		people := mergePeople(ways)
		for _, w := range ways {
			var with []Person
			for _, p := range people {
				if slices.ContainsFunc(p.Ways, func(x Way) bool { return x.directory == w.directory && x.Record.Equal(w.Record) }) {
					with = append(with, p)
				}
			}
			if len(with) != 1 {
				t.Fatalf("%+v is a way to %d people", w, len(with))
			}
			if w.Record.Identity != nil && !with[0].Identity.Equal(w.Record.Identity) {
				t.Fatalf("%+v is a way to %+v", w, with[0])
			}
		}
		seen := make(map[string]bool)
		for _, p := range people {
			if p.Identity != nil && seen[string(p.Identity)] {
				t.Fatalf("an identity is two people: %s", told(people...))
			}
			seen[string(p.Identity)] = true
			if !slices.IsSortedFunc(p.Ways, compareWays) {
				t.Fatalf("ways out of order: %s", told(p))
			}
			for _, w := range p.Ways {
				sameID := func(x Way) bool {
					return x.Record.PeerID == w.Record.PeerID && (x.Record.Identity != nil || p.Identity == nil)
				}
				if w.Record.Identity == nil && !slices.ContainsFunc(p.Ways, sameID) {
					t.Fatalf("an unsigned record joins by something else than a peer ID: %s", told(p))
				}
			}
		}
		shuffled := slices.Clone(ways)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if again := mergePeople(shuffled); !slices.EqualFunc(people, again, Person.equal) {
			t.Fatalf("in another order: %s, and %s", told(people...), told(again...))
		}
	})
}

// TestAWatchersPictureIsTheTruth lets two directories change at random; a watcher who keeps what it is told must know who is there.
func TestAWatchersPictureIsTheTruth(t *testing.T) {
	type change struct {
		lan    bool
		record Record
		read   bool // the watcher reads before the next change
	}
	changes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) change {
		c := change{lan: rapid.Bool().Draw(t, "lan"), record: drawRecord.Draw(t, "record"), read: rapid.Bool().Draw(t, "read")}
		if rapid.Bool().Draw(t, "goes") {
			c.record.PeerID = ""
		}
		return c
	}), 1, 12)
	rapid.Check(t, func(rt *rapid.T) {
		all := changes.Draw(rt, "changes")
		synctest.Test(t, func(t *testing.T) {
			lan, club := around("lan"), around("club")
			d := newDirectories(t, Directory{IdManager: club}, Directory{IdManager: lan})
			events, err := d.WatchPeople(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			there := make(map[string]Person)
			for _, c := range all {
				if c.lan {
					lan.pool.put(c.record)
				} else {
					club.pool.put(c.record)
				}
				if c.read {
					watched(t, events, there)
				}
				time.Sleep(time.Millisecond)
			}
			watched(t, events, there)
			var ways []Way
			for i, m := range []shared{club, lan} {
				records, _ := m.pool.named("")
				for _, r := range records {
					ways = append(ways, Way{Where: m.where, directory: i, Record: r})
				}
			}
			want := make(map[string]Person)
			for _, p := range mergePeople(ways) {
				if _, ok := want[personKey(p)]; !ok {
					want[personKey(p)] = p
				}
			}
			if !maps.EqualFunc(there, want, Person.equal) {
				t.Fatalf("after %+v the watcher believes %v, want %v", all, there, want)
			}
		})
	})
}
