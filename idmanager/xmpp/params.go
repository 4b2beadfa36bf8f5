package xmpp

import "time"

// What a server, or whoever writes through it, may make us hold.
const (
	// maxStanza bounds a stanza in bytes: a roster of maxContacts with long names fits. RFC 6120 §13.12 asks for 10,000.
	maxStanza = 1 << 20

	// maxEarly bounds an element before we are signed in, when a stranger may be speaking.
	maxEarly = 64 << 10

	// maxDepth bounds elements within elements. What we read is nested 8 deep; strangers' messages a little more.
	maxDepth = 32

	// maxAttributes bounds the attributes of one element; RFC 6120 knows 6 of a stanza.
	maxAttributes = 32

	// maxElements bounds the elements of a stanza: each costs some 150 bytes of memory for 4 on the wire.
	maxElements = 40_000

	// maxContacts bounds the roster; later entries are left out.
	maxContacts = 4000

	// maxResources bounds a contact's clients that we keep account of.
	maxResources = 32

	// maxRequests bounds our own unanswered requests, and strangers' subscription requests that we remember.
	maxRequests = 200

	// maxOutbox bounds stanzas on their way to the socket. A server that reads so slowly is as good as gone.
	maxOutbox = 256

	// maxUnacked bounds stanzas that the server has not acknowledged (XEP-0198); each is acknowledged at once.
	maxUnacked = 256

	// maxIterations bounds SCRAM's work, which the server sets: 1,000,000 rounds take half a second; 10,000 are usual.
	maxIterations = 1_000_000

	// maxTargets bounds the addresses that SRV records make us try.
	maxTargets = 8

	// maxRedirects bounds see-other-host in a row (RFC 6120 §4.9.3.19): two servers may point at each other.
	maxRedirects = 3

	// maxIdentities bounds the identity keys per contact whose last time is kept.
	maxIdentities = 8
)

// Time.
const (
	// dialTimeout bounds one address: the next may answer.
	dialTimeout = 5 * time.Second

	// signInTimeout bounds one attempt from the first packet to the roster.
	signInTimeout = 20 * time.Second

	// requestTimeout ends a request that the caller would let wait longer: a contact's server may be down, and a user
	// is to be told within 8 s.
	requestTimeout = 7 * time.Second

	// writeTimeout ends a connection whose other end takes nothing.
	writeTimeout = 10 * time.Second

	// idleInterval is how long silence lasts before we ask whether the server is there; NAT mappings for TCP live for minutes.
	idleInterval = 60 * time.Second

	// answerTimeout is how long it may take to answer that: then the connection is dead.
	answerTimeout = 15 * time.Second

	// goodbyeTimeout bounds what Close still tells the server.
	goodbyeTimeout = 3 * time.Second

	// firstBackoff and lastBackoff are the pauses between attempts, doubled each time; half of each is random, so that
	// a server that comes back is not met by all its users at once. The first is short: streams break without a server's fault.
	firstBackoff = time.Second
	lastBackoff  = 2 * time.Minute

	// restartBackoff bounds the pauses for restartTime: most outages are restarts, after which we are to be back within 10 s.
	restartBackoff = 8 * time.Second
	restartTime    = 5 * time.Minute

	// steadyAfter is how long a stream must have lasted to count as a success: pauses begin anew then.
	steadyAfter = 10 * time.Second

	// loginPause is the least time between two attempts with a password that was refused, made only when somebody
	// registers: servers lock accounts and addresses that try too often.
	loginPause = time.Minute

	// settleTime is how long after a fresh sign-in contacts who have not shown up yet count as still there.
	settleTime = 5 * time.Second

	// arrivalTime is how long after a fresh sign-in a look-up waits for a contact's presence, which may still be on its way.
	arrivalTime = 2 * time.Second

	// confirmTime is how long after a contact's client has come their record is asked for, unless it has been pushed. ejabberd
	// pushes what somebody publishes only to those whose capabilities have reached that somebody's session, which
	// just after signing in they may not have.
	confirmTime = time.Second

	// repairPause is the least time between two publications of ours that repair what another device of the user withdrew.
	repairPause = 10 * time.Second

	// maxAhead is how far in the future a registration's time may lie: clocks differ.
	maxAhead = 24 * time.Hour
)

// Ports of RFC 6120 §14.7 and XEP-0368.
const (
	portClient = 5222
	portDirect = 5223
)
