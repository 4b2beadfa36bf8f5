package room

import "sundog.dev/sundog/rtmfp/flashcrypto"

// FarPeer is somebody who wants to be connected with us, as far as is known.
type FarPeer struct {
	Identity  Identity // zero: not proved
	OldClient bool     // cannot prove anything
	Named     bool     // an old client that calls itself as a contact of whom no identity is known, and the user allows such programs
	Blocked   bool     // by identity or by name
	Contact   bool     // a contact, by the identity that is remembered
	Verified  bool     // whose short string the user has compared
	Changed   bool     // a contact's name with another identity
	Member    bool     // of the call that is going on
}

// Decision is what becomes of a far peer.
type Decision int

// The decisions.
const (
	Refuse Decision = iota // with no word of why
	Ask                    // the user
	Allow
)

// String is the decision in a word.
func (d Decision) String() string {
	if d < Refuse || d > Allow {
		return "refuse"
	}
	return [...]string{"refuse", "ask", "allow"}[d]
}

// PeerPolicy decides about peer connections, as Flash's onPeerConnect did. It must not block.
type PeerPolicy interface {
	OnPeerConnect(FarPeer) Decision
}

// PolicyFunc is a function as a PeerPolicy.
type PolicyFunc func(FarPeer) Decision

// OnPeerConnect calls the function.
func (f PolicyFunc) OnPeerConnect(p FarPeer) Decision { return f(p) }

// The built-in policies. Each refuses whoever is blocked, before anything else, and asks about a changed identity at best.
var (
	// Anyone takes whoever is not blocked.
	Anyone = first(func(FarPeer) Decision { return Allow })
	// AskFirst takes contacts, and members of this call, and asks the user about others.
	AskFirst = first(func(p FarPeer) Decision { return either(p.Contact || p.Named || p.Member, Allow, Ask) })
	// ContactsOnly takes contacts only.
	ContactsOnly = first(func(p FarPeer) Decision { return either(p.Contact || p.Named, Allow, Refuse) })
	// VerifiedOnly takes contacts whose short string the user has compared.
	VerifiedOnly = first(func(p FarPeer) Decision { return either(p.Contact && p.Verified, Allow, Refuse) })
	// MembersOnly takes members of this call: the others of a conference, whom its members have let in.
	MembersOnly = first(func(p FarPeer) Decision { return either(p.Member, Allow, Refuse) })
	// Nobody takes nobody.
	Nobody = first(func(FarPeer) Decision { return Refuse })
)

// AnyOf takes whoever one of the policies takes: members of this call and contacts, say. The block list comes first all the same.
func AnyOf(policies ...PeerPolicy) PeerPolicy {
	return first(func(p FarPeer) Decision {
		best := Refuse
		for _, policy := range policies {
			best = max(best, policy.OnPeerConnect(p))
		}
		return best
	})
}

// first puts the block list and changed identities before a policy. A member of the call has proved who he is to whoever let him
// in, and it is for the call to say that he is another than the contact of that name: he is not kept out.
func first(f PolicyFunc) PeerPolicy {
	return PolicyFunc(func(p FarPeer) Decision {
		if p.Blocked {
			return Refuse
		}
		proved := p.Identity != Identity{} && !p.OldClient
		p.Contact, p.Verified, p.Member = p.Contact && proved, p.Verified && proved, p.Member && proved
		p.Named = p.Named && p.OldClient
		d := f(p)
		if p.Changed && !p.Member {
			d = min(d, Ask)
		}
		return d
	})
}

func either(condition bool, yes, no Decision) Decision {
	if condition {
		return yes
	}
	return no
}

// PeerLimit is maxPeerConnections with Flash's meaning: far peers, those who came and those whom we called together, each once however
// many sessions or streams he has.
type PeerLimit struct {
	limit int
	peers map[flashcrypto.Fingerprint]int
}

// NewPeerLimit allows so many far peers.
func NewPeerLimit(limit int) *PeerLimit {
	return &PeerLimit{limit: limit, peers: make(map[flashcrypto.Fingerprint]int)}
}

// Set changes the limit. Whoever is connected stays, though there may now be more than allowed.
func (l *PeerLimit) Set(limit int) { l.limit = limit }

// Len is how many far peers are connected.
func (l *PeerLimit) Len() int { return len(l.peers) }

// Add counts a session, inbound or outbound, and reports whether there is room for it: false is Full.
func (l *PeerLimit) Add(peer flashcrypto.Fingerprint) bool {
	if l.peers[peer] == 0 && len(l.peers) >= l.limit {
		return false
	}
	l.peers[peer]++
	return true
}

// Done takes back an Add that was true.
func (l *PeerLimit) Done(peer flashcrypto.Fingerprint) {
	if l.peers[peer] > 1 {
		l.peers[peer]--
	} else {
		delete(l.peers, peer)
	}
}
