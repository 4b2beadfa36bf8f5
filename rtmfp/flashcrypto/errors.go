package flashcrypto

type cryptoError string

func (e cryptoError) Error() string { return string(e) }

// Errors that callers may act on (errors.Is). All of them mean that the far end is refused.
const (
	ErrCertificate = cryptoError("flashcrypto: malformed certificate")
	ErrComponent   = cryptoError("flashcrypto: malformed keying component")
	ErrPublicKey   = cryptoError("flashcrypto: unacceptable public key")
	ErrNoGroup     = cryptoError("flashcrypto: no common key agreement group")
	ErrReflection  = cryptoError("flashcrypto: the far end shows what is ours")
	ErrUnprotected = cryptoError("flashcrypto: the far end lacks HMAC or session sequence numbers")
	// ErrOldClient is the error for a far end that only Options.OldClients would admit: it has nothing but weak groups
	// (then ErrNoGroup, too), or lacks HMAC or session sequence numbers (then ErrUnprotected, too).
	ErrOldClient   = cryptoError("flashcrypto: the far end is an old client")
	ErrOptions     = cryptoError("flashcrypto: options that exclude each other")
	ErrFingerprint = cryptoError("flashcrypto: a peer ID has 64 hex digits")
	ErrPacket      = cryptoError("flashcrypto: forged, damaged or short packet")
	ErrReplay      = cryptoError("flashcrypto: packet seen before, or too late to tell")
)
