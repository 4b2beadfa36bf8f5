package room

import (
	"time"

	"sundog.dev/sundog/mesh/trust"
)

// What is signed begins with one of these, so that nothing made for one purpose can serve another. They end in a zero byte and no
// one is the beginning of another. The number is the version.
const (
	roomContext       = "sundog room 1\x00" // hashed
	invitationContext = "sundog room invitation 1\x00"
	acceptanceContext = "sundog room acceptance 1\x00"
	entryContext      = "sundog room entry 1\x00"
	cardContext       = "sundog room card 1\x00"
	removalContext    = "sundog room removal 1\x00"
	lapseContext      = "sundog room lapse 1\x00"
)

// version is the second byte of every document.
const version = 1

// Bounds of documents and messages.
const (
	// MaxMembers is the largest capacity of a room: no more can compare one short string, and a room that cannot be verified is none.
	// Nine is what maxPeerConnections allows at first. Each member costs each other one a link, a row of the matrix and a share of
	// the uplink.
	MaxMembers = trust.MaxMembers

	// MaxName bounds a member's name, in bytes: 64 runes of most scripts.
	MaxName = 192
	// MaxAddresses bounds where a member says that he can be reached: a home has two or three, a phone with VPNs six.
	// Each makes others send a packet there, so a member could aim them at somebody.
	MaxAddresses = 8
	// MaxRendezvous bounds the address of a member's service, in bytes.
	MaxRendezvous = 255
	// maxCardExtra bounds what later versions may add to a card, in bytes.
	maxCardExtra = 256

	// MaxInvitationLife is how long an invitation may be good for: the room's memory of those who left lasts as long.
	MaxInvitationLife = 7 * 24 * time.Hour
	// MaxUses bounds how many people one invitation may let in.
	MaxUses = 64
	// maxChain bounds the steps from an inviter back to the opener that an invitation shows.
	maxChain = 8

	// maxStay and maxPlace keep sums of them from wrapping around; nobody gets there by counting.
	maxStay  = 1 << 31
	maxPlace = 1 << 62

	// MaxMessage is the largest message in bytes; records are spread over as many as they need.
	MaxMessage = 16 << 10
	// maxRecord is the largest record in bytes: a card, two entries, two removals, a lapse.
	maxRecord = 6 << 10

	// MaxRecords bounds the people that a room remembers, those included who have left: enough for a day of coming and
	// going, and 1.5 MB at the very most. Beyond it nobody is let in, and of what others send the most dispensable is dropped.
	MaxRecords = 256
)

// Times.
const (
	// TickEvery is how often Tick is to be called, more or less.
	TickEvery = time.Second
	// digestEvery is how often members compare what they hold: what was lost on a link that broke is made good within that time
	// and a round trip.
	digestEvery = 2 * time.Second
	// summaryEvery limits how often the same two states are compared in detail: once helps, or never.
	summaryEvery = 10 * time.Second
	// joinAgain is how often a newcomer asks again.
	joinAgain = 2 * time.Second
	// evidenceEvery limits what people who are no members get to hear from us.
	evidenceEvery = time.Second

	// lapseAfter is how long a member may be unheard by everybody until it is written off. A link is given up after 30 s of
	// silence; somebody whose program has crashed needs a moment to come back, and finds the seat kept.
	lapseAfter = 60 * time.Second
	// lapseStep is the wait for those before us in the room to write it down first.
	lapseStep = 4 * time.Second
	// lapseAlone is lapseAfter for somebody who hears nobody at all: it is probably he who has no network, and whatever he
	// writes off then, the others would have to set right.
	lapseAlone = 5 * time.Minute
	// refuteEvery limits how often we say that we are still there: a member may lie about it as often as he likes.
	refuteEvery = time.Second
	// overGrace is how long a member may be one too many until it goes: somebody's leave may be on its way.
	overGrace = 3 * time.Second

	// expirySlack is for clocks that differ: so long after its expiry an invitation is still remembered, but not taken.
	expirySlack = time.Hour

	// joinsBurst and joinEvery bound newcomers whom one member lets in: people arrive together at the full hour, robots do not stop.
	joinsBurst = 16
	joinEvery  = 2 * time.Second
)
