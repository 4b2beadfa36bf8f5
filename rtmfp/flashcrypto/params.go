package flashcrypto

// What RFC 7425 §4 and the wire fix.
const (
	// defaultKey protects startup packets (§4.1). It is public: it only keeps middle boxes from meddling.
	defaultKey = "Adobe Systems 02"

	blockSize      = 16 // AES
	aesKeySize     = 16 // AES-128, the only cipher of the profile (§4.7.1)
	checksumSize   = 2  // the simple checksum (§4.7.3.1)
	minHMACLength  = 4  // §4.5.2.4
	maxHMACLength  = 32 // §4.5.2.4
	paddingByte    = 0xff
	fingerprintLen = 32
)

// What we chose.
const (
	// sendHMACLength is the length of the HMACs that we send: half of SHA-256's, beyond the reach of any forger who
	// must try each guess on line.
	sendHMACLength = 16

	// oldHMACLength is the length that Flash announces.
	oldHMACLength = 10

	// minRequiredHMACLength is the shortest HMAC that a profile which requires them takes from a far end. Ten bytes is
	// what Flash offers; with the protocol's minimum of four, a forger at 10,000 packets a second would get one through
	// within five days.
	minRequiredHMACLength = 10

	// randomnessLen is the length of the extra randomness in keying components and ephemeral certificates: one input
	// block of SHA-256, the most that RFC 7425 §4.5.2.2 advises.
	randomnessLen = 64

	// minFarRandomness is the least extra randomness that a component without an ephemeral key must bring
	// (RFC 7425 §4.5.2.2): without a salt two sessions between the same static keys would share keys.
	minFarRandomness = 16

	// maxCertificateLen bounds far certificates. The largest known, with groups 16, 14 and 2, has 910 bytes; each
	// one is held by a session.
	maxCertificateLen = 4096

	// maxComponentLen bounds far keying components; the largest known, with a group 16 key, has 600 bytes.
	maxComponentLen = 4096

	// maxOptions bounds the options in a certificate, component or discriminator, so that a packet of two-byte options
	// costs no more than a sound one.
	maxOptions = 64

	// replayWindow is how far, in packets, a packet may come behind the newest. RFC 7425 §4.7.3.3 demands 32; batched
	// receive paths and multi-path reordering want more. A multiple of 64.
	replayWindow = 1024

	// sequenceOverhead is the room that Overhead counts for the session sequence number: five bytes last for 2^35
	// packets, some 40 TB. (Beyond, a packet may be a block longer than announced.)
	sequenceOverhead = 5
)

// Option types of certificates (RFC 7425 §4.3.3).
const (
	certHostname       = 0x00
	certAncillary      = 0x0a
	certRandomness     = 0x0e
	certEphemeralGroup = 0x15
	certStaticKey      = 0x1d
)

// Option types of endpoint discriminators (RFC 7425 §4.4.2).
const (
	epdHostname    = 0x00
	epdAncillary   = 0x0a
	epdFingerprint = 0x0f
)

// Option types of session keying components (RFC 7425 §4.5.2).
const (
	keyEphemeral   = 0x0d
	keyRandomness  = 0x0e
	keyHMAC        = 0x1a
	keyGroupSelect = 0x1d
	keySequence    = 0x1e

	// keyFeedback is our own: its sender reads and sends reports about packets' arrival. Others ignore it, as they must.
	keyFeedback = 0x4fb
)

// signPassword is the option type of a password signature (RFC 7425 §4.3.5.1).
const signPassword = 0x1d
