package room

import (
	"testing"

	"sundog.dev/sundog/rtmfp/flashcrypto"
)

func TestPoliciesDecide(t *testing.T) {
	who := testIdentity(1)
	stranger := FarPeer{Identity: who}
	contact := FarPeer{Identity: who, Contact: true}
	verified := FarPeer{Identity: who, Contact: true, Verified: true}
	member := FarPeer{Identity: who, Member: true}
	changed := FarPeer{Identity: who, Changed: true}
	old := FarPeer{OldClient: true, Contact: true, Member: true, Verified: true} // by its name only
	named := FarPeer{OldClient: true, Named: true}
	pretends := FarPeer{Identity: who, Named: true} // is no old client
	policies := []struct {
		name   string
		policy PeerPolicy
	}{
		{"anyone", Anyone},
		{"ask first", AskFirst},
		{"contacts only", ContactsOnly},
		{"verified only", VerifiedOnly},
		{"members only", MembersOnly},
		{"members or contacts", AnyOf(MembersOnly, ContactsOnly)},
		{"nobody", Nobody},
	}
	for _, c := range []struct {
		name string
		peer FarPeer
		want [7]Decision
	}{
		{"a stranger", stranger, [7]Decision{Allow, Ask, Refuse, Refuse, Refuse, Refuse, Refuse}},
		{"a contact", contact, [7]Decision{Allow, Allow, Allow, Refuse, Refuse, Allow, Refuse}},
		{"a verified contact", verified, [7]Decision{Allow, Allow, Allow, Allow, Refuse, Allow, Refuse}},
		{"a member of this call", member, [7]Decision{Allow, Allow, Refuse, Refuse, Allow, Allow, Refuse}},
		{"a contact's name with another key", changed, [7]Decision{Ask, Ask, Refuse, Refuse, Refuse, Refuse, Refuse}},
		{"an old client under a contact's name", old, [7]Decision{Allow, Ask, Refuse, Refuse, Refuse, Refuse, Refuse}},
		{"an old client that the user allows to be that contact", named, [7]Decision{Allow, Allow, Allow, Refuse, Refuse, Allow, Refuse}},
		{"a new one under the name of such a contact", pretends, [7]Decision{Allow, Ask, Refuse, Refuse, Refuse, Refuse, Refuse}},
	} {
		for i, p := range policies {
			if got := p.policy.OnPeerConnect(c.peer); got != c.want[i] {
				t.Errorf("%s: %s: %s, want %s", p.name, c.name, got, c.want[i])
			}
			blocked := c.peer
			blocked.Blocked = true
			if got := p.policy.OnPeerConnect(blocked); got != Refuse {
				t.Errorf("%s: %s, blocked: %s", p.name, c.name, got)
			}
		}
	}
}

func TestMaxPeerConnectionsCountsFarPeers(t *testing.T) {
	a, b, c := flashcrypto.Fingerprint{1}, flashcrypto.Fingerprint{2}, flashcrypto.Fingerprint{3}
	l := NewPeerLimit(2)
	if !l.Add(a) || !l.Add(b) || l.Add(c) {
		t.Error("not two")
	}
	if !l.Add(a) || l.Len() != 2 {
		t.Error("a second session of one peer counts")
	}
	l.Set(1)
	if l.Len() != 2 || !l.Add(b) {
		t.Error("lowering hits who is there")
	}
	l.Done(a)
	l.Done(b)
	if l.Len() != 2 || l.Add(c) {
		t.Error("a peer has gone with one of two sessions")
	}
	l.Done(a)
	l.Done(b)
	l.Done(b)
	if l.Len() != 0 || !l.Add(c) || l.Add(a) {
		t.Error("not one, after lowering")
	}
}
