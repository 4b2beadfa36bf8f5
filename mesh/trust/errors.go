package trust

type trustError string

func (e trustError) Error() string { return string(e) }

// Refusals of a session, before anything is signed for it or read from it.
const (
	ErrSession      = trustError("trust: the session lacks a certificate or a nonce")
	ErrOwnSession   = trustError("trust: the far certificate holds one of our own public keys")
	ErrEqualNonces  = trustError("trust: both nonces are equal")
	ErrNotCommitted = trustError("trust: the peer ID does not commit to the session's keys")
	ErrIdentityKey  = trustError("trust: the identity key is not an Ed25519 key, or cannot sign")
)

// Refusals of a message.
const (
	ErrMessage     = trustError("trust: malformed message")
	ErrVersion     = trustError("trust: a version that we do not speak")
	ErrRole        = trustError("trust: the proof is for the other end of the session")
	ErrOwnIdentity = trustError("trust: our own identity key, signed by somebody else or sent back")
	ErrWeakKey     = trustError("trust: an identity key of small order, or not encoded as the standard says")
	ErrSignature   = trustError("trust: the signature is wrong")
	ErrRoster      = trustError("trust: the roster has too many members, one twice, or not ourselves")
	ErrEpoch       = trustError("trust: a message of another room, another roster, or from nobody in this one")
	ErrStale       = trustError("trust: a message of an attempt that is over")
	ErrAttempt     = trustError("trust: an attempt beyond all that there may be")
	ErrAttemptOver = trustError("trust: the attempt has failed")
)
