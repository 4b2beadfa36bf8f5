package mesh

import (
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/mesh/room/transfer"
	"sundog.dev/sundog/mesh/trust"
)

// fileReceive is a file that is offered to us.
type fileReceive struct {
	fileEntry
	offer    incall.Offer
	receiver *transfer.Receiver // nil until it is accepted
	sink     FileSink
	done     bool // whole and right
	summing  bool
	unsaid   []incall.Message // its end, which could not be told: nobody talked. Of the call's goroutine.

	sinking chan struct{} // full while the sink is at work (filedisk.go)
}

// anew is the transfer as it was before it was accepted. Whoever still writes what has come for the one before finds that one ended.
func (r *fileReceive) anew() *fileReceive {
	again := &fileReceive{fileEntry: r.fileEntry, offer: r.offer, sinking: r.sinking}
	again.ended, again.on = "", nil
	return again
}

// now is the transfer as the user sees it.
func (r *fileReceive) now(over bool) Transfer {
	t := Transfer{
		ID: r.id, Name: transfer.TidyName(r.offer.Name), Size: int64(r.offer.Size), SHA256: r.offer.SHA256, ToAll: r.offer.ToAll, Peer: r.peer,
	}
	if r.receiver != nil {
		t.Done = int64(r.receiver.Received())
	}
	t.State, t.Reason = r.state(over, r.receiver != nil, r.done, r.done, "")
	return t
}

// goes reports whether it has not ended.
func (r *fileReceive) goes() bool { return !r.done && r.ended == "" }

// end ends one that was accepted, and says what to tell the sender.
func (r *fileReceive) end(why FileReason) []incall.Message {
	r.ended = why
	return r.receiver.Cancel(why.wire())
}

// takeOffer takes an offer, or one again: the sender says so on each link as long as it has not heard of the end.
func (g *leg) takeOffer(m incall.Offer) {
	t := &g.call.files
	var reply []incall.Message
	t.mu.Lock()
	switch r := t.receiveOf(m.ID, g.identity); {
	case r == nil && (!g.mayOffer(time.Now()) || !t.roomFor(g)):
		reply = append(reply, incall.Reject{ID: m.ID, Reason: incall.FileTooMany})
	case r == nil:
		id := m.ID
		for slices.ContainsFunc(t.all(), func(e transferring) bool { return e.entry().id == id }) {
			_, _ = rand.Read(id[:]) // somebody uses another's: for our user it has one of its own
		}
		t.incoming = append(t.incoming, &fileReceive{fileEntry: t.begin(g, id), offer: m, sinking: make(chan struct{}, 1)})
	case r.done:
		reply = append(reply, incall.Done{ID: m.ID, OK: true})
	case r.ended == FileLost: // he is back
		t.incoming[slices.Index(t.incoming, r)] = r.anew()
	case r.ended != "":
		reply = append(reply, incall.Reject{ID: m.ID, Reason: r.ended.wire()})
	default:
		r.on = nil // he has forgotten what we asked for
	}
	t.mu.Unlock()
	for _, m := range reply {
		g.sendInCall(m)
	}
}

// mayOffer reports whether a member may offer another file now: each is a line in the user's window, taken back at once or not.
func (g *leg) mayOffer(now time.Time) bool {
	if g.offers == nil {
		g.offers = newLimiter(offersPerSecond, offersBurst)
	}
	return g.offers.allow(now)
}

// roomFor reports whether another offer of a member is taken, for which an old one that has ended may go. t.mu is held.
func (t *fileTable) roomFor(g *leg) bool {
	his := 0
	for _, r := range t.incoming {
		if r.who == g.identity && r.goes() {
			his++
		}
	}
	if his >= maxFilesIn {
		return false
	}
	if len(t.incoming) >= maxTransfers {
		at := slices.IndexFunc(t.incoming, func(r *fileReceive) bool { return !r.goes() })
		if at < 0 {
			return false
		}
		t.incoming = slices.Delete(t.incoming, at, at+1)
	}
	return true
}

// acceptFile takes an offer.
func (c *Call) acceptFile(id FileID, into FileSink, have []FileRange) error {
	t := &c.files
	t.mu.Lock()
	at := slices.IndexFunc(t.incoming, func(r *fileReceive) bool { return r.id == id && r.goes() && r.receiver == nil })
	if at < 0 {
		t.mu.Unlock()
		return ErrNoFile
	}
	r := t.incoming[at]
	receiver, err := transfer.NewReceiver(r.offer, incall.MaxFile, have...)
	if err != nil {
		t.mu.Unlock()
		return ErrNoFile
	}
	r.receiver, r.sink, r.on = receiver, into, nil // tellReceived accepts
	t.mu.Unlock()
	return nil
}

// tellReceived tells the sender what we have and want, on a new link anew.
func (g *leg) tellReceived(now time.Time) {
	t := &g.call.files
	var say []incall.Message
	var ended []*fileReceive
	t.mu.Lock()
	for _, r := range t.incoming {
		if r.who == g.identity && len(r.unsaid) > 0 {
			ended = append(ended, r)
		}
		if r.who != g.identity || r.receiver == nil || !r.goes() {
			continue
		}
		if r.on != g.link {
			r.on = g.link
			say = append(say, r.receiver.Linked(now)...)
		} else {
			say = append(say, r.receiver.Tick(now)...)
		}
	}
	t.mu.Unlock()
	for _, m := range say {
		g.sendInCall(m)
	}
	for _, r := range ended {
		if g.call.tellFile(r.who, r.unsaid...) {
			r.unsaid = nil
		}
	}
}

// sumFile looks whether a file that has come is the one that was offered.
func (c *Call) sumFile(r *fileReceive) {
	var sum [sha256.Size]byte
	var err error
	if !r.work(c.ctx, c.ctx, func() { sum, err = r.sink.Sum(c.ctx) }) {
		return
	}
	c.post(c.ctx, input{do: func() { c.summedFile(r, sum, err) }})
}

// summedFile takes its answer.
func (c *Call) summedFile(r *fileReceive, sum [sha256.Size]byte, err error) {
	t := &c.files
	t.mu.Lock()
	if !r.goes() || r.receiver == nil {
		t.mu.Unlock()
		return
	}
	var say []incall.Message
	if err != nil {
		c.agent.log.Warn("a file could not be read again", "name", r.offer.Name, "error", err)
		say = r.end(FileNoSpace)
	} else {
		say = r.receiver.Verified(sum)
		if _, right := r.receiver.Over(); right {
			r.done = true
		} else {
			r.ended = FileBroken
		}
	}
	t.mu.Unlock()
	if !c.tellFile(r.who, say...) {
		r.unsaid = say
	}
}

// cancelledFile takes that a sender gives a file up.
func (c *Call) cancelledFile(from trust.Identity, m incall.Cancel) {
	t := &c.files
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.receiveOf(m.ID, from)
	if r == nil || !r.goes() {
		return
	}
	r.ended = wireReasons[m.Reason]
	if r.receiver != nil {
		r.receiver.Cancelled(m)
	}
}
