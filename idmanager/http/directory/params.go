package directory

import "time"

// Presence.
const (
	// refreshInterval is how often a registration is written anew while its client is there. See the package's comment for the arithmetic.
	refreshInterval = 2 * time.Minute

	// expiryFactor: a registration counts for refreshInterval times this, so that one refresh that fails is made up for.
	expiryFactor = 2.5

	// clockTolerance is how far the time of signing may be from our clock. Clients correct theirs by ours, so a
	// second would do on most days; those that have asked for the time hours ago get an answer that tells it. A
	// registration can be repeated while that lasts, in the worst case twice as long after it came, so the last time is kept for
	// longer than that (2.5 × 2 min).
	clockTolerance = 2 * time.Minute

	// streamGrace is how long a registration outlives the stream that kept it alive: a client that changes its network, or
	// whose instance is drained, opens another within three seconds.
	streamGrace = 15 * time.Second

	// peerTTL is how long the directory knows whose a peer ID is, unless it is noted again, as long as its registration is kept alive. An owner may
	// register with a new peer ID each second: what a hostile source can leave in memory is 20 MB.
	peerTTL = time.Hour
)

// reg.cgi.
const (
	// oldExpiry is how long its registrations count: the original's.
	oldExpiry = time.Hour

	// unregistered is the identity that stands for "not here".
	unregistered = "0"

	// maxOldName and maxOldIdentity bound what is stored, in bytes. A peer ID has 64.
	maxOldName     = 255
	maxOldIdentity = 128
)

// Streams.
const (
	// heartbeat is how often a stream says something: less than half of the 25 s after which clients take it for broken, and of the
	// 30–60 s after which proxies and NATs forget a silent connection.
	heartbeat = 10 * time.Second

	// writeTimeout drops readers that take nothing for so long. What waits for a slow one is one state per name.
	writeTimeout = 10 * time.Second

	// maxStreams bounds the streams of one instance; each takes a file descriptor and some 30 KB.
	maxStreams = 100_000

	// maxSourceStreams bounds those of one source: a school behind one address.
	maxSourceStreams = 512

	// retryHint is how long a client that lost its stream is asked to wait before it comes back, and spread how much longer at most: a thousand
	// clients of an instance that stops come back over three seconds.
	retryHint   = 250 * time.Millisecond
	retrySpread = 2750 * time.Millisecond
)

// Limits of requests, by token buckets. Loopback is exempt: what arrives from there is a proxy for many.
const (
	// sourceRate and sourceBurst bound the requests of one source: a household needs one in a minute; a school of 500 that comes back after a power
	// cut makes three for each.
	sourceRate  = 20 // a second
	sourceBurst = 600

	// keyRate and keyBurst bound the signed requests of one identity key: checking a signature and writing to the buckets is the dearest
	// that a client can ask for. A phone on a bad network registers every few seconds.
	keyRate  = 1
	keyBurst = 30

	// claimRate and claimBurst bound the new names of one source, which stay for good: a school's first day, but no dictionary.
	claimRate  = 0.1
	claimBurst = 600

	// namesPerToken is how many names a look-up asks for at the price of one request.
	namesPerToken = 8
)

const (
	// maxNamesPerKey bounds the names that one key owns. People have a few spellings; whoever wants to hoard has to make keys, at
	// claimRate.
	maxNamesPerKey = 16

	// maxNamesInside and maxNamesOutside bound all names, with the server inside and in an existing NATS cluster, against hoarders with many
	// addresses: each takes a kilobyte of memory or less, and as much on disk. An instance has 20,000 clients at most.
	maxNamesInside  = 500_000
	maxNamesOutside = 5_000_000

	// maxPeerNames bounds the names that are known of one peer ID. People have one or two.
	maxPeerNames = 8

	// maxAttempts bounds the attempts of a write that others compete with. Only the owner writes to a name's presence.
	maxAttempts = 8

	// goneQueue bounds the peers whose end waits to be carried out, and goneWorkers does them at once. Beyond that, presence ends by
	// its stream or by expiry.
	goneQueue   = 16384
	goneWorkers = 4

	// storeTimeout is how long a request waits for the cluster: longer than the election of a leader takes. The client
	// gives up after 7 s.
	storeTimeout = 6 * time.Second
)
