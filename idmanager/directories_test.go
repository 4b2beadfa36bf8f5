package idmanager

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	peerA, peerB, peerC = strings.Repeat("aa", 32), strings.Repeat("bb", 32), strings.Repeat("cc", 32)
	keyA, keyB          = ed25519.PublicKey(strings.Repeat("a", 32)), ed25519.PublicKey(strings.Repeat("b", 32))
	nearby              = []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:5000")}
)

// around is a directory in which several may have one name, with some people in it.
func around(where string, people ...Record) shared {
	p := newPool()
	for _, r := range people {
		p.put(r)
	}
	return shared{p.client(where)}
}

// service is a directory in which a name has one record.
func service(where string, people ...Record) *memory { return around(where, people...).memory }

// newDirectories makes Directories that end with the test.
func newDirectories(t *testing.T, all ...Directory) *Directories {
	t.Helper()
	d := NewDirectories(all...)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return d
}

func find(t *testing.T, d *Directories, name string) []Person {
	t.Helper()
	people, err := d.Find(t.Context(), name)
	if err != nil {
		t.Fatalf("finding %s: %v", name, err)
	}
	return people
}

// told writes people as one line: each with the ways to them.
func told(people ...Person) string {
	var all []string
	for _, p := range people {
		s := p.Name
		if p.Identity != nil {
			s += "/" + string(p.Identity[:1])
		}
		for _, w := range p.Ways {
			s += " " + w.Where + ":" + w.Record.PeerID[:2]
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

func TestWhoIsThePerson(t *testing.T) {
	for name, tt := range map[string]struct {
		lan, company, club []Record
		want               string
	}{
		"one identity in three directories is one person, nearby first": {
			lan:     []Record{{Name: "Bob", PeerID: peerA, Identity: keyA, Addresses: nearby}},
			company: []Record{{Name: "Bob", PeerID: peerB, Identity: keyA}},
			club:    []Record{{Name: "bob", PeerID: peerC, Identity: keyA}},
			want:    "Bob/a lan:aa company:bb club:cc",
		},
		"two identities under one name are two people": {
			lan:     []Record{{Name: "Bob", PeerID: peerA, Identity: keyB, Addresses: nearby}},
			company: []Record{{Name: "Bob", PeerID: peerB, Identity: keyA}},
			want:    "Bob/b lan:aa, Bob/a company:bb",
		},
		"two on one network are two people": {
			lan: []Record{
				{Name: "Bob", PeerID: peerA, Identity: keyB, Addresses: nearby},
				{Name: "Bob", PeerID: peerB, Identity: keyA, Addresses: nearby},
			},
			want: "Bob/a lan:bb, Bob/b lan:aa",
		},
		"an unsigned record belongs to whoever signed its peer ID": {
			company: []Record{{Name: "Bob", PeerID: peerB}},
			club:    []Record{{Name: "Bob", PeerID: peerB, Identity: keyA}},
			want:    "Bob/a company:bb club:bb",
		},
		"unsigned records of one peer ID are one person": {
			company: []Record{{Name: "Bob", PeerID: peerB}},
			club:    []Record{{Name: "Bob", PeerID: peerB}},
			want:    "Bob company:bb club:bb",
		},
		"unsigned records with different peer IDs are two people": {
			company: []Record{{Name: "Bob", PeerID: peerB}},
			club:    []Record{{Name: "Bob", PeerID: peerC}},
			want:    "Bob company:bb, Bob club:cc",
		},
		"an unsigned record with another peer ID is not the signed person": {
			company: []Record{{Name: "Bob", PeerID: peerB}},
			club:    []Record{{Name: "Bob", PeerID: peerC, Identity: keyA}},
			want:    "Bob company:bb, Bob/a club:cc",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDirectories(t, Directory{IdManager: service("company", tt.company...)}, Directory{IdManager: service("club", tt.club...)},
				Directory{IdManager: around("lan", tt.lan...)})
			if got := told(find(t, d, "Bob")...); got != tt.want {
				t.Errorf("found %s, want %s", got, tt.want)
			}
		})
	}
}

func TestLookUpGivesTheOneMeant(t *testing.T) {
	signedA, signedB := Record{Name: "Bob", PeerID: peerA, Identity: keyA}, Record{Name: "Bob", PeerID: peerB, Identity: keyB}
	unsigned := Record{Name: "Bob", PeerID: peerC}
	one, two := service("one", signedA), service("two", signedB)
	for name, tt := range map[string]struct {
		all  []Directory
		want string // the peer ID; empty: several fit
	}{
		"the only one":                       {all: []Directory{{IdManager: one}}, want: peerA},
		"the one the preferred knows":        {all: []Directory{{IdManager: one}, {IdManager: two, Preferred: true}}, want: peerB},
		"the only signed one":                {all: []Directory{{IdManager: service("old", unsigned)}, {IdManager: two}}, want: peerB},
		"two with none preferred":            {all: []Directory{{IdManager: one}, {IdManager: two}}},
		"two with both preferred":            {all: []Directory{{IdManager: one, Preferred: true}, {IdManager: two, Preferred: true}}},
		"two in the one directory preferred": {all: []Directory{{IdManager: around("lan", signedA, signedB), Preferred: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDirectories(t, tt.all...)
			r, err := d.LookUp(t.Context(), "Bob")
			if tt.want != "" {
				if err != nil || r.PeerID != tt.want {
					t.Errorf("%s, %v; want %s", r.PeerID, err, tt.want)
				}
				return
			}
			var several *AmbiguousError
			if !errors.Is(err, ErrAmbiguous) || !errors.As(err, &several) || len(several.People) != 2 {
				t.Fatalf("%v, %v; want an AmbiguousError of two", r, err)
			}
			for _, one := range tt.all {
				if !strings.Contains(err.Error(), one.Where()) {
					t.Errorf("%q does not name %s", err, one.Where())
				}
			}
		})
	}
}

func TestASlowDirectoryHoldsNobodyUpForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fast, slow := service("fast", Record{Name: "Bob", PeerID: peerA}), service("slow", Record{Name: "Bob", PeerID: peerB})
		slow.set(nil, time.Hour)
		d := newDirectories(t, Directory{IdManager: slow}, Directory{IdManager: fast})
		start := time.Now()
		if got := told(find(t, d, "Bob")...); got != "Bob fast:aa" || time.Since(start) != findGrace {
			t.Errorf("after %v: %s", time.Since(start), got)
		}
		slow.set(nil, findGrace/2)
		if got := told(find(t, d, "Bob")...); got != "Bob slow:bb, Bob fast:aa" {
			t.Errorf("with one that answers within the grace: %s", got)
		}
		slow.set(nil, time.Hour)
		start = time.Now()
		_, err := d.Find(t.Context(), "Nobody")
		if err == nil || errors.Is(err, ErrUnknownName) || !strings.Contains(err.Error(), "slow") || time.Since(start) != findTimeout {
			t.Errorf("nobody found, one does not answer: %v after %v", err, time.Since(start))
		}
	})
}

func TestWhyNobodyWasFound(t *testing.T) {
	broken := errors.New("no route to host")
	left := service("left", Record{Name: "Bob", PeerID: peerA})
	left.pool.put(Record{Name: "Bob"})
	down := service("down")
	down.set(broken, 0)
	for name, tt := range map[string]struct {
		all       []Directory
		want, not error
	}{
		"no directory":                        {want: ErrNoDirectory},
		"all say unknown":                     {all: []Directory{{IdManager: service("a")}, {IdManager: service("b")}}, want: ErrUnknownName},
		"one says offline":                    {all: []Directory{{IdManager: service("a")}, {IdManager: left}}, want: ErrOffline, not: ErrUnknownName},
		"one cannot be asked":                 {all: []Directory{{IdManager: service("a")}, {IdManager: down}}, want: broken, not: ErrUnknownName},
		"one is offline, one cannot be asked": {all: []Directory{{IdManager: left}, {IdManager: down}}, want: ErrOffline},
	} {
		d := newDirectories(t, tt.all...)
		_, err := d.LookUp(t.Context(), "Bob")
		if !errors.Is(err, tt.want) || tt.not != nil && errors.Is(err, tt.not) {
			t.Errorf("%s: %v", name, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if _, err := d.LookUp(t.Context(), "Bob"); !errors.Is(err, ErrClosed) {
			t.Errorf("%s, after Close: %v", name, err)
		}
	}
}

func TestOneDirectoryFailingLeavesUsRegisteredWithTheOthers(t *testing.T) {
	good, bad, late := service("good"), service("bad"), service("late")
	bad.set(ErrNameTaken, 0)
	own := func(r Record) Record { r.PeerID = peerC; return r }
	d := newDirectories(t, Directory{IdManager: bad}, Directory{IdManager: good, Adapt: own})
	if err := d.Refresh(t.Context()); !errors.Is(err, ErrNotRegistered) {
		t.Errorf("refreshing nothing: %v", err)
	}
	var errs Errors
	err := d.Register(t.Context(), Record{Name: "Ann", PeerID: peerA})
	if !errors.As(err, &errs) || len(errs) != 1 || errs[0].Where != "bad" || !errors.Is(err, ErrNameTaken) {
		t.Fatalf("registering: %v", err)
	}
	if r, err := good.LookUp(t.Context(), "Ann"); err != nil || r.PeerID != peerC {
		t.Errorf("its own record: %v, %v", r, err)
	}
	bad.set(nil, 0)
	d.Add(Directory{IdManager: late})
	if err := d.Refresh(t.Context()); err != nil {
		t.Fatalf("refreshing: %v", err)
	}
	for _, m := range []*memory{bad, late} {
		if r, err := m.LookUp(t.Context(), "Ann"); err != nil || r.PeerID != peerA {
			t.Errorf("%s after the refresh: %v, %v", m.where, r, err)
		}
	}
	if err := d.Unregister(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.LookUp(t.Context(), "Ann"); !errors.Is(err, ErrOffline) {
		t.Errorf("after unregistering: %v", err)
	}
	if want := "bad, good, late"; d.Where() != want {
		t.Errorf("where: %q", d.Where())
	}
	if !d.Remove(bad) || d.Remove(bad) || d.Where() != "good, late" {
		t.Errorf("after Remove: %q", d.Where())
	}
}

// watched reads a watch until nothing comes any more, and returns who is there, as the reader knows.
func watched(t *testing.T, events <-chan Person, there map[string]Person) []string {
	t.Helper()
	for {
		time.Sleep(time.Second)
		synctest.Wait()
		select {
		case p, ok := <-events:
			if !ok {
				t.Fatal("the watch has ended")
			}
			there[personKey(p)] = p
			if len(p.Ways) == 0 {
				delete(there, personKey(p))
			}
			continue
		default:
		}
		var all []string
		for _, p := range there {
			all = append(all, told(p))
		}
		slices.Sort(all)
		return all
	}
}

func TestSomebodyIsThereAsLongAsOneDirectorySaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan, club := around("lan"), service("club")
		d := newDirectories(t, Directory{IdManager: club})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		events, err := d.WatchPeople(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		there := make(map[string]Person)
		step := func(what string, want ...string) {
			t.Helper()
			if got := watched(t, events, there); !slices.Equal(got, want) {
				t.Errorf("%s: there are %q, want %q", what, got, want)
			}
		}
		step("at first")
		club.pool.put(Record{Name: "Bob", PeerID: peerB, Identity: keyA})
		step("Bob comes to the club", "Bob/a club:bb")
		lan.pool.put(Record{Name: "Bob", PeerID: peerA, Identity: keyA, Addresses: nearby})
		d.Add(Directory{IdManager: lan})
		step("and is on this network", "Bob/a lan:aa club:bb")
		lan.pool.put(Record{Name: "Bob", PeerID: peerC, Identity: keyB, Addresses: nearby})
		step("as is another Bob", "Bob/a lan:aa club:bb", "Bob/b lan:cc")
		club.pool.put(Record{Name: "Bob", Identity: keyA})
		step("he leaves the club", "Bob/a lan:aa", "Bob/b lan:cc")
		club.pool.put(Record{Name: "Carol", PeerID: peerB})
		step("an old client comes", "Bob/a lan:aa", "Bob/b lan:cc", "Carol club:bb")
		club.pool.put(Record{Name: "Carol", PeerID: peerC})
		step("and has a new peer ID", "Bob/a lan:aa", "Bob/b lan:cc club:cc")
		club.pool.put(Record{Name: "Carol"})
		d.Remove(lan)
		step("we leave this network")
		cancel()
		for range events {
		}
	})
}

func TestAWatchSurvivesDirectoriesThatFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		club := service("club", Record{Name: "Bob", PeerID: peerB})
		club.set(errors.New("down"), 0)
		d := newDirectories(t, Directory{IdManager: club})
		events, err := d.Watch(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		club.set(nil, 0)
		if ev := <-events; ev.Record.PeerID != peerB {
			t.Errorf("after it came back: %v", ev)
		}
	})
}
