package rtmfp

// CryptoProfile is the Cryptography Profile that RFC 7016 §1 leaves open: one
// identity with its certificate, key agreement and packet protection.
// flashcrypto.Profile implements it after RFC 7425 §4. Methods are called from
// several goroutines.
type CryptoProfile interface {
	// DefaultCipher protects startup packets (the Default Session Key, RFC 7016 §2.2.3).
	// Each call returns a fresh cipher for the use of one goroutine.
	DefaultCipher() PacketCipher

	// Certificate is our own encoded certificate. Not to be modified.
	Certificate() []byte

	// SelectedBy reports whether an Endpoint Discriminator chooses our identity (RFC 7016 §3.2).
	SelectedBy(epd []byte) bool

	// ParseCertificate decodes and checks a far certificate. The result does not alias b.
	ParseCertificate(b []byte) (Certificate, error)

	// Initiate begins a key agreement towards far: it draws our
	// Session Key Initiator Component (RFC 7016 §3.5.1.1.1).
	Initiate(far Certificate) (InitiatorKeying, error)

	// Respond answers an initiator's component with our Session Key Responder
	// Component and the keys of the session (RFC 7016 §3.5.1.1.2).
	Respond(far Certificate, skic []byte) (skrc []byte, keys SessionKeys, err error)

	// Sign signs what an IIKeying or RIKeying chunk carries before its
	// signature; Verify checks a far end's signature over the same.
	Sign(parameters []byte) []byte
	Verify(far Certificate, parameters, signature []byte) bool

	// OldClients reports that the identity is there for programs of the Flash age. Its endpoint then keeps to what
	// they understand, and resolves glare as some of them do (see flashcrypto.Options).
	OldClients() bool
}

// Certificate is a far end's decoded certificate.
type Certificate interface {
	// Bytes is the certificate as it came.
	Bytes() []byte
	// CanonicalEPD is the discriminator that selects just this identity (RFC 7016 §3.2);
	// sessions are looked up by it.
	CanonicalEPD() []byte
	// SelectedBy reports whether epd selects this certificate's identity.
	SelectedBy(epd []byte) bool
	// Fingerprint is the SHA-256 of the certificate's canonical part (RFC 7425 §4.3.2): the peer ID.
	Fingerprint() [32]byte
	// ProvesIdentity reports whether a session with the certificate's owner proves that it is the owner. If not,
	// anybody may show the same certificate (RFC 7425 §4.3.4): a session that such a far end opens is never taken
	// for one that somebody here has asked for.
	ProvesIdentity() bool
}

// InitiatorKeying is a key agreement that the near end has begun.
type InitiatorKeying interface {
	// Component is our Session Key Initiator Component.
	Component() []byte
	// Complete derives the session's keys from the responder's component.
	Complete(skrc []byte) (SessionKeys, error)
}

// SessionKeys is the outcome of a key agreement.
type SessionKeys struct {
	// Seal protects what the near end sends, Open reads what the far end sends.
	// They keep sequence state and are used by one goroutine at a time each.
	Seal, Open PacketCipher
	// NearNonce and FarNonce are 32 bytes each; the far end has them the other
	// way round (RFC 7425 §4.6.5).
	NearNonce, FarNonce []byte
	// Protection describes Seal and Open for the event log; nil if the profile does not tell.
	Protection *Protection
	// Feedback says that both ends have announced, under the protection of the keys, that they report to each other
	// when packets arrive. Seal and Open are SequencedCiphers then.
	Feedback bool
}

// PacketCipher protects whole packets behind the scrambled session ID.
type PacketCipher interface {
	// Seal appends the protected form of plain (header, chunks) to dst. It pads
	// with 0xff as the cipher needs, and adds sequence number, checksum or HMAC
	// as negotiated. dst and plain must not overlap.
	Seal(dst, plain []byte) []byte
	// Open checks and decrypts packet and appends the plain packet (header,
	// chunks, padding) to dst. A forged, damaged, replayed or short packet is
	// an error.
	Open(dst, packet []byte) ([]byte, error)
	// Overhead is the most that Seal adds to a plain packet, in bytes.
	Overhead() int
}

// SequencedCipher is a PacketCipher whose packets carry session sequence numbers (RFC 7425 §4.7.3.3).
type SequencedCipher interface {
	PacketCipher
	// Sequence is the number of the packet that was last sealed or opened.
	Sequence() uint64
}
