package cluster

import "time"

const (
	// callTimeout ends calls whose context has no end: longer than the election of a leader takes, three times over.
	callTimeout = 30 * time.Second

	// attemptTimeout is how long one attempt waits for its answer: a server that died never gives one, and an answer takes
	// milliseconds, or the time of a disk under load.
	attemptTimeout = 2 * time.Second

	// retryDelay separates attempts while there is no leader.
	retryDelay = 100 * time.Millisecond

	// conflictDelay separates the attempts of a Create that meets others, or a write that is not decided yet.
	conflictDelay = 10 * time.Millisecond

	// connectTimeout is how long one server may take to be reached.
	connectTimeout = 2 * time.Second

	// reconnectWait separates the attempts to reach the same server again, with as much jitter: a thousand instances are not to
	// come back in the same moment.
	reconnectWait   = 250 * time.Millisecond
	reconnectJitter = 250 * time.Millisecond

	// pingInterval and maxPings find a server that has gone without a word in 6 s at most.
	pingInterval = 2 * time.Second
	maxPings     = 2

	// startTimeout is how long the server inside may take: a large data folder is read through after a crash.
	startTimeout = 60 * time.Second

	// syncInterval is how often the server inside has the disk take what was written. A write that was acknowledged survives the end of the process,
	// however sudden; if the host loses its power, those of the last moments may be lost. Were each synced, 400 new names a second is
	// what a disk can do, and a flood of them would keep everybody waiting; and what is lost with a power cut are names whose owners
	// register them again as soon as the host is back.
	syncInterval = 2 * time.Second

	// countInterval is how often a bucket with a limit is asked how many keys it has, when new ones are made.
	countInterval = time.Second

	// duplicates is how long a bucket knows the IDs of writes, so that one that was sent twice is applied once. Longer than callTimeout.
	duplicates = time.Minute

	// markerTTL is how long a bucket knows what was deleted or has expired, which a watch that was away for less can make up for. Each
	// marker costs what a key costs.
	markerTTL = 5 * time.Minute

	// resumeWithin is how long a watch may have been away and still go on where it was; less than markerTTL by a good deal.
	resumeWithin = 2 * time.Minute

	// minTTL is the shortest time to live that NATS knows.
	minTTL = time.Second

	// maxKey bounds a key in bytes. Each may take three in a subject, and a subject must fit NATS' protocol line of 4096.
	maxKey = 1024

	// defaultMaxValue and maxValue bound a value in bytes; NATS takes messages of 1 MiB with their headers.
	defaultMaxValue = 64 << 10
	maxValue        = 1<<20 - headerRoom

	// headerRoom is what our headers may take beside a value.
	headerRoom = 1 << 10

	// wantReplicas is the smallest number of servers of which one may be lost without the state being lost or standing still. Two are no
	// better than one: both are needed for a majority.
	wantReplicas = 3

	// watchPull is how many changes a watch asks for at once: what waits in memory for a reader that is slow. The rest
	// waits in the bucket.
	watchPull = 256

	// watchHeartbeat is how often the server says that it is there while nothing changes; twice of that without a word starts a watch over.
	watchHeartbeat = 2 * time.Second

	// watchExpiry is how long one request for changes lasts.
	watchExpiry = 30 * time.Second

	// watchGone is how long the server keeps the state of a watch that no longer asks.
	watchGone = 30 * time.Second

	// pendingMessages and pendingBytes bound what waits for the handler of one subscription; beyond them messages are dropped
	// and counted.
	pendingMessages = 8192
	pendingBytes    = 8 << 20

	// reconnectBuffer is how much may be published while there is no connection, to be sent later: nothing. Whoever writes to a bucket
	// tries again, and messages are of no use when they are old.
	reconnectBuffer = -1
)
