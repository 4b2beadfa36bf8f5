package http

import "time"

// The old protocol's own figures.
const (
	// Expiry is how long a registration by reg.cgi counts without a refresh.
	Expiry = time.Hour

	// RefreshInterval is how often a registration by reg.cgi is to be repeated: one lost
	// refresh is forgiven within Expiry.
	RefreshInterval = 30 * time.Minute

	// unregistered is the identity that stands for "not here".
	unregistered = "0"

	// script is the name of the directory's program, appended to a base URL.
	script = "reg.cgi"
)

// Requests.
const (
	// requestTimeout ends a request that the caller would let wait longer: a
	// user is to be told about a wrong address within 8 s.
	requestTimeout = 7 * time.Second

	// attemptTimeout is how long one instance may take when there are others to ask: so two of them may be dead, and a look-up still
	// succeeds within requestTimeout.
	attemptTimeout = 2500 * time.Millisecond

	// avoidFor is how long an instance that did not answer is asked last.
	avoidFor = 30 * time.Second

	// maxInstances bounds the instances that a directory can have us ask.
	maxInstances = 16

	// maxReply bounds a reply: a friend takes some 200 bytes, and 20 are asked for at most; a signed record 900, and one
	// is asked for.
	maxReply = 64 << 10

	// maxSignings bounds the attempts to sign a registration that the directory takes for an old one: the first by a wrong clock, the
	// second at the same moment as another device's.
	maxSignings = 3

	// maxAhead is how far the directory may have us sign in the future, to be newer than our other device whose clock is wrong.
	maxAhead = 2 * time.Minute
)

// Watching by the old protocol.
const (
	// watchInterval is how often Watch asks. The old protocol has no presence;
	// at 30 s somebody who appears is seen soon enough, and a phone that watches 20 people costs
	// its directory one short request in that time.
	watchInterval = 30 * time.Second

	// watchBatch is the number of names asked for at once: with names of usual
	// length the URL stays under the 2,000 characters that every server takes.
	watchBatch = 20

	// maxWatched bounds the names of one Watch, and so its requests to 10 in watchInterval.
	maxWatched = 200

	// maxName bounds a name, in bytes.
	maxName = 255
)

// The stream of presence.
const (
	// silence is how long a stream that says nothing counts as open: two and a half of the server's heartbeats.
	silence = 25 * time.Second

	// The pauses before a stream that has broken is opened again are chosen at random below these: soonRetry for the first tries, so
	// that we are registered again within seconds of a service's restart; lateRetry after soonRetries, for one that is away for longer.
	soonRetry   = 3 * time.Second
	soonRetries = 20
	lateRetry   = 30 * time.Second

	// lostRetry is the longest pause before what the directory has lost is registered again.
	lostRetry = 500 * time.Millisecond

	// settle is how long a change of what the stream is to carry waits for others: whoever starts does several at once.
	settle = 20 * time.Millisecond

	// describeInterval is how often the list of instances is asked for while a stream is open.
	describeInterval = 5 * time.Minute
)
