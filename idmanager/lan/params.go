package lan

import (
	"net/netip"
	"time"
)

// The names of RFC 6763, in lower case.
const (
	domain      = "local."
	serviceType = "_sundog._udp." + domain
	allServices = "_services._dns-sd._udp." + domain // §9
)

// The groups of RFC 6762 §3.
var (
	groupV4 = netip.MustParseAddrPort("224.0.0.251:5353")
	groupV6 = netip.MustParseAddrPort("[ff02::fb]:5353")
)

// mdnsPort is also the port that all our packets come from and all that we believe came from (RFC 6762 §6).
const mdnsPort = 5353

// Times of RFC 6762.
const (
	recordTTL = 2 * time.Minute // §10 for records with a host name; ours all tell presence
	maxTTL    = 5 * time.Minute // nobody's record is believed for longer than it takes to notice that they crashed

	probeInterval = 250 * time.Millisecond // §8.1
	probeCount    = 3                      // §8.1
	probeDelay    = 250 * time.Millisecond // §8.1: at most, against many that start at once

	announceCount    = 3           // §8.3 wants 2 at least; a third for a network that loses packets
	announceInterval = time.Second // §8.3: to the second one, doubled for each further

	answerDelayLeast     = 20 * time.Millisecond // §6: a PTR record is shared by all
	answerDelayMost      = 120 * time.Millisecond
	answerDelayListLeast = 400 * time.Millisecond // §7.2: the list of known answers goes on in another packet
	answerDelayListMost  = 500 * time.Millisecond
	answerInterval       = time.Second // §6: between two answers on one interface

	queryDelayLeast    = 20 * time.Millisecond // §5.2
	queryDelayMost     = 120 * time.Millisecond
	queryInterval      = time.Second // §5.2: to the second query, doubled for each further
	queryIntervalMax   = time.Hour   // §5.2
	refreshFirst       = 80          // §5.2: a record is asked for anew after this percentage of its TTL,
	refreshStep        = 5           // then each so many later
	refreshCount       = 4
	goodbyeDelay       = time.Second // §10.1: a record with a TTL of 0 goes after that time
	goodbyeInterval    = 250 * time.Millisecond
	flushDelay         = time.Second // §10.2
	maxPacket          = 9000        // §17
	ownPacket          = 1200        // ours fit any path; the smallest MTU of IPv6 is 1280
	knownAnswerPackets = 8           // §7.2; what does not fit is merely answered again
)

// Times of ours.
const (
	interfacePoll = 2 * time.Second         // a new Wi-Fi is noticed within this time; no platform's notifications are needed
	lookUpWait    = 1500 * time.Millisecond // answers come within 120 ms, or 1.1 s where somebody else has just asked, or has just come
	settleTime    = 20 * time.Millisecond
	renameWait    = 5 * time.Second // between two new instance names, against somebody who says that each is theirs
	defendWait    = time.Second     // between two announcements against false goodbyes
	recheckTime   = 10 * time.Second
)

// Bounds on what others make us keep and do.
const (
	maxInterfaces = 16
	// maxInstances is the largest meeting that we expect on one network, doubled; each takes about 1 KB.
	maxInstances = 2048
	// maxPerSource is for several phones on one machine, or behind a proxy. Sources are cheap to make up, so the bound above is needed too.
	maxPerSource = 32
	// maxPerName bounds how many identities under one name are kept beyond the last place: those who are looked for have places
	// kept for them (see cache.go), which nobody shall fill with one name.
	maxPerName = 16
	// maxIdentities is how many identities one instance name may have: two who came with the same, or somebody who pretends.
	maxIdentities = 4
	maxAddresses  = 8 // of one host
	// maxRecords bounds what is read of one packet: a full list of known answers of 9000 bytes has 110.
	maxRecords = 128

	// Packets per second that are looked at, in all and of one source. A network of 500 phones makes about 20 per second.
	packetRate, packetBurst             = 1000, 2000
	sourcePacketRate, sourcePacketBurst = 50, 200
	// Signatures checked per second, in all and of one source: 60 µs each.
	verifyRate, verifyBurst             = 200, 2500
	sourceVerifyRate, sourceVerifyBurst = 10, 50
	maxSources                          = 4096 // whose rates are kept
	queueLength                         = 256  // packets read and not looked at yet
)
