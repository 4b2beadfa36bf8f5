package http

import "time"

// The protocol's own figures.
const (
	// Expiry is how long a registration counts without a refresh.
	Expiry = time.Hour

	// RefreshInterval is how often a client repeats its registration: one lost
	// refresh is forgiven within Expiry.
	RefreshInterval = 30 * time.Minute

	// unregistered is the identity that stands for "not here".
	unregistered = "0"

	// script is the name of the directory's program, appended to a base URL.
	script = "reg.cgi"
)

// Our choices, client.
const (
	// requestTimeout ends a request that the caller would let wait longer: a
	// user is to be told about a wrong address within 8 s.
	requestTimeout = 7 * time.Second

	// maxReply bounds a reply: a friend takes some 200 bytes, and 20 are asked for at most.
	maxReply = 64 << 10

	// watchInterval is how often Watch asks. The old protocol has no presence;
	// at 30 s somebody who appears is seen soon enough, and a phone that watches 20 people costs
	// its directory one short request in that time.
	watchInterval = 30 * time.Second

	// watchBatch is the number of names asked for at once: with names of usual
	// length the URL stays under the 2,000 characters that every server takes.
	watchBatch = 20

	// maxWatched bounds the names of one Watch, and so its requests to 10 in watchInterval.
	maxWatched = 200
)

// Our choices, server.
const (
	// maxName and maxIdentity bound what is stored, in bytes. A peer ID has 64.
	maxName     = 255
	maxIdentity = 128

	// maxNames bounds a store: at some 500 bytes of memory each 50 MB.
	maxNames = 100_000

	// maxQuery bounds a query string; servers of old took 8 KB.
	maxQuery = 8 << 10

	// maxFriends bounds the names looked up by one request.
	maxFriends = 64

	// sourceRate and sourceBurst bound the requests of one address (IPv6: one
	// /64), which also bounds how fast it can fill the store: a household with a dozen phones
	// needs one request a second at most. Loopback is exempt: what arrives from there is a proxy for many.
	sourceRate  = 5 // per second
	sourceBurst = 60

	// sourceBuckets is the number of buckets for that: 256 KB.
	sourceBuckets = 1 << 13

	// maxStoreFile bounds the file that is read at the start.
	maxStoreFile = 128 << 20

	// compactSlack is the number of superseded lines that a store file may
	// hold before it is written anew, beyond as many as there are live ones.
	compactSlack = 1024
)
