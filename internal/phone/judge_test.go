package phone

import (
	"crypto/ed25519"
	"testing"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/internal/profile"
	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// village is a phone whose list has people of each kind. Bob has two keys: the one that is known, and another.
func village(t *testing.T) *Phone {
	t.Helper()
	p := newPhone(t, Config{Directory: ownWord})
	list := p.Profile()
	for _, who := range []profile.Person{
		{Name: "Bob", Identity: someKey('b')}, {Name: "Vera", Identity: someKey('v')}, {Name: "Cid"}, {Name: "Eve", Identity: someKey('e')}, {Name: "Mallory"},
	} {
		if _, err := list.AddContact(who); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{
		list.Block("eve", true), list.Block("mallory", true), list.Verify(someKey('v'), time.Now()),
		list.RecordCall(profile.Call{Name: "Dora", Identity: someKey('d'), At: time.Now()}), // has called, and is no contact
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// owned is that somebody has signed a peer ID in a directory where names belong to somebody.
func owned(key ed25519.PublicKey, name string) []claim {
	return []claim{{name: name, identity: key, where: "example.org", owned: true}}
}

func TestCallersAreJudgedByTheIdentityThatTheyProve(t *testing.T) {
	t.Parallel()
	p := village(t)
	for _, c := range []struct {
		what, name string
		key        ed25519.PublicKey
		claims     []claim
		standing   trust.Standing
		person     string // on the list; "" nobody
		shown      string
		blocked    bool
	}{
		{what: "a contact", name: "bob", key: someKey('b'), standing: trust.Known, person: "Bob", shown: "Bob"},
		{what: "a contact under another name", name: "robert", key: someKey('b'), standing: trust.Known, person: "Bob", shown: "Bob"},
		{what: "a contact under another contact's name", name: "Vera", key: someKey('b'), standing: trust.Known, person: "Bob", shown: "Bob"},
		{what: "a verified contact", name: "v", key: someKey('v'), standing: trust.Verified, person: "Vera", shown: "Vera"},
		{what: "somebody else under a contact's name", name: "BOB", key: someKey('x'), standing: trust.Changed, shown: "BOB (2)"},
		{what: "the same, though a directory gives them the name", name: "Bob", key: someKey('x'), claims: owned(someKey('x'), "bob"), standing: trust.Changed, shown: "Bob (2)"},
		{what: "a contact without identity, confirmed by a directory", name: "C.", key: someKey('c'), claims: owned(someKey('c'), "cid"), standing: trust.Stranger, shown: "C."},
		{what: "a contact without identity under their name, confirmed", name: "cid", key: someKey('c'), claims: owned(someKey('c'), "CID"), standing: trust.FirstSeen, person: "Cid", shown: "cid (2)"},
		{what: "the name of a contact without identity", name: "Cid", key: someKey('x'), standing: trust.Stranger, shown: "Cid (2)"},
		{what: "the same, signed on a network where anybody takes any name", name: "Cid", key: someKey('x'), claims: []claim{{name: "Cid", identity: someKey('x')}}, standing: trust.Stranger, shown: "Cid (2)"},
		{what: "the same, while the directory knows the caller by another name", name: "Cid", key: someKey('x'), claims: owned(someKey('x'), "mia"), standing: trust.Stranger, shown: "Cid (2)"},
		{what: "the same, while the directory gives the name to somebody else", name: "Cid", key: someKey('x'), claims: owned(someKey('c'), "Cid"), standing: trust.Stranger, shown: "Cid (2)"},
		{what: "a stranger", name: "dan", key: someKey('x'), standing: trust.Stranger, shown: "dan"},
		{what: "somebody who has called before", name: "d", key: someKey('d'), standing: trust.Known, person: "Dora", shown: "Dora"},
		{what: "somebody blocked", name: "eve", key: someKey('e'), standing: trust.Known, person: "Eve", shown: "Eve", blocked: true},
		{what: "somebody blocked under another name", name: "new friend", key: someKey('e'), standing: trust.Known, person: "Eve", shown: "Eve", blocked: true},
		{what: "somebody blocked under a contact's name", name: "Bob", key: someKey('e'), standing: trust.Known, person: "Eve", shown: "Eve", blocked: true},
		{what: "another of a blocked person's name", name: "Eve", key: someKey('x'), standing: trust.Stranger, shown: "Eve (2)"},
		{what: "a blocked name of which no identity is known", name: "mallory", key: someKey('x'), standing: trust.Stranger, shown: "mallory (2)", blocked: true},
		{what: "a contact under a blocked name", name: "mallory", key: someKey('b'), standing: trust.Known, person: "Bob", shown: "Bob"},
	} {
		j := p.judge(mesh.FarEnd{Name: c.name, Proved: true, Identity: asIdentity(c.key)}, c.claims)
		person := ""
		if j.person != nil {
			person = j.person.Name
		}
		if j.standing != c.standing || person != c.person || j.blocked != c.blocked {
			t.Errorf("%s: judged %s, %q, blocked %v; want %s, %q, %v", c.what, j.standing, person, j.blocked, c.standing, c.person, c.blocked)
		}
		if shown := p.Profile().CallerName(c.name, c.key); shown != c.shown {
			t.Errorf("%s: shown as %q, want %q", c.what, shown, c.shown)
		}
	}
}

func TestWhoMayRing(t *testing.T) {
	t.Parallel()
	p := village(t)
	someone := func(name string, key byte) mesh.FarEnd {
		return mesh.FarEnd{Name: name, Proved: true, Identity: asIdentity(someKey(key))}
	}
	old := func(name string) mesh.FarEnd { return mesh.FarEnd{Name: name, Proved: true, OldClient: true} }
	heard := func(name string) mesh.FarEnd { return mesh.FarEnd{Name: name} }
	const rings, allow = mesh.Reason(""), true
	for _, c := range []struct {
		what   string
		accept Accept
		old    bool
		who    mesh.FarEnd
		want   mesh.Reason
	}{
		{"a contact", AcceptContacts, false, someone("b", 'b'), rings},
		{"a contact's name", AcceptContacts, false, someone("bob", 'x'), mesh.Declined},
		{"a stranger", AcceptContacts, false, someone("dan", 'x'), mesh.Declined},
		{"a former caller", AcceptContacts, false, someone("dora", 'd'), mesh.Declined},
		{"somebody blocked", AcceptAnyone, false, someone("nice", 'e'), mesh.Blocked},
		{"a contact who is not verified", AcceptVerified, false, someone("bob", 'b'), mesh.Declined},
		{"a verified contact", AcceptVerified, false, someone("vera", 'v'), rings},
		{"a verified contact's name", AcceptVerified, false, someone("vera", 'x'), mesh.Declined},
		{"anyone", AcceptAnyone, false, someone("dan", 'x'), rings},
		{"anyone under a contact's name", AcceptAnyone, false, someone("bob", 'x'), rings},
		{"nobody", AcceptNone, false, someone("vera", 'v'), mesh.Declined},

		{"an old client", AcceptAnyone, false, old("dan"), mesh.TooOld},
		{"an old client, allowed", AcceptAnyone, allow, old("dan"), rings},
		{"an old client under a contact's name", AcceptContacts, allow, old("bob"), mesh.Declined},
		{"an old client under the name of a contact without identity", AcceptContacts, allow, old("cid"), rings},
		{"an old client, verified only", AcceptVerified, allow, old("vera"), mesh.Declined},
		{"an old client under a blocked name", AcceptAnyone, allow, old("eve"), mesh.Blocked},

		{"announced: a contact's name", AcceptContacts, false, heard("bob"), mesh.NeedsProof},
		{"announced: a stranger's name, who shall not learn our address", AcceptContacts, false, heard("dan"), mesh.Declined},
		{"announced: a contact's name, verified only", AcceptVerified, false, heard("bob"), mesh.Declined},
		{"announced: a verified contact's name", AcceptVerified, false, heard("vera"), mesh.NeedsProof},
		{"announced: anyone", AcceptAnyone, false, heard("dan"), mesh.NeedsProof},
		{"announced: maybe an old client", AcceptAnyone, allow, heard("dan"), rings},
		{"announced: a blocked name", AcceptAnyone, false, heard("eve"), mesh.Blocked},
		{"announced: nobody may ring", AcceptNone, false, heard("bob"), mesh.Declined},
	} {
		p.SetAccept(c.accept)
		p.SetOldClients(c.old)
		if got := (policy{phone: p}).Admit(c.who); got != c.want {
			t.Errorf("%s (%s): %q, want %q", c.what, c.accept, got, c.want)
		}
	}
}

func TestWhoMayAnswer(t *testing.T) {
	t.Parallel()
	p := village(t)
	bob, other, eve, none := asIdentity(someKey('b')), asIdentity(someKey('x')), asIdentity(someKey('e')), Identity{}
	const allow = true
	for _, c := range []struct {
		what   string
		whom   wanted
		signed Identity // the directory's record
		old    bool
		shows  Identity // zero: an old client
		want   mesh.Reason
	}{
		{"the contact", wanted{shown: "Bob", known: true, identity: someKey('b')}, bob, false, bob, ""},
		{"somebody else in place of the contact", wanted{shown: "Bob", known: true, identity: someKey('b')}, none, false, other, mesh.IdentityChanged},
		{"somebody of whom nothing is known", wanted{shown: "Zoe"}, none, false, other, ""},
		{"whom the directory names", wanted{shown: "Zoe"}, other, false, other, ""},
		{"another than whom the directory names", wanted{shown: "Zoe"}, other, false, bob, mesh.IdentityChanged},
		{"another than whom the link names", wanted{shown: "Zoe", linked: true, identity: someKey('z')}, none, false, other, mesh.IdentityChanged},
		{"a contact, in place of another of whom no identity is known", wanted{shown: "Cid", known: true}, none, false, bob, mesh.IdentityChanged},
		{"a contact under a name that is not on the list", wanted{shown: "Robert"}, none, false, bob, ""},
		{"somebody blocked under a name that is not on the list", wanted{shown: "Zoe"}, none, false, eve, mesh.IdentityChanged},
		{"an old client", wanted{shown: "Zoe"}, none, false, none, mesh.TooOld},
		{"an old client, allowed", wanted{shown: "Zoe"}, none, allow, none, ""},
		{"an old client in place of the contact", wanted{shown: "Bob", known: true, identity: someKey('b')}, none, allow, none, mesh.IdentityChanged},
		{"another identity, once", wanted{shown: "Bob", known: true, once: true, identity: someKey('x')}, none, false, other, ""},
		{"the remembered identity in a call for once", wanted{shown: "Bob", known: true, once: true, identity: someKey('x')}, none, false, bob, ""},
		{"a third identity in a call for once", wanted{shown: "Bob", known: true, once: true, identity: someKey('x')}, none, false, asIdentity(someKey('y')), mesh.IdentityChanged},
		{"no identity, once", wanted{shown: "Bob", known: true, once: true}, none, false, none, ""},
		{"another identity in a call for once to somebody without", wanted{shown: "Bob", known: true, once: true}, none, false, other, mesh.IdentityChanged},
		{"an old client in a call for once to an identity, nobody being remembered", wanted{shown: "Zoe", once: true, identity: someKey('x')}, none, allow, none, mesh.IdentityChanged},
		{"the same, of whom no identity is remembered", wanted{shown: "Cid", known: true, once: true, identity: someKey('x')}, none, false, none, mesh.IdentityChanged},
	} {
		p.SetOldClients(c.old)
		r := &reach{wanted: c.whom, resolved: resolved{target: mesh.Target{PeerID: [32]byte{1}}}}
		if c.signed != none {
			r.resolved.identity = c.signed[:]
		}
		p.calling.add(r)
		far := mesh.FarEnd{Name: c.whom.shown, PeerID: [32]byte{1}, Proved: true, Called: true, Identity: c.shows, OldClient: c.shows == none}
		if got := (policy{phone: p}).Admit(far); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
		far.Called = false // the same, who calls us at the same moment
		if got := (policy{phone: p}).Admit(far); got != c.want {
			t.Errorf("%s, crossing: %q, want %q", c.what, got, c.want)
		}
		if other, ok := r.otherIdentity(); ok != (c.want == mesh.IdentityChanged) || ok && (other.Shown != c.shows || other.Name != c.whom.shown) {
			t.Errorf("%s: told is %+v, %v", c.what, other, ok)
		}
		p.calling.remove(r)
	}
}

func TestWhoAnswersOurSignalsAndProvesNothing(t *testing.T) {
	t.Parallel()
	p := village(t)
	for _, c := range []struct {
		what   string
		whom   wanted
		signed ed25519.PublicKey // in the directory's record
		want   mesh.Reason
	}{
		{"the contact", wanted{shown: "Bob", known: true, identity: someKey('b')}, nil, mesh.IdentityChanged},
		{"whom the directory names", wanted{shown: "Zoe"}, someKey('z'), mesh.IdentityChanged},
		{"somebody of whom nothing is known", wanted{shown: "Zoe"}, nil, mesh.NeedsProof},
		{"a contact of whom no identity is known", wanted{shown: "Cid", known: true}, nil, mesh.NeedsProof},
		{"an identity, once", wanted{shown: "Bob", known: true, once: true, identity: someKey('x')}, nil, mesh.IdentityChanged},
		{"no identity, once", wanted{shown: "Bob", known: true, once: true}, nil, mesh.NeedsProof},
	} {
		r := &reach{wanted: c.whom, resolved: resolved{target: mesh.Target{PeerID: [32]byte{1}}, identity: c.signed}}
		p.calling.add(r)
		far := mesh.FarEnd{Name: c.whom.shown, PeerID: [32]byte{1}, Called: true}
		if got := (policy{phone: p}).Admit(far); got != mesh.NeedsProof {
			t.Errorf("%s, while there is no session: %q", c.what, got)
		}
		if _, told := r.otherIdentity(); told {
			t.Errorf("%s: the user is warned before anybody has answered", c.what)
		}
		far.Proved = true
		if got := (policy{phone: p}).Admit(far); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
		if other, ok := r.otherIdentity(); ok != (c.want == mesh.IdentityChanged) || other.Shown != (Identity{}) {
			t.Errorf("%s: told is %+v, %v", c.what, other, ok)
		}
		p.calling.remove(r)
	}
}

// A caller is announced by name and peer ID. The directory's record may say whose the peer ID is.
func TestWhoIsAnnouncedByTheirRecord(t *testing.T) {
	t.Parallel()
	p := village(t)
	for i, c := range []struct {
		what     string
		accept   Accept
		identity ed25519.PublicKey
		want     mesh.Reason
	}{
		{"a contact under another name", AcceptContacts, someKey('b'), mesh.NeedsProof},
		{"a former caller who is no contact", AcceptContacts, someKey('d'), mesh.Declined},
		{"a contact who is blocked", AcceptContacts, someKey('e'), mesh.Declined},
		{"a stranger", AcceptContacts, someKey('x'), mesh.Declined},
		{"a contact who is not verified", AcceptVerified, someKey('b'), mesh.Declined},
		{"a verified contact", AcceptVerified, someKey('v'), mesh.NeedsProof},
		{"a verified contact, where nobody may ring", AcceptNone, someKey('v'), mesh.Declined},
	} {
		id := flash.PeerID{9, byte(i)}
		record := idmanager.Record{Name: "somebody", PeerID: id.String(), Identity: c.identity}
		p.presence.mu.Lock()
		p.presence.people[c.what] = idmanager.Person{Name: "somebody", Identity: c.identity, Ways: []idmanager.Way{{Where: "example.org", Record: record}}}
		p.presence.mu.Unlock()
		p.SetAccept(c.accept)
		if got := (policy{phone: p}).Admit(mesh.FarEnd{Name: "somebody", PeerID: id}); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
