package flashcrypto

// Group is a Diffie-Hellman group by its IKEv2 number.
type Group uint16

// The groups that we speak.
const (
	Group31 Group = 31 // Curve25519
	Group14 Group = 14 // 2048-bit MODP
)

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
	// included, which is ErrReflection.
	shared(far []byte) ([]byte, error)
}

// algorithms holds the groups that we speak.
var algorithms = map[Group]algorithm{
	Group31: curve25519{},
	Group14: modp2048{},
}

// defaultGroups is our order of preference.
var defaultGroups = []Group{Group31, Group14}
