package flashcrypto

// Group is a Diffie-Hellman group by its IKEv2 number.
type Group uint16

// The groups that we speak; the last two with Options.OldClients only: 1024 bits can be broken by those who have the
// means, and nobody who has a choice needs 1536.
const (
	Group31 Group = 31 // Curve25519
	Group14 Group = 14 // 2048-bit MODP
	Group5  Group = 5  // 1536-bit MODP
	Group2  Group = 2  // 1024-bit MODP
)

// weak reports whether the group is for old clients only.
func (g Group) weak() bool { return g == Group5 || g == Group2 }

// algorithm is key agreement in one group.
type algorithm interface {
	// generate draws a key pair.
	generate() (privateKey, error)
	// check says whether a far end's public key is acceptable (RFC 7425 §4.6.2 for MODP groups).
	check(public []byte) error
}

// privateKey is the near end's key pair in a group. Its methods may be called from several goroutines.
type privateKey interface {
	// public is the public key in wire form.
	public() []byte
	// shared is DH_SECRET (RFC 7425 §4.6.2). It checks the far end's public key first, our own (in any of its forms)
	// included, which is ErrReflection; unless the far end has not seen our public key before it sent its own, and so
	// cannot have copied it.
	shared(far []byte, seen bool) ([]byte, error)
}

// algorithms holds the groups that we speak.
var algorithms = map[Group]algorithm{
	Group31: curve25519{},
	Group14: newMODP(Group14, modp2048, modp2048ExponentLen),
	Group5:  newMODP(Group5, modp1536, modp1536ExponentLen),
	Group2:  newMODP(Group2, modp1024, modp1024ExponentLen),
}

// Groups of identities, in order of preference. Peers of the Flash age read a certificate's first option as a group 2
// key, whatever it says.
var (
	defaultGroups   = []Group{Group31, Group14}
	oldServerGroups = []Group{Group14, Group5, Group2}
	oldPeerGroups   = []Group{Group2}
)
