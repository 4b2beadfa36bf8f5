package flash

import "time"

// What RFC 7425 and Flash fix.
const (
	// DefaultPort is the UDP port of a service whose address names none (RFC 7425 §6.1).
	DefaultPort = 1935

	// defaultMaxPeers is Flash's default of NetConnection.maxPeerConnections.
	defaultMaxPeers = 8

	// firstPeerStream is the first stream ID that a subscriber gives to a play between peers. Flash counts from 2,000,000,
	// apart from the IDs that services hand out.
	firstPeerStream = 2_000_001

	// rejectCode is the exception for refused flows; none other is defined (RFC 7425 §5.3.5.3).
	rejectCode = 0
)

// What we chose.
const (
	// keepaliveFloor and keepaliveCeiling bound what user control 41 may ask for. RFC 7425 §5.3.4 advises the floor, which
	// spares us a service's flood of pings; the ceiling stays below the life of NAT mappings (~30 s), without which
	// nobody could be introduced to us.
	keepaliveFloor   = 5 * time.Second
	keepaliveCeiling = 25 * time.Second

	// serviceKeepalive and peerKeepalive hold until the service says otherwise.
	serviceKeepalive = 15 * time.Second
	peerKeepalive    = 15 * time.Second

	// serviceTimeout is how long the service may owe an answer before it counts as lost.
	serviceTimeout = 15 * time.Second

	// maxEvents bounds events of the service leg that nobody has read: some minutes of call signals. A service that
	// relays a stranger's flood costs no more.
	maxEvents = 256

	// maxAddresses bounds the addresses in setPeerInfo, and those that a host name resolves to.
	maxAddresses = 16

	// maxUnaccepted bounds the peers that nobody has accepted.
	maxUnaccepted = 64

	// maxSubscriptions bounds the plays of one peer, pending or not: a call has one or two, a conference few more.
	maxSubscriptions = 8

	// maxPending bounds all plays that wait for a name, whoever sent them. The usual number of peers cannot fill it, so
	// none keeps the others from waiting.
	maxPending = defaultMaxPeers * maxSubscriptions

	// maxNameLength bounds the names of streams, in bytes.
	maxNameLength = 256

	// maxFlowBacklog bounds the flows of other kinds that a peer has opened and nobody has accepted.
	maxFlowBacklog = 16

	// maxReturnFlows bounds the flows over which a publisher sends one stream; three are usual.
	maxReturnFlows = 8

	// maxServiceFlows bounds the flows of the service to us; one is usual.
	maxServiceFlows = 8

	// maxQueuedAudio and maxQueuedVideo bound media messages that nobody has read: about a second each. Beyond, the oldest
	// go: late media are worthless.
	maxQueuedAudio = 64
	maxQueuedVideo = 48

	// The same bounds in bytes keep hostile messages, of up to 2 MiB each, from filling the memory: sound at 2 Mbit/s,
	// picture at 16 Mbit/s.
	maxQueuedAudioBytes = 256 << 10
	maxQueuedVideoBytes = 2 << 20

	// maxQueuedData and maxQueuedDataBytes bound data and status messages that nobody has read. They are never dropped:
	// their flow is not read on.
	maxQueuedData      = 64
	maxQueuedDataBytes = 256 << 10

	// statusWeight is what a status takes in memory for each byte that it came in: a null is one byte there and 16 here.
	statusWeight = 16

	// Buffers of the publisher's flows, in bytes: what is written and not acknowledged. Sound is a second at 256 kbit/s,
	// picture two seconds at 2 Mbit/s (a key frame must fit), data what a chat never fills.
	audioBuffer = 32 << 10
	videoBuffer = 512 << 10
	dataBuffer  = 128 << 10

	// maxNetStreams bounds our streams at a service.
	maxNetStreams = 64

	// maxServerStreams bounds a client's streams at a service of ours: a conference of eight plays seven and publishes one.
	maxServerStreams = 32

	// deleteGrace is how long a stream at a service that we close waits for the acknowledgement of its last messages before the
	// service is told to delete it.
	deleteGrace = 5 * time.Second

	// syncRoom is what a Flow Synchronization message takes of a buffer, with room to spare.
	syncRoom = 1 << 10

	// unpublishGrace is how long a publisher that stops waits for the acknowledgement of its last messages before it
	// rejects the subscriber's flow.
	unpublishGrace = 5 * time.Second
)
