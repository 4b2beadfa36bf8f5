package trust

import "time"

// What is signed and hashed begins with one of these, so that nothing made for one purpose can serve another. They end in a
// zero byte and no one is the beginning of another. The number is the version.
const (
	proofContext       = "sundog session proof 1\x00"
	commitContext      = "sundog short string commitment 1\x00" // hashed
	commitSignContext  = "sundog signed commitment 1\x00"
	revealSignContext  = "sundog signed reveal 1\x00"
	shortStringContext = "sundog short string 1\x00"
)

// version is the second byte of every message.
const version = 1

const (
	// MaxMembers of a room: a peer has eight connections at most.
	MaxMembers = 9

	// AutomaticAttempts may be made for one roster without the user. Whoever sits in between sees before anybody else whether
	// the strings will match and can break the attempt off: each attempt is one more guess, at 2⁻³³.
	AutomaticAttempts = 3

	// maxAutomatic attempts are begun without the user altogether, whatever happens to the roster: somebody in between could
	// have people of his own come and go for ever. A room that fills from two to nine needs 24 at most. 32 guesses are 2⁻²⁸.
	maxAutomatic = 32

	// maxFormerRosters are remembered with their attempts: as many as the room may have without the user, and it is some 20 KB.
	maxFormerRosters = maxAutomatic

	// maxAttempt is the last attempt for one roster. A member who names a high one can spoil the room's string for good, as he
	// can by silence; the number is bounded so that it never wraps around.
	maxAttempt = 1000

	// commitWait is how long all commitments may take. Rosters reach members within a round trip or two; a link that has to
	// be dialled takes longer.
	commitWait = 10 * time.Second

	// revealWait is how long all reveals may take once all commitments are there: one round trip, or two by way of a member.
	revealWait = 5 * time.Second

	// maxEarly messages are kept from each sender for a roster that has not reached us: a commitment and a reveal of each member.
	maxEarly = 2 * MaxMembers

	// maxEarlySenders bounds the memory for those: senders have proved an identity, but anybody has as many as he likes.
	maxEarlySenders = MaxMembers
)
