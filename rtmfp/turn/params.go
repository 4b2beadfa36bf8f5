package turn

import "time"

// What the protocol says.
const (
	// defaultPort is that of TURN over UDP and TCP (RFC 8656 §20).
	defaultPort = "3478"

	// allocationLifetime is asked for, permissionLifetime and channelLifetime are fixed (RFC 8656 §3.2, §9, §12).
	allocationLifetime = 10 * time.Minute
	permissionLifetime = 5 * time.Minute
	channelLifetime    = 10 * time.Minute

	// channelPause is how long a channel that has run out may not stand for another peer (RFC 8656 §12).
	channelPause = 5 * time.Minute

	// minChannel and maxChannel bound channel numbers (RFC 8656 §12).
	minChannel = 0x4000
	maxChannel = 0x4FFF

	// minPort and maxPort bound the ports of relayed addresses (RFC 8656 §7.2).
	minPort = 49152
	maxPort = 65535
)

// The client's choices.
const (
	// firstTimeout doubles with each of maxTries sendings of a request: after 7.75 s there is no answer. RFC 8489 §6.2.1 would
	// wait for 39 s, much longer than anybody who calls.
	firstTimeout = 250 * time.Millisecond
	maxTries     = 5

	// streamTimeout is how long an answer may take over TCP, which repeats by itself.
	streamTimeout = 8 * time.Second

	// maxMessage bounds a message in bytes: an RTMFP packet with what goes around it.
	maxMessage = 1600

	// maxPeers bounds the addresses that are written to. Each candidate address of each peer is one.
	maxPeers = 256

	// maxWaiting bounds the packets that wait for a peer's permission. An opening sends one or two meanwhile.
	maxWaiting = 8

	// receiveQueue bounds the packets that wait for the reader: 200 ms of 8 Mbit/s.
	receiveQueue = 256

	// upkeepInterval is how often what runs out is looked for. It is renewed when it has margin left at most.
	upkeepInterval = 15 * time.Second
	margin         = time.Minute

	// idlePeer is how long nothing is sent to a peer before it is not kept up any more.
	idlePeer = 3 * time.Minute

	// refusedPause is how long a peer that the relay refuses is not asked for again.
	refusedPause = time.Minute

	// freeTimeout is how long Close waits for the relay to hear of it.
	freeTimeout = time.Second
)

// The server's choices: what one client, or all, can take.
const (
	// maxAllocations bounds them all: each has a socket, two goroutines and some 40 KB.
	maxAllocations = 4096

	// maxIdentityAllocations bounds those of one identity: a few devices, each with an old one that it could not free.
	maxIdentityAllocations = 8

	// maxSourceAllocations bounds those of one source; a school has many people behind one address.
	maxSourceAllocations = 128

	// maxPermissions and maxChannels bound those of an allocation. A conference of eight tries some hundred addresses; beyond that somebody
	// is scanning, and each channel makes the look-up of others slower.
	maxPermissions = 256
	maxChannels    = 256

	// maxLongevity is how long an allocation may be kept up with credentials that have run out meanwhile.
	maxLongevity = 24 * time.Hour

	// relayRate and relayBurst bound what an allocation carries in each direction, in bytes (per second): 8 Mbit/s, as a
	// conference of eight takes, and the burst of a key frame to all of them.
	relayRate  = 1 << 20
	relayBurst = 512 << 10

	// requestRate and requestBurst bound the requests of one source (per second), most of which cost an answer longer than they
	// are, to an address that may be forged.
	requestRate  = 20
	requestBurst = 200

	// portTries is how many random ports are tried for a relayed address.
	portTries = 32

	// strangerTimeout is how long a TCP connection may be silent that has no allocation; clientTimeout, one that has.
	strangerTimeout = 15 * time.Second
	clientTimeout   = allocationLifetime

	// streamWriteTimeout ends TCP connections of clients that do not read.
	streamWriteTimeout = 10 * time.Second

	// ownAddressesAge is how long the list of the host's addresses is believed.
	ownAddressesAge = time.Minute

	// MaxCredentials bounds the lifetime of credentials that a server accepts, so that a mistake does not last for years.
	MaxCredentials = 7 * 24 * time.Hour
)
