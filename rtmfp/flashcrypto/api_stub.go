package flashcrypto


import "sundog.dev/sundog/rtmfp"

// Fingerprint is the SHA-256 of a certificate's canonical part: a peer ID (RFC 7425 §4.3.2).
type Fingerprint [32]byte

// String is the peer ID's usual form: 64 lower-case hex digits.
func (f Fingerprint) String() string { panic("stub") }

// ParseFingerprint reads 64 hex digits of either case.
func ParseFingerprint(s string) (Fingerprint, error) { panic("stub") }

// EPD is the discriminator that selects exactly this peer: 21 0f + fingerprint (RFC 7425 §4.4.2.3).
func (f Fingerprint) EPD() []byte { panic("stub") }

// AncillaryEPD is the discriminator of a server URI (RFC 7425 §4.4.2.2).
func AncillaryEPD(uri string) []byte { panic("stub") }

// Group is a Diffie-Hellman group by its IKEv2 number.
type Group uint16

// The groups that we speak.
const (
	Group31 Group = 31 // Curve25519
	Group14 Group = 14 // 2048-bit MODP
)

// Options are the choices for a Profile.
type Options struct {
	// Server makes a certificate that ancillary EPDs select, with ephemeral keys
	// (RFC 7425 §4.3.3.3); otherwise it is a peer's, with static keys.
	Server bool
	// Groups in order of preference; nil: 31, 14.
	Groups []Group
	// Relaxed accepts far ends without HMAC or session sequence numbers; both are required otherwise
	// (a service that serves other programs too sets it).
	Relaxed bool
}

// Profile is one identity; it implements rtmfp.CryptoProfile.
type Profile struct{}

var _ rtmfp.CryptoProfile = (*Profile)(nil)

// NewProfile makes an identity with fresh keys, which are never stored.
func NewProfile(opt Options) (*Profile, error) { panic("stub") }

// Fingerprint is our own peer ID.
func (p *Profile) Fingerprint() Fingerprint { panic("stub") }

func (p *Profile) DefaultCipher() rtmfp.PacketCipher                             { panic("stub") }
func (p *Profile) Certificate() []byte                                           { panic("stub") }
func (p *Profile) SelectedBy(epd []byte) bool                                    { panic("stub") }
func (p *Profile) ParseCertificate(b []byte) (rtmfp.Certificate, error)          { panic("stub") }
func (p *Profile) Initiate(far rtmfp.Certificate) (rtmfp.InitiatorKeying, error) { panic("stub") }
func (p *Profile) Respond(far rtmfp.Certificate, skic []byte) ([]byte, rtmfp.SessionKeys, error) {
	panic("stub")
}
func (p *Profile) Sign(parameters []byte) []byte                                   { panic("stub") }
func (p *Profile) Verify(far rtmfp.Certificate, parameters, signature []byte) bool { panic("stub") }
