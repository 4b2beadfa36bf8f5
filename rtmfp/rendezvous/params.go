package rendezvous

import "time"

// What the protocol and old clients expect.
const (
	// keepaliveNAT and keepaliveOpen are the periods advised by user control 41,
	// as Cirrus had them from 2010 on: NAT mappings may live 30 s only, and firewalls
	// in front of public addresses are hardly kinder.
	keepaliveNAT  = 15 * time.Second
	keepaliveOpen = 20 * time.Second

	// rejectCode is the only exception code there is (RFC 7425 §5.3.5.3).
	rejectCode = 0

	// codeInvalidApp refuses a connect to an application that is not here.
	codeInvalidApp = "NetConnection.Connect.InvalidApp"
)

// Our choices. Each bounds what one stranger, or many, can make the service hold or do.
const (
	// connectTimeout ends sessions that never send connect: they hold memory and do nothing.
	connectTimeout = 15 * time.Second

	// sessionKeepalive and sessionTimeout find clients that have gone without a word: the service pings
	// what has been silent for longer than any advised period and waits
	// for the answer, so that a dead client is neither introduced nor relayed to after 50 s.
	sessionKeepalive = 30 * time.Second
	sessionTimeout   = 20 * time.Second

	// maxSessions bounds all sessions: some 30 KB each when idle, 600 MB.
	maxSessions = 20_000

	// maxSessionsPerSource bounds those of one IPv4 address or IPv6 /64; a
	// school or a carrier's NAT has many people behind one address. Loopback is exempt.
	maxSessionsPerSource = 256

	// maxControlFlows bounds the control flows of one client; one is usual (RFC 7425 §5.3.2).
	maxControlFlows = 4

	// maxCommand bounds a command in bytes. A call signal has some 150; invitations with proofs a few thousand.
	maxCommand = 16 << 10

	// maxRelayGrowth bounds a relayed message by what it came in: AMF3's small integers grow from two bytes to AMF0's nine,
	// but references, of which a few bytes stand for a megabyte, are not to flood the target through us.
	maxRelayGrowth = 5

	// sessionBuffer bounds the unread bytes of a session: a few commands. A source that fills all its sessions holds 16 MB.
	sessionBuffer = 64 << 10

	// commandRate and commandBurst bound the commands of one client. Beyond them its flow is not read
	// on, so it has to wait; nothing is lost. Ringing eight people takes a dozen commands.
	commandRate  = 10 // per second
	commandBurst = 60

	// lastWordsWait is how long a client may take to hear why it is refused, or what its check has found, before the
	// session is closed.
	lastWordsWait = 5 * time.Second

	// streamRate and streamBurst bound the commands and data messages on a client's streams, as the ones above do: text for each
	// picture of a film, and the messages of a game.
	streamRate  = 50 // per second
	streamBurst = 200

	// sendBuffer bounds what waits for a client that does not read: some 400 call signals. More is not relayed to it.
	sendBuffer = 64 << 10

	// maxInstances bounds the instances that a client is told of: a few that live are enough.
	maxInstances = 16

	// maxPeerInfo bounds the reported addresses that are kept: a Redirect with all of them
	// stays below three times a padded IHello.
	maxPeerInfo = 16

	// introductionRate and introductionBurst bound what one address can have introduced to itself. An opening
	// sends IHellos at 0, 1, 3.5, 7.5 … s; a conference of eight opens seven.
	introductionRate  = 10 // per second
	introductionBurst = 60

	// forwardRate and forwardBurst bound the FIHellos to one client, whoever asks: each makes it send a packet to an address
	// that strangers chose.
	forwardRate  = 10 // per second
	forwardBurst = 60

	// rotationPeriod is how long an opening goes on asking (RFC 7016 §3.5.1.1.1): a request after it is a new one.
	rotationPeriod = 95 * time.Second

	// maxAsked bounds the peers that are remembered for a client that asks to be introduced: a conference of eight has seven.
	maxAsked = 16
)

// Other instances.
const (
	// questionTimeout is how long other instances may take to answer. Theirs is a network of milliseconds; an initiator asks again
	// after less.
	questionTimeout = 2 * time.Second

	// maxQuestions and maxWaitingBytes bound what waits for answers: more than all clients may ask in questionTimeout
	// (clientAskRate), some 4 MB, and the relay commands among them.
	maxQuestions    = 16 << 10
	maxWaitingBytes = 16 << 20

	// clusterQueue bounds the messages on their way to other instances.
	clusterQueue = 4 << 10

	// maxClusterMessage bounds a message between instances in bytes: a relay command and what is around it.
	maxClusterMessage = maxCommand + 128

	// maxIHelloTag bounds an initiator's tag, as package rtmfp does.
	maxIHelloTag = 128

	// maxFound bounds the addresses in an answer; initiators look at no more.
	maxFound = 24

	// clientAskRate and clientAskBurst bound the questions of one instance for clients that are elsewhere, asked by its own clients:
	// each is read by all instances. 20,000 clients that each ask for somebody once a minute, five times, are below that.
	clientAskRate  = 2_000 // per second
	clientAskBurst = 4_000

	// strangerAskRate and strangerAskBurst are the same for those who are no clients of the instance; they may be a flood for invented peer IDs
	// from forged addresses.
	strangerAskRate  = 200 // per second
	strangerAskBurst = 400

	// relayAwayRate and relayAwayBurst bound the messages from one source to clients that are elsewhere. A call is three; a
	// school has many people behind one address.
	relayAwayRate  = 50 // per second
	relayAwayBurst = 250

	// clockSkew is by how much the clocks of two instances may differ when it is to be known to which of them a client came last.
	clockSkew = 3 * time.Second
)

// Connectivity checks.
const (
	// checkTries probes of each kind are sent before the answer is no, checkInterval apart: with a tenth of the packets lost
	// one answer in 400 is wrong, and paths of up to a second are measured.
	checkTries    = 5
	checkInterval = 400 * time.Millisecond

	// checkStagger separates the probes of one try.
	checkStagger = 20 * time.Millisecond

	// maxChecks bounds the checks that run at once: each sends 40 packets per second, at most, to its client.
	maxChecks = 256

	// checkRate and checkBurst bound the checks of one source: people press a button now and then.
	checkRate  = 0.2 // per second
	checkBurst = 10
)
