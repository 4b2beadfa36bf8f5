package idmanager

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"slices"
)

// Person is somebody whom one or several directories know: one identity, or, where nothing is signed, one peer ID.
type Person struct {
	// Name is the spelling of the best way.
	Name string
	// Identity is the key by which all Ways are signed; nil: nobody has signed anything.
	Identity ed25519.PublicKey
	// Ways are how this person can be called, best first: people on the same network, then by the order of the directories.
	// None: not there at present.
	Ways []Way
}

// Way is what one directory says of a person.
type Way struct {
	// Where is the directory's name for the user.
	Where string
	// Record has a peer ID. Each directory may name another one: a phone has one socket and peer ID per service.
	Record Record

	directory int // its place among the directories
	preferred bool
}

// record is what stands for the person where only one record can: the best way, or, without one, that nobody is there.
func (p Person) record() Record {
	if len(p.Ways) == 0 {
		return Record{Name: p.Name, Identity: p.Identity}
	}
	return p.Ways[0].Record
}

// equal reports whether two persons are there by the same ways.
func (p Person) equal(other Person) bool {
	return p.Name == other.Name && p.Identity.Equal(other.Identity) && slices.EqualFunc(p.Ways, other.Ways, func(a, b Way) bool {
		return a.Where == b.Where && a.directory == b.directory && a.Record.Equal(b.Record)
	})
}

// mergePeople puts together what directories say, given in any order: records of one identity are one person. A record without
// identity belongs to whoever has signed the same peer ID, which is a key's fingerprint and so cannot be borrowed; else all
// with that peer ID are one person. A name makes nobody the same. The result's order depends on the ways alone.
func mergePeople(ways []Way) []Person {
	ways = slices.Clone(ways)
	slices.SortStableFunc(ways, compareWays)
	byIdentity, byPeerID := make(map[string]*Person), make(map[string]*Person)
	var people []*Person
	place := func(index map[string]*Person, key string, w Way) *Person {
		p := index[key]
		if p == nil {
			p = &Person{Name: w.Record.Name, Identity: w.Record.Identity}
			index[key] = p
			people = append(people, p)
		}
		if !slices.ContainsFunc(p.Ways, func(x Way) bool { return x.directory == w.directory && x.Record.Equal(w.Record) }) {
			p.Ways = append(p.Ways, w)
		}
		return p
	}
	for _, w := range ways {
		if w.Record.Identity == nil {
			continue
		}
		p := place(byIdentity, string(w.Record.Identity), w)
		if byPeerID[w.Record.PeerID] == nil { // two keys may claim one peer ID; the call will tell whose it is
			byPeerID[w.Record.PeerID] = p
		}
	}
	for _, w := range ways {
		if w.Record.Identity == nil {
			place(byPeerID, w.Record.PeerID, w)
		}
	}
	result := make([]Person, len(people))
	for i, p := range people {
		slices.SortStableFunc(p.Ways, compareWays)
		p.Name = p.Ways[0].Record.Name
		result[i] = *p
	}
	slices.SortStableFunc(result, func(a, b Person) int { return compareWays(a.Ways[0], b.Ways[0]) })
	return result
}

// compareWays orders ways, best first: those that need no service, then the directories' order, then signed ones. The rest
// only makes the order certain.
func compareWays(a, b Way) int {
	first := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return -1
		}
		return 1
	}
	return cmp.Or(
		first(len(a.Record.Addresses) > 0, len(b.Record.Addresses) > 0),
		cmp.Compare(a.directory, b.directory),
		first(a.Record.Identity != nil, b.Record.Identity != nil),
		bytes.Compare(a.Record.Identity, b.Record.Identity),
		cmp.Compare(FoldName(a.Record.Name), FoldName(b.Record.Name)),
		cmp.Compare(a.Record.PeerID, b.Record.PeerID),
		cmp.Compare(a.Record.Name, b.Record.Name),
		cmp.Compare(a.Record.Rendezvous, b.Record.Rendezvous),
	)
}
