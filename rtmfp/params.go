package rtmfp

import "time"

// Every limit and timer of the package, with its reason; those of congestion control are in params_congestion.go. Where the
// value departs from RFC 7016 the comment says so.

// Sizes of packets and chunks.
const (
	// basePacket is the longest plain packet of startup and of a session whose path is not known better: what running
	// peers use, and what with IPv6, UDP, HMAC and cipher overhead passes every common path unfragmented.
	basePacket = 1200

	// floorPacket is what is sent where not even that passes: tunnels within tunnels.
	floorPacket = 1000

	// maxPathDatagram bounds the search for longer packets: the UDP payload that IPv6 leaves of a 9000-byte jumbo frame,
	// taken for loopback as well.
	maxPathDatagram = 8952

	// dataOverhead is what a User Data chunk costs at most besides options: header
	// with both timestamps (5), chunk header (3), flags (1), three VLUs (10 each).
	dataOverhead = 5 + 3 + 1 + 3*10

	// maxDatagram is the longest datagram read; a longer one is cut off and fails its check.
	maxDatagram = 64 << 10

	// ihelloSize is the least length of our IHello datagrams: a responder answers with
	// at most amplification times as much, so there must be room for its certificate.
	ihelloSize = 160

	// amplification bounds the bytes sent to an unproven address for each byte received
	// from it: with it we are no use for reflected floods.
	amplification = 3

	// tagSize is the length of our tags. Running peers assume 16; RFC 7016 §3.5.1.1.1 wants 8 or more.
	tagSize = 16

	// maxTag bounds other initiators' tags, which come back in RHellos.
	maxTag = 128

	// maxEPD bounds an Endpoint Discriminator: URIs fit, and an IHello fits a packet.
	maxEPD = 1024

	// maxMetadata is RFC 7016 §2.3.11.1.1's bound on a flow's metadata.
	maxMetadata = 512

	// maxMessage bounds a message. A key frame of 1080p video is 0.3 MB at most; more
	// would let a far end make us hold too much for reassembly.
	maxMessage = 1<<20 + 1<<10

	// maxSequence bounds sequence numbers, so that sums of them do not overflow; nobody sends so much.
	maxSequence = 1 << 62

	// maxPingMessage is the longest Ping that is answered, so that no reply outgrows its packet.
	maxPingMessage = 1000
)

// Startup.
const (
	// openTimeout is RFC 7016 §3.5.1.1.1's ultimate open timeout.
	openTimeout = 95 * time.Second

	// helloInterval and helloIncrement make the schedule of IHello and IIKeying: 0, 0.2, 0.45, 0.8, 1.2, 1.6, 2.3, 3, 4, 5.2,
	// 6.6 s, each interval a quarter longer than the one before, and from then on 1.5 s longer, as RFC 7016 §3.5.1.1.1 has it
	// from the start. A departure: a phone on a bad path, of which a third is lost, would ring after half a minute; so it
	// takes a few seconds.
	helloInterval  = 200 * time.Millisecond
	helloIncrement = 1500 * time.Millisecond

	// maxCandidates is RFC 7016 §3.5.1.1.1's REDIRECT_THRESHOLD: a rogue redirector
	// makes us send to no more addresses than that.
	maxCandidates = 24

	// lateIntroduction is how long an Introducer may take to find out where to redirect an IHello to.
	lateIntroduction = 3 * time.Second

	// cookieLifetime must not be less than openTimeout (RFC 7016 §3.5.1.1.2).
	cookieLifetime = openTimeout

	// maxOpenings bounds simultaneous outbound openings, our own Dials.
	maxOpenings = 256

	// maxHandshakeJobs bounds key agreements that wait for a worker, each ≤ 1 ms or so of
	// processor time: beyond it IIKeyings are dropped, and their senders try again.
	maxHandshakeJobs = 64

	// maxSourceJobs bounds those of one source network, so that it cannot keep others from being answered.
	maxSourceJobs = maxHandshakeJobs / 4

	// maxHandshakeWorkers bounds the processors that a flood of IIKeyings can occupy.
	maxHandshakeWorkers = 2

	// maxUnconfirmed bounds inbound sessions whose far end has not yet shown the keys.
	maxUnconfirmed = 256

	// confirmTimeout is how long such a session may last. A lost RIKeying is asked for
	// again within 7.5 s.
	confirmTimeout = 15 * time.Second

	// confirmPingInterval is when the far end of one is first asked again for a sign of life; the interval doubles up to
	// maxConfirmPing. The initiator asks likewise, as its Pings are what the responder waits for.
	confirmPingInterval = 200 * time.Millisecond
	maxConfirmPing      = 400 * time.Millisecond

	// glarePeriod is how close in time two sessions between the same pair must open to
	// count as glare (RFC 7016 §3.5.1.3), decided by certificates; later the newer one wins.
	glarePeriod = 10 * time.Second

	// maxEarlyPackets bounds packets kept while the keys to open them are being computed.
	maxEarlyPackets = 8

	// maxPieces bounds packets being put together from fragments, those of startup from all sources together and those of
	// each session, and maxPiecedPacket each of them: very large certificates need it, and packets cut for a wide path.
	maxPieces       = 16
	maxPiecedPacket = maxPathDatagram
	// pieceLifetime and pieceProgress are RFC 7016 §3.4's times to receive them.
	pieceLifetime = 60 * time.Second
	pieceProgress = time.Second

	// maxIIKeyings unanswered send the opening back to S_IHELLO_SENT, in case the RHello was
	// from an address that does not hear us, or from somebody with a copied certificate.
	maxIIKeyings = 9

	// maxCertificate and maxCookie keep an RHello or IIKeying within four packets and 4380 bytes, which is what
	// RFC 7016 §3.4 allows to send at once; so nobody needs to remember what is left to be sent.
	maxCertificate = 2048
	maxCookie      = 1024

	// longIHello is to what length later IHellos are padded, in case a long certificate does not fit amplification.
	longIHello       = basePacket
	longIHelloNumber = 3 // which one is the first of those

	// maxDetours bounds detours: each member of a large call over two carriers, while it changes from one to the other.
	maxDetours = 64

	// DetourDatagram is the length that datagrams of a session have at most on a detour, so that each fits another session's packet
	// with what its flow adds: floorPacket with the session ID, sequence number, HMAC and padding. Those that open a session may be longer.
	DetourDatagram = floorPacket + sessionIDSize + detourOverhead
	detourOverhead = 48

	// acceptBacklog bounds sessions that wait for Accept.
	acceptBacklog = 128

	// maxSessions bounds all sessions, lingering ones too: 6 KB each when idle, 0.8 GB all together.
	maxSessions = 1 << 17

	// maxSourceSessions bounds those that one source network has opened to us, so that it cannot take all. It has to
	// be generous: a carrier's NAT has thousands of people behind it. Loopback is exempt.
	maxSourceSessions = maxSessions / 16

	// shortHelloRate and shortHelloBurst limit answers (per second, all sources together) to
	// IHellos so short that the answer exceeds amplification; running peers send such.
	shortHelloRate  = 200
	shortHelloBurst = 200

	// sourceRate and sourceBurst limit startup packets per second that are looked at per source network
	// (/24 or /56): one network cannot keep the endpoint busy. A whole office behind one address fits.
	sourceRate  = 5000
	sourceBurst = 5000

	// sourceBuckets is the number of hashed counters for that; collisions only share a limit.
	sourceBuckets = 1024

	// forwardRate and forwardBurst limit, per session, answers to FIHellos: the reply
	// address is unproven, and a rogue introducer could name a victim's.
	forwardRate  = 5
	forwardBurst = 20
)

// Sessions.
const (
	// defaultKeepalive keeps NAT mappings, which live 30 s or more. RFC 7016 §3.5.4.1 names no figure.
	defaultKeepalive = 15 * time.Second

	// defaultTimeout ends a session whose far end is silent: a phone's, not a file transfer's.
	defaultTimeout = 30 * time.Second

	// pingAgain is how soon an unanswered ping is repeated: a lost packet must not look like a dead far end.
	pingAgain = 3 * time.Second

	// minKeepalive keeps a careless caller from flooding.
	minKeepalive = 100 * time.Millisecond

	// nearCloseWait bounds S_NEARCLOSE, 90 s in RFC 7016 §3.5.5: nobody waits so long for a phone.
	nearCloseWait = 10 * time.Second

	// nearCloseInterval is the first period between Close requests (5 s in the RFC); it doubles.
	nearCloseInterval = 250 * time.Millisecond

	// farCloseLinger is RFC 7016 §3.5.5's 19 s, in which late Close requests are answered.
	farCloseLinger = 19 * time.Second

	// endpointCloseWait is how long Endpoint.Close waits for far ends to acknowledge.
	endpointCloseWait = 800 * time.Millisecond

	// mobilityInterval and mobilityLifetime are RFC 7016 §3.5.4.2's.
	mobilityInterval = time.Second
	mobilityLifetime = 120 * time.Second

	// directStays is how long a session that has come from a detour to a direct way does not follow its far end to a detour: the far
	// end may have to wait mobilityInterval before it can follow the other way.
	directStays = 2 * mobilityInterval
	// mobilityPings may be sent at once to addresses that packets of a session come from, and after that one per
	// mobilityInterval (a departure: the RFC has no burst, and one lost Ping would cost a second). Each is shorter than
	// the packet that causes it.
	mobilityPings = 3

	// steadyPackets with data, each within steadyGap of the one before, make a stream that is expected to go on. When it
	// does not for twice its longest gap, or silenceFloor, the near end pings: if it has itself moved without knowing, or
	// lost its NAT's mapping, only that tells the far end (RFC 7016 §3.5.4.1 mentions the use).
	steadyPackets = 8
	steadyGap     = time.Second
	silenceFloor  = 80 * time.Millisecond
	// silencePings bounds Pings that go unanswered in such a silence; the wait doubles. Then the keep-alive takes over.
	silencePings = 5

	// maxPendingReplies bounds Ping replies per outgoing flight; further Pings of one flight are not answered.
	maxPendingReplies = 4

	// pingRate and pingBurst limit the answers to a session's Pings, in bytes on the link per second and at once: whoever pings without end,
	// with as much as a Ping holds, is not to fill our uplink. Keep-alive needs a few small ones a minute, a search of the path's MTU 20.
	pingRate  = 2000
	pingBurst = 8000

	// maxControlBytes bounds chunks of other kinds (FIHellos) that wait to be sent in a session.
	maxControlBytes = 8 << 10
)

// Path MTU discovery (RFC 7016 §3.5.4.3, after RFC 8899).
const (
	// searchAfter long packets show that longer ones would be of use. A call's sound never gets there.
	searchAfter = 8
	// searchStep is how exactly the greatest size is found: the block of the usual cipher.
	searchStep = 16
	// maxProbes unanswered show that a size does not pass (RFC 8899 §5.1.2's MAX_PROBES).
	maxProbes = 3
	// raiseInterval is when a search that has ended is repeated (RFC 8899 §5.1.1's PMTU_RAISE_TIMER).
	raiseInterval = 600 * time.Second
	// suspectLosses long packets lost in a row make a black hole be suspected; a time-out needs but one.
	suspectLosses = 4
	// confirmRounds of a long and a short Ping, of which the short one alone is answered, confirm it: one could be chance.
	confirmRounds = 2
	// maxConfirmations bounds rounds in which neither may be answered: then the path is down, or the far end.
	maxConfirmations = 8
	// probeGrace, and a quarter of a round trip, is how much later the long one's answer may come.
	probeGrace = 10 * time.Millisecond
)

// Flows.
const (
	// defaultSendBuffer is FlowOptions.Buffer's default.
	defaultSendBuffer = 256 << 10
	// maxSendFragments bounds a sending flow's queue however small its messages are.
	maxSendFragments = 16384
	// maxAckedNumbers bounds the fragments beyond gaps that the acknowledgements in one packet name, again or not. A datagram
	// has room for thousands of acknowledgements, which could all name a flow's whole queue.
	maxAckedNumbers = 2 * maxSendFragments

	// initialRecvWindow is what a sender assumes before it hears (RFC 7016 §3.6.2).
	initialRecvWindow = 64 << 10
	// recvCapacity is a receiving flow's buffer: a round trip of 100 ms at 40 Mbit/s.
	recvCapacity = 512 << 10
	// maxSessionRecv bounds the received and unread bytes of all flows of a session together; beyond
	// it fragments are dropped unacknowledged. A far end that ignores windows gains nothing. It
	// leaves room for one message of the greatest length. Config.SessionBuffer may lower both.
	maxSessionRecv = 2 << 20
	// fragmentOverhead is charged for each buffered fragment or message besides its bytes: slices, list entries.
	fragmentOverhead = 128

	// maxParts bounds the fragments of a flow that wait for others, apart from those without a gap before them, of which
	// there may be as many again: each is sorted in among the others, and tiny ones would cost us more time than bytes.
	// A full window of whole packets has 500, a message of the greatest length 950.
	maxParts = 2048

	// maxRecvFlows bounds open receiving flows of a session: those beyond are rejected.
	maxRecvFlows = 128
	// maxRecvFlowStates bounds them with the rejected and lingering ones; those beyond are ignored.
	maxRecvFlowStates = 1024
	// flowStateBuffer is for how much of Config.SessionBuffer a session may have one receiving flow, open or not, and each of them one
	// range: both take memory that is not counted there, and a service, which needs few, has many sessions.
	flowStateBuffer = 1 << 10
	// maxRecvRanges bounds the ranges of sequence numbers beyond gaps; a fragment that would
	// need one more is dropped. At 1 KB each they still fit one acknowledgement.
	maxRecvRanges = 256

	// ackShare is of what a session receives with data the part that its acknowledgements may take, ackRate what they may take besides, in
	// bytes a second, and ackBurst what is saved up, all on the link. Whole packets, each second one acknowledged, need a thirtieth.
	ackShare = 16
	ackRate  = 4000
	ackBurst = 4000
	// leastAck is what a packet's acknowledgements may take when there is credit at all: one that names the most ranges, near to one another.
	leastAck = 600
	// linkHeaders are what each datagram costs on the link besides its payload (IPv4 and UDP), ackDatagram with all that our cipher
	// and header add.
	linkHeaders = 28
	ackDatagram = linkHeaders + sessionIDSize + 32

	// recvLinger is RFC 7016 §3.6.3.8's. The sender needs no counterpart: it never uses a flow ID again.
	recvLinger = 120 * time.Second

	// probeInterval and maxProbeInterval are RFC 7016 §3.6.2.9.1's; the period doubles.
	probeInterval    = time.Second
	maxProbeInterval = time.Minute
)

// The run loop.
const (
	// inboundBatch is how many packets are handled before anything is sent, so that
	// acknowledgements thin out when packets come fast.
	inboundBatch = 64
	// outboundBatch and outboundBytes are how much is sent before others get their turn: a time-critical message waits
	// for no more than that. The kernel takes as much at once, but what is longer than its largest cheap piece of memory (32 KB) costs it
	// and the caches more than it saves.
	outboundBatch = 64
	outboundBytes = 24 << 10
	// socketBuffer is what is asked of the system for each socket and direction: 20 ms at 1.6 Gbit/s.
	socketBuffer = 4 << 20
	// maxReadErrors in a row end the endpoint: the socket is broken.
	maxReadErrors = 100
	// readErrorPause separates them.
	readErrorPause = 20 * time.Millisecond
)

// The event log, where it is on.
const (
	// eventQueue bounds the events that wait to be written, 0.4 MB; more are dropped and counted.
	eventQueue = 1024

	// strangerEventRate and strangerEventBurst bound the events that anybody can cause (per second), so that a flood
	// neither fills the disk nor hides what else happens.
	strangerEventRate  = 50
	strangerEventBurst = 500

	// eventInterval separates events of the same limit, and those of a session's congestion: they come in crowds.
	eventInterval = time.Second

	// summaryInterval is the period of a session's summaries.
	summaryInterval = 10 * time.Second
)
