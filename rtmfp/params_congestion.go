package rtmfp

import "time"

// Round trips and retransmission (RFC 7016 §3.5.2.2).
const (
	// tick is the period of the timestamp clock.
	tick = 4 * time.Millisecond

	// initialERTO is 3 s in the RFC; RFC 6298 has since found 1 s safe, and a Ping measures at once.
	initialERTO = time.Second
	initialMRTO = 250 * time.Millisecond
	minERTO     = 250 * time.Millisecond
	maxERTO     = 10 * time.Second // or the keep-alive period, if that is less
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
	// would do little but wake each other. It fits the socket buffer that systems give at least. While time-critical data is
	// sent it is a quarter of that: what is in flight stands before it in the far end's socket.
	shortPathBurst = 192 << 10
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
	// A rate of which less than unusedShare is sent, in windows of usedWindow, is not used: sound, twice if much is lost, of what would carry a
	// small picture.
	unusedShare = 0.5
	usedWindow  = 200 * time.Millisecond
	// ratePause is a pause between reports, over which no rate is measured.
	ratePause = 400 * time.Millisecond

	// quickFirst is the growth per second when the queue has become empty, which doubles each quickDoubling, up to quickMost.
	quickFirst    = 0.05
	quickMost     = 1.2
	quickDoubling = 300 * time.Millisecond

	// overDelay more than the reference is a queue that must go, within drainTime if alone.
	overDelay = 25 * time.Millisecond
	drainTime = 600 * time.Millisecond
	// competeAfter is how long a queue may stay in spite of that before it is somebody else's, and competeStart the part of our share that
	// is taken back then.
	competeAfter = 1500 * time.Millisecond
	competeStart = 0.8
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
	// lossTooFew packets tell nothing even in lossLongest.
	lossTooFew = lossLeast / 4
	// lossRemains is the share of excess loss that stays if lowering the rate did not help.
	lossRemains = 0.6
	// lossMargin is the share of what the path has carried that is sent from then on, so that the queue there empties.
	lossMargin = 0.95
	// lossHold is how long a rate that made for excess loss is not tried again.
	lossHold = 5 * time.Second

	// pacingCredit is the time for which an idle or late sender keeps its right to send.
	pacingCredit = 5 * time.Millisecond
	// sharedCredit is the same for all sessions that share an uplink together, and sharedDebt how far sound may be ahead there.
	sharedCredit = 10 * time.Millisecond
	sharedDebt   = 50 * time.Millisecond
	// sharedTurn is for how long a session may send at its own rate in one turn: a small picture.
	sharedTurn = 40 * time.Millisecond
	// sharedPatience is how long one waits for a turn at most while sound takes all that may be sent together, and how often one of those
	// who wait has it then: 40 kbit/s at most.
	sharedPatience = 250 * time.Millisecond
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
