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
	// MaxMembers of a room that compares. An attempt of sixteen costs each 30 messages to send and to read, and as many signatures to
	// check, 2 ms; where nobody knows who hears whom, everybody passes on everything, and it is 450 messages, 190 kB. At 32 that
	// would be four times as much, too much for a slow uplink.
	MaxMembers = 16

	// AutomaticAttempts that fail, or are begun anew, after we have revealed may be made for one roster without the user. Whoever sits
	// in between sees before anybody else whether the strings will match and can break the attempt off: each is one more guess, at
	// 2⁻³³. An attempt in which r did not leave gives him none; as many of those are made in a row, and then one waits for a member
	// who was missing.
	AutomaticAttempts = 3

	// maxAutomatic attempts with a reveal are made without the user altogether, whatever happens to the roster: somebody in between
	// could have people of his own come and go for ever. A room that fills from two to sixteen needs 15. 32 guesses are 2⁻²⁸.
	maxAutomatic = 32

	// maxFormerRosters are remembered with their attempts, each in 50 bytes: people may come and go as long as a call lasts.
	maxFormerRosters = 256

	// maxAttempt is the last attempt for one roster. A member who names a high one can spoil the room's string for good, as he
	// can by silence; the number is bounded so that it never wraps around.
	maxAttempt = 1000

	// maxLeap is how many attempts ahead of ours another member may be for us to join his without the user: he may have made some by
	// himself whenever somebody came back. Who names a high one would use up the numbers.
	maxLeap = 16

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
