package v1

// Watch asks for a stream of events: the presence of names, and one's own kept alive by it.
type Watch struct {
	// Names to watch, at most MaxWatched.
	Names []string `json:"names"`
	// Own registration, which does not expire while the stream is open; left out: none.
	Own *Refresh `json:"own,omitempty"`
}

// Kinds of events. A stream begins with an EventName for each name, then EventReady. At least every ten seconds comes a comment,
// so that a stream that has fallen silent for longer has broken.
const (
	EventName  = "name"  // data: Name; in the beginning, and whenever it changes
	EventReady = "ready" // data: Ready; the state of all names has been told
	EventOwn   = "own"   // data: Own; one's own registration has ended. Register again, or not
	EventEnd   = "end"   // data: End; this instance is about to stop. Go on with another
)

// Ready is the data of EventReady.
type Ready struct {
	Time int64 `json:"time"` // by the directory's clock, ms since 1970
}

// States of one's own registration that has ended.
const (
	OwnGone     = "gone"     // it has expired, or the introduction service has lost the peer
	OwnReplaced = "replaced" // a later registration of the same key has taken its place: another device
)

// Own is the data of EventOwn.
type Own struct {
	State string `json:"state"` // OwnGone or OwnReplaced
}

// End is the data of EventEnd.
type End struct {
	// RetryAfterMillis is when to come back, in ms: different for each client, so that not all come at once.
	RetryAfterMillis int `json:"retry_after_ms"`
	// Instances that go on, as in Directory.
	Instances []Instance `json:"instances"`
}
