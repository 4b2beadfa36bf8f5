package mesh

import (
	"time"

	"sundog.dev/sundog/mesh/room"
)

// Times of a call. Each stands here with its reason.
const (
	// ringFor is how long the callee rings: what people know from other phones. The callee then
	// answers no_answer, which ends the call on both sides.
	ringFor = 45 * time.Second
	// giveUpAfter is when the caller gives up: longer than ringFor, so that the callee's own answer comes first.
	giveUpAfter = 60 * time.Second
	// noPathAfter is how long a caller waits for a sign of life (a session, or an answer by relay). Opening through a NAT takes
	// at most a few retransmissions of an IHello (RFC 7016 §3.5.1.1.1: 1.5 s, growing); longer waits only keep the user in doubt.
	noPathAfter = 18 * time.Second
	// connectFor bounds Connecting: both have accepted, and one does not hear from the other.
	connectFor = 20 * time.Second
	// proofWait is how long a callee that was woken by relay waits for the peer session before it rings without proof.
	proofWait = 3 * time.Second
	// helloWait is how long a peer session may go without our control flow until its far end counts as an
	// old client, for which relay signals decide: several round trips of a slow path and one loss.
	helloWait = 2 * time.Second
	// inviteWait is how long an announced caller may take from its hello to its invite inside the session, until
	// the relay's invite counts as forged or outdated.
	inviteWait = 3 * time.Second
	// farProofWait is how long a far end that speaks our signals may take to prove its identity. It does so by itself, at once;
	// this is several retransmissions on a bad path. Then its program is one that cannot.
	farProofWait = 10 * time.Second
	// oldClientWait is how long a far end may be silent on our flow until it is refused for being an old client. It is longer
	// than helloWait: a call that is let go on is mended by a late hello, one that is refused is not.
	oldClientWait = farProofWait
	// refusalWait is how long a session whose proof was refused stays open for the invite behind it: it is answered with the
	// reason, or the caller would try again and again.
	refusalWait = time.Second
	// staleInvite is the age from which an invite is not worth ringing for: its caller gives up soon.
	staleInvite = ringFor

	// keepalive in a call: something is sent every 2 s, so that silence means something.
	keepalive = 2 * time.Second
	// reconnectingAfter is the silence after which a call is Reconnecting. The user must see it within 7 s; the
	// clock of a call ticks every tick, so this is a little less.
	reconnectingAfter = 6500 * time.Millisecond
	// peerLostAfter is the silence after which a call has ended.
	peerLostAfter = 30 * time.Second
	// sessionTimeout is given to the RTMFP session: longer than peerLostAfter, so that a link that is dead for a while
	// comes back with its session, and it is the call that decides.
	sessionTimeout = 40 * time.Second
	// tick is the resolution of a call's timers.
	tick = 250 * time.Millisecond
	// reopenPause is between attempts to open a peer session.
	reopenPause = time.Second
	// seekFor is how long one attempt to open a session with a member lasts: ten IHellos, the last two 1.4 s apart, and round
	// trips enough for any path.
	seekFor = 5500 * time.Millisecond
	// seekBriefly is how long attempts are so short; later they are longer, with fewer packets.
	seekBriefly = 5 * time.Minute
	// reopenLater is the pause after an error that is not about the path: no service, too many peers.
	reopenLater = 3 * time.Second
	// streamRetry is between attempts to play again a stream that the far end ended.
	streamRetry = 500 * time.Millisecond

	// linger is how long a peer session without a call stays open: the last signals get there, and somebody
	// who calls again at once finds it.
	linger = 3 * time.Second
	// strangerLinger is how long an inbound session may stay without ever making a call. It holds a place under
	// maxPeerConnections, and callers come to the point within inviteWait and a few retransmissions.
	strangerLinger = 10 * time.Second
	// farewell bounds how long the end of a call waits for its last signal to be acknowledged, so that a program
	// may exit after Close.
	farewell = time.Second
)

// Times of a conference.
const (
	// inviteAgain is how often a member whom we have brought in is sent his invitation, until he is in the room.
	inviteAgain = 2 * time.Second
	// invitationLife is how long an invitation to somebody who has accepted our call is good: he may come back with it as long
	// as a conference lasts.
	invitationLife = 12 * time.Hour
	// joinAgain is how often a member says join to another, until both hold each other for members: one may have been told
	// while it had lost the other and was about to begin anew.
	joinAgain = 2 * time.Second
	// joinFor is how long somebody who asks to be let in may take: he and the member whom he asks exchange a few messages.
	joinFor = 10 * time.Second
	// strandedAfter is when a call ends in which nobody could be reached any more.
	strandedAfter = 2 * peerLostAfter
	// rosterSettles is how long the members must have been the same until they compare, where they are more than two.
	rosterSettles = 700 * time.Millisecond
	// byeHolds is how long somebody who said goodbye is not looked for, though the room may not know yet that he has left.
	byeHolds = 2 * time.Second
)

// Files.
const (
	// fileBuffer bounds the bytes of chunks that are sent and not acknowledged, or wait to be sent, in one session: what a round trip
	// of 50 ms takes at 5 Mbit/s. Whatever is in there is beyond recall when the uplink shrinks.
	fileBuffer = 32 << 10
	// fileLeast is the slowest pace of files, in bit/s of chunks: less than sound, so that the transfer to somebody on a bad link still
	// ends. fileOfLink is how much of what goes over the link is chunks, the rest being headers and what is sent again.
	fileLeast  = 16_000
	fileOfLink = 0.92
	// fileSpan is how much of that time a chunk may take, and fileLeastChunk the bytes that it has at least: many large ones at
	// once would be a queue at the uplink, since each session sends its own as fast as it is granted.
	fileSpan       = 20 * time.Millisecond
	fileLeastChunk = 1000
	// filePatience is how long a chunk waits for its turn before the pace is looked at again.
	filePatience = 100 * time.Millisecond
	// fileStillWaits is how long somebody who has got what he had asked for is held to be about to ask for more.
	fileStillWaits = time.Second
	// fileCarried is the pace of a file to somebody who is reached by way of another member, in bit/s: it is that one's uplink, too.
	fileCarried = 48_000
	// fileLook is over how long it is measured what sound and pictures use: several pictures.
	fileLook = 300 * time.Millisecond
	// fileRateLife is how long what the uplink's division says of files holds: it is said several times a second.
	fileRateLife = 2 * time.Second
	// fileTellEvery is how often the user is told of a transfer's progress.
	fileTellEvery = 250 * time.Millisecond
	// maxFilesIn bounds offers and transfers of one member that have not ended: more would only fill the user's window.
	maxFilesIn = 8
	// offersPerSecond and offersBurst bound how often a member may offer another file: who offers and cancels fills the window, too.
	offersPerSecond = 1
	offersBurst     = 4 * maxFilesIn
	// maxFilesOut bounds our own files that one member has not got, whether he is lost, does not answer, or takes his time.
	maxFilesOut = 16
	// maxTransfers bounds those that are remembered, each way: the ended ones go first. The others of a full room have room in it, each with
	// as many as may go on.
	maxTransfers = 256
	// maxSentTimes is how often the bytes of a file are sent to the same member, over breaks and restarts; a window more each time.
	maxSentTimes = 4
	// unaskedPerSecond and unaskedBurst bound chunks that were not asked for: a buffer full of them may cross with the end of a
	// transfer, or with a request anew.
	unaskedPerSecond = 1
	unaskedBurst     = 200
)

// Media.
const (
	// audioLifetime: sound that is older than the largest useful jitter buffer is not worth its bits. To this and the next
	// the round trip time is added, since a message lives until it is acknowledged.
	audioLifetime = 300 * time.Millisecond
	// soundFrame is how long a frame of sound is. maxSoundTogether of them go in one datagram at most, with what the division of the
	// uplink plans: more would be heard as delay, and as a gap where one is lost. noSound bytes of a frame say that nothing follows
	// for a while (RFC 6716 §3.2.1).
	soundFrame       = 20 * time.Millisecond
	maxSoundTogether = 3
	noSound          = 1
	// soundPatience is how long a frame waits for the one behind it, which comes in 20 ms, or a little later from some devices.
	soundPatience = 2 * soundFrame
	// packingAfter is how long after it was announced more sound goes in a datagram: the others have stretched what they hear by
	// then.
	packingAfter = 500 * time.Millisecond
	// videoLifetime: a picture may take one retransmission more than sound; later it is replaced by newer ones.
	videoLifetime = 400 * time.Millisecond
	// screenLifetime: a page full of text takes so long over a small uplink, and nothing is newer.
	screenLifetime = 4 * time.Second
	// maxUsefulRTT bounds what is added: beyond a second nobody talks to each other.
	maxUsefulRTT = time.Second
	// keyFrameEvery limits requests for key frames, ours and theirs: a key frame costs several times a
	// usual picture, and one on its way answers all requests of a round trip.
	keyFrameEvery = 300 * time.Millisecond
	// keyFrameWay, and a round trip, is how long a key frame is on its way before somebody who asks for one cannot have got it: it takes as long to
	// be sent to seven.
	keyFrameWay = 200 * time.Millisecond
	// startPath is what may be sent to a far end that reports no arrivals, in bit/s: 360p30 with sound looks right at that rate
	// and fits the usual 1 Mbit/s uplink with room for overhead.
	startPath = 700_000
	// minPath keeps sound (about 63 kbit/s on the wire) and a small picture alive.
	minPath = 150_000
	// pathEvery is how often such a path is looked at: several round trips and hundreds of packets.
	pathEvery = time.Second
	// maxAudioMessage and maxVideoMessage bound what is handed to a decoder: an Opus packet has at most 1275 bytes a frame and
	// 120 ms, a key frame of 1080p stays below 1 MB.
	maxAudioMessage = 8 << 10
	maxVideoMessage = 1 << 20
	// farFramesPerSecond and farFramesBurst bound audio and video messages handed on, together: 50 sound, 60 picture,
	// redundancy, and a burst after a gap. More than that only starves us.
	farFramesPerSecond = 300
	farFramesBurst     = 300
)

// The uplink (package uplink).
const (
	// shareEvery is how often the uplink is looked at and divided: two reports of each session.
	shareEvery = 50 * time.Millisecond
	// uplinkEvery is how often it is said how the uplink is used: people read it.
	uplinkEvery = time.Second
	// firstLook is how long it may take to find out what an uplink carries of which nothing is known. Meanwhile nobody is told that it
	// is too little for pictures.
	firstLook = 5 * time.Second
	// wishNoise is a change of a bitrate, as a part of it, that encoders are not told: their pictures vary by more.
	wishNoise = 0.03
	// ownQueue more than what all sessions share is a queue of a path's own.
	ownQueue = 30 * time.Millisecond
	// mute is how long a far end may be silent until what its session says is not about now: several reports. resumeFor is how long its
	// congestion control then takes to find the path's rate again.
	mute      = 500 * time.Millisecond
	resumeFor = 2 * time.Second
	// lossOfQueue is how long after our uplink was full losses are of that: sessions count them over a second.
	lossOfQueue = 1500 * time.Millisecond
	// defaultHeight and defaultRate are those of our picture until SetPicture says others, and the height at which a member
	// shows us who has not said it.
	defaultHeight, defaultRate = 360, 30
	// smallHeight is that of the small size that media make.
	smallHeight = 180
	// fillerSize is a packet of what is of no use but to prove that the uplink carries it, in bytes on the link; fillerPayload is
	// what of it is not headers and fillerLife how long it may wait: what is sent later proves nothing of now. fillerMost bounds
	// what is sent so at a time, in bytes on the link; a large picture is made good for in fillerMemory.
	fillerSize    = 600
	fillerPayload = 524
	fillerLife    = 50 * time.Millisecond
	fillerMost    = 8 * fillerSize
	fillerMemory  = 300 * time.Millisecond
	fillerBuffer  = 2 * fillerMost
	// fillEvery is how often some of it is sent: 600 bytes take 5 ms of an uplink of 1 Mbit/s.
	fillEvery = 5 * time.Millisecond
)

// DefaultMaxPeers is Config.MaxPeers if it is 0, Flash's default of maxPeerConnections.
const DefaultMaxPeers = 8

// Bounds against hostile or broken far ends.
const (
	// maxSignal is the largest control message in bytes; ours have at most a few hundred.
	maxSignal = 4 << 10
	// maxTrustMessage bounds the bytes of a proof or of a step of the comparison; ours have 99 and 166.
	maxTrustMessage = 512
	// maxName is the longest name taken from the far end, in runes.
	maxName = 64
	// maxCapabilities bounds the capabilities of a hello, in bytes.
	maxCapabilities = 512
	// maxChat is the longest line of chat, in runes, both ways.
	maxChat = 4000
	// chatPerSecond and chatBurst bound lines of chat from an old client; what is more is dropped.
	chatPerSecond = 5
	chatBurst     = 20
	// linesBurst bounds lines of chat from a member, beyond which we read chatPerSecond of them: so many come at once on a new link.
	linesBurst = 200
	// reactionsPerSecond and reactionsBurst bound a member's reactions; what is more is dropped.
	reactionsPerSecond = 2
	reactionsBurst     = 8
	// signalsPerSecond and signalsBurst bound control messages on one link; beyond that we read slower, and the
	// flow's window stops the sender. They bound the signatures too that a far end can make us check: one is read in 0.1 ms,
	// so eight links at that rate take a twentieth of one core. Of proofs, one counts in a session.
	signalsPerSecond = 50
	signalsBurst     = 100
	// roomMessagesPerSecond and roomMessagesBurst bound room messages on one link, beyond which we read slower: a member of a
	// room of 32 has as many to pass on at once, and a few each second later. Each may have us check dozens of signatures.
	roomMessagesPerSecond = 50
	roomMessagesBurst     = 200
	// roomBuffer bounds room messages that the far end has not acknowledged, in bytes: all records of a full room.
	roomBuffer = 512 << 10
	// invitesPerMinute and invitesBurst bound how often one session may make the phone ring.
	invitesPerMinute = 20
	invitesBurst     = 10
	// relaysPerSecond and relaysBurst bound what one service may relay to us: it forwards for strangers.
	relaysPerSecond = 20
	relaysBurst     = 40
	// maxWakes bounds relay invites that wait for their session: each makes us send to a stranger.
	maxWakes = 4
	// farewellKept is how long somebody who has left a conference tells so those members who did not hear it: until they have
	// written him off.
	farewellKept = 5 * time.Minute
	// maxFarewells bounds the conferences of which that is kept, maxFarewellsTold those who are told: members, and not again.
	maxFarewells     = 8
	maxFarewellsTold = 256
	// maxKnocking bounds strangers who ask at once to be let into a conference: as many as come when all who have the link to the
	// largest room follow it at the same time, and as many whom it has no room for, so that these are told so.
	maxKnocking = 2*room.MaxMembers - 1
	// maxDeferred bounds invites held while our own call does not know its peer yet.
	maxDeferred = 4
	// maxEvents bounds the events of a call that nobody has read.
	maxEvents = 256
	// inputQueue bounds what waits for a call's goroutine; who fills it waits (links) or drops (the relay).
	inputQueue = 64
	// controlBuffer bounds control data that the far end has not acknowledged, in bytes.
	controlBuffer = 64 << 10
	// incomingQueue bounds ringing calls that nobody has taken with NextIncoming.
	incomingQueue = 8
)
