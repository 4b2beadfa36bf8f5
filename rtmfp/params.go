package rtmfp

import "time"

// Every limit and timer of the package, with its reason. Where the value departs
// from RFC 7016 the comment says so.

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

// Round trips and retransmission (RFC 7016 §3.5.2.2).
const (
	// tick is the period of the timestamp clock.
	tick = 4 * time.Millisecond

	// initialERTO is 3 s in the RFC; RFC 6298 has since found 1 s safe, and a Ping measures at once.
	initialERTO = time.Second
	initialMRTO = 250 * time.Millisecond
	minERTO     = 250 * time.Millisecond
	maxERTO     = 10 * time.Second
	// ackDelayAllowance is what MRTO adds for delayed acknowledgements.
	ackDelayAllowance = 200 * time.Millisecond
	// delayedAck is RFC 7016 §3.6.3.4.4's.
	delayedAck = 200 * time.Millisecond
	// timestampLifetime is how long a received timestamp is echoed.
	timestampLifetime = 128 * time.Second

	// nakLimit negative acknowledgements mean loss (RFC 7016 §3.6.2.5).
	nakLimit = 3
	// nakLimitTimeCritical makes sound and picture be sent again sooner (a departure: the
	// congestion window still shrinks only at nakLimit).
	nakLimitTimeCritical = 1
)

// Congestion control (RFC 7016 Appendix A) and bursts (§3.5.2.3).
const (
	senderMSS          = 1460
	initialWindow      = 3 * senderMSS
	timedOutWindow     = senderMSS
	maxWindow          = 16 << 20 // keeps arithmetic and memory sane
	scalableThreshold  = 67200
	timeCriticalPeriod = 800 * time.Millisecond
	burstPackets       = 6
	// shortPathBurst, in bytes, is the bound instead where the window rules in spite of feedback, on paths of less than a few
	// ms: a far end there reads a whole burst at a time and acknowledges it once, and with six packets to a burst both ends
	// would do little but wake each other. It fits the least socket buffer that systems give.
	shortPathBurst = 64 << 10
	// pacingMinRTT: on shorter paths acknowledgements return faster than timers fire.
	pacingMinRTT = 4500 * time.Microsecond
	// minPacing is the finest useful timer.
	minPacing = time.Millisecond
)

// Delay-based congestion control between ends that give feedback. Figures after RFC 8698 unless said otherwise.
const (
	// feedbackUnit is the resolution of reported times.
	feedbackUnit = 100 * time.Microsecond
	// feedbackInterval is how often packets are reported, feedbackFirst how soon the first of a session.
	feedbackInterval = 50 * time.Millisecond
	feedbackFirst    = 10 * time.Millisecond
	// maxFeedbackRuns bounds what waits to be reported, to what fits one packet.
	maxFeedbackRuns = 256
	// feedbackTogether is how long, in units, packets in a row count as one arrival.
	feedbackTogether = 2
	// minSentLog and maxSentLog bound the packets that are remembered for reports: 100 ms at 2 Gbit/s.
	minSentLog = 64
	maxSentLog = 1 << 14
	// namedPerPacket is how many numbers reports may name for each packet that was sent. A far end names each once; one that
	// names them again and again, or others, many to a byte, would cost us time.
	namedPerPacket = 2

	// startRate is the rate before anything is known of the path: sound, and a small picture.
	startRate = 300e3
	startMost = 1e6  // with a first window a round trip, on a short path
	minRate   = 64e3 // one peer's sound
	maxRate   = 100e9

	// referenceDelay is the queue to hold at referenceRate; it goes with the root of the rate's inverse (RFC 8698: with the
	// inverse, within a factor of ten), within bounds.
	referenceDelay = 25 * time.Millisecond
	referenceRate  = 1e6
	minReference   = 8 * time.Millisecond
	maxReference   = 60 * time.Millisecond

	// delayGain and delayDamping are a and b of the rate's law, per second² and per second: RFC 8698's κ/τ² and κη/τ are 2 and 2.
	// They are for round trips, with the wait for reports, of at most gainDelay.
	delayGain    = 3
	delayDamping = 3.5
	gainDelay    = 200 * time.Millisecond

	// startGain times what is delivered is the most at the start, useGain later: a rate that is not used does not grow.
	startGain = 1.5
	useGain   = 1.5
	// startWindow and rateWindow are the least times over which delivery is measured.
	startWindow = 60 * time.Millisecond
	rateWindow  = 100 * time.Millisecond
	rateMarks   = 32
	// ratePause is a pause between reports, over which no rate is measured.
	ratePause = 400 * time.Millisecond

	// quickFirst is the growth per second when the queue has become empty, which doubles each quickDoubling, up to quickMost.
	quickFirst    = 0.05
	quickMost     = 1.2
	quickDoubling = 300 * time.Millisecond

	// overDelay more than the reference is a queue that must go, within drainTime if alone.
	overDelay = 25 * time.Millisecond
	drainTime = 600 * time.Millisecond
	// competeAfter is how long a queue may stay in spite of that before it is somebody else's.
	competeAfter = 1500 * time.Millisecond
	competeCut   = 0.8
	competeLow   = 500e3 // bit/s; below, a call takes more than TCP would
	// What was delivered in the first competeShare of it is our share; until it is clear whose queue it is, the rate keeps
	// competeLeast of that.
	competeShare = 500 * time.Millisecond
	competeLeast = 0.5
	// markCut is what congestion marks on half of a report's packets or more take of the rate, once a round trip (RFC 8511).
	markCut = 0.2
	// A mark says that the queue is too long, and so is the reference: it becomes patienceCut of what it was, at least
	// patienceLeast of what it would be, and grows by patienceGrowth a second.
	patienceCut    = 0.8
	patienceLeast  = 0.2
	patienceGrowth = 0.08

	// fewSamples is how many packets' least delay is too noisy.
	fewSamples = 6

	// basePart and baseParts: the base delay is the least of 30 s. Clocks drift apart by 3 ms in that time.
	basePart  = 5 * time.Second
	baseParts = 6
	// baseHold is how long it is kept beyond that while there is a queue.
	baseHold = 2 * time.Minute

	// A dip to dipDepth of the rate for dipLength and half a round trip empties the queue. It happens if it has not been
	// empty for dipEvery, and after the start for dipFirst.
	dipEvery  = 8 * time.Second
	dipFirst  = 1500 * time.Millisecond
	dipLength = 100 * time.Millisecond
	dipMost   = 200 * time.Millisecond
	dipDepth  = 0.5

	// idleAfter is when a rate that is not used begins to lose its worth, half of it in idleHalf, down to idleLeast of it.
	idleAfter = time.Second
	idleHalf  = 5 * time.Second
	idleLeast = 0.4
	// silentAfter, and two round trips, without reports make the rate fall by silentCut, down to silentLeast of what it was.
	silentAfter = 300 * time.Millisecond
	silentCut   = 0.7
	silentLeast = 0.25

	// windowSlack is the time for delayed acknowledgements in what may be in flight.
	windowSlack = 150 * time.Millisecond

	// shortPath is the round trip time of paths on which the window rules, until there is a queue of brakeDelay for brakeAfter
	// reports; then the rate does for brakeFor.
	shortPath  = 4 * time.Millisecond
	brakeDelay = 0.030 // seconds
	brakeAfter = 4
	brakeFor   = 10 * time.Second

	// lossMost is a share of lost packets that is congestion however it came; lossExcess more than usual is, too.
	lossMost   = 0.15
	lossExcess = 0.04
	// lossCleanMore more than what was sent without it makes that sure at once; that is forgotten by lossCleanKept a period.
	lossCleanMore = 1.05
	lossCleanKept = 0.98
	// lossCertain is how many standard deviations more it must be.
	lossCertain = 2.5
	// A period for which loss is found has lossLeast packets and lossPeriod, or else lossLongest.
	lossLeast   = 40
	lossPeriod  = 400 * time.Millisecond
	lossLongest = 3 * time.Second
	lossPeriods = 12
	// lossHold is how long a rate that made for excess loss is not tried again.
	lossHold = 5 * time.Second

	// pacingCredit is the time for which an idle or late sender keeps its right to send.
	pacingCredit = 5 * time.Millisecond
	// pacingGain is how much faster than the rate time-critical data may leave: a picture comes all at once, and what is less
	// urgent then waits for longer. Sound, in its small packets, need not wait behind a picture's: it may be pacingDebt bytes
	// ahead.
	pacingGain = 1.5
	pacingDebt = basePacket

	// backlogTime is the time in which time-critical data that waits is to leave, at the cost of what is still to come, which
	// keeps at least backlogLeast.
	backlogTime  = 500 * time.Millisecond
	backlogLeast = 0.3

	// ecnProbe marked packets that all arrived without their marks show that marking is useless.
	ecnProbe = 20
	// ecnReordered is how much less than the newest count an old ECN Report may tell, modulo 256 (the reference's figure).
	ecnReordered = 0xe0
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
	// maxRecvRanges bounds the ranges of sequence numbers beyond gaps; a fragment that would
	// need one more is dropped. At 1 KB each they still fit one acknowledgement.
	maxRecvRanges = 256

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
	// for no more than that. The kernel takes as much at once, but what is longer than half its largest cheap piece of memory
	// (32 KB) costs it and the caches more than it saves.
	outboundBatch = 64
	outboundBytes = 16 << 10
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
