package mesh

import (
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// fileTable is the transfers of a call. The call's goroutine begins and ends them and says what is to be said on the flow of room
// messages; the goroutines that send and receive chunks (filepump.go, fileflow.go) take from it what is next. While
// mu is held no lock but the call's is taken.
type fileTable struct {
	mu       sync.Mutex
	outgoing []*fileSend
	incoming []*fileReceive
	offered  []*outFile
	begun    int  // transfers so far
	over     bool // the call has ended
	turn     int  // whose chunk was sent last, for all to come in turn
	pace     filePace
}

// fileEntry is what both directions have; under the table's mu.
type fileEntry struct {
	number int // in the order of their beginning
	id     FileID
	who    trust.Identity
	peer   flash.PeerID // who is there, at last
	on     *link        // the far end knows all that it is to know, told on this link
	linked bool         // we talk at present
	ended  FileReason   // why it has failed, where the state machine does not say
	told   Transfer
	toldAt time.Time
}

// transferring is a fileSend or a fileReceive.
type transferring interface {
	entry() *fileEntry
	now(over bool) Transfer // over: the call has ended
}

func (e *fileEntry) entry() *fileEntry { return e }

// all are the transfers in the order of their beginning. t.mu is held.
func (t *fileTable) all() []transferring {
	var all []transferring
	for _, s := range t.outgoing {
		all = append(all, s)
	}
	for _, r := range t.incoming {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b transferring) int { return a.entry().number - b.entry().number })
	return all
}

// begin numbers a new transfer. t.mu is held.
func (t *fileTable) begin(g *leg, id FileID) fileEntry {
	t.begun++
	return fileEntry{number: t.begun, id: id, who: g.identity, peer: g.PeerID(), linked: g.talkOn != nil}
}

// sendOf is our transfer of a file to somebody; nil: there is none. t.mu is held.
func (t *fileTable) sendOf(id FileID, who trust.Identity) *fileSend {
	for _, s := range t.outgoing {
		if s.id == id && s.who == who {
			return s
		}
	}
	return nil
}

// receiveOf is the transfer of a file to us that somebody calls so; nil: there is none. t.mu is held.
func (t *fileTable) receiveOf(wire FileID, from trust.Identity) *fileReceive {
	for _, r := range t.incoming {
		if r.offer.ID == wire && r.who == from {
			return r
		}
	}
	return nil
}

// state is what both directions say in the same way.
func (e *fileEntry) state(over bool, accepted, ended, right bool, why FileReason) (FileState, FileReason) {
	switch {
	case ended && right:
		return FileDone, ""
	case e.ended != "":
		return FileFailed, e.ended
	case ended:
		return FileFailed, why
	case over:
		return FileFailed, FileLost
	case !accepted:
		return FileOffered, ""
	case !e.linked:
		return FileWaiting, ""
	}
	return FileGoing, ""
}

// tendFiles tells the other members and the user what has changed.
func (c *Call) tendFiles(now time.Time) {
	t := &c.files
	t.mu.Lock()
	idle := len(t.outgoing)+len(t.incoming) == 0
	t.mu.Unlock()
	if idle || c.over {
		return
	}
	talking := make(map[trust.Identity]*leg)
	c.each(func(g *leg) {
		if g.talkOn != nil {
			talking[g.identity] = g
			g.tellOffers()
			g.tellReceived(now)
		}
	})
	var changed []Transfer
	var whole []*fileReceive
	t.mu.Lock()
	for _, r := range t.incoming {
		if r.receiver != nil && r.goes() && r.receiver.Complete() && !r.summing {
			r.summing = true
			whole = append(whole, r)
		}
	}
	for _, x := range t.all() {
		e := x.entry()
		if g := talking[e.who]; g != nil {
			e.linked, e.peer = true, g.PeerID()
		} else {
			e.linked, e.on = false, nil
		}
		if is := x.now(false); is != e.told {
			same := is
			same.Done = e.told.Done
			if same != e.told || now.Sub(e.toldAt) >= fileTellEvery {
				e.told, e.toldAt = is, now
				changed = append(changed, is)
			}
		}
	}
	t.mu.Unlock()
	for _, r := range whole {
		c.wg.Go(func() { c.sumFile(r) })
	}
	for _, is := range changed {
		c.events.put(FileChanged{is})
	}
}

// tellFile sends somebody messages about a file, if we talk.
func (c *Call) tellFile(who trust.Identity, messages ...incall.Message) (told bool) {
	g := c.legTo(who)
	if g == nil || g.talkOn == nil {
		return false
	}
	for _, m := range messages {
		if !g.sendInCall(m) {
			return false
		}
	}
	return true
}

// takeFile takes a message of the far end about a file, but for chunks.
func (g *leg) takeFile(l *link, m incall.Message) {
	switch m := m.(type) {
	case incall.Offer:
		g.takeOffer(m)
	case incall.Cancel:
		g.takeFileAnswer(l, m.ID, m)
		g.call.cancelledFile(g.identity, m)
	case incall.Accept:
		g.takeFileAnswer(l, m.ID, m)
	case incall.Reject:
		g.takeFileAnswer(l, m.ID, m)
	case incall.Request:
		g.takeFileAnswer(l, m.ID, m)
	case incall.Done:
		g.takeFileAnswer(l, m.ID, m)
	}
}

// endFile ends a transfer by the user's wish.
func (c *Call) endFile(id FileID, why FileReason) error {
	t := &c.files
	type word struct {
		who trust.Identity
		m   []incall.Message
	}
	var words []word
	found := false
	t.mu.Lock()
	for _, s := range t.outgoing {
		if s.id == id && s.ended == "" && why == FileCancelled {
			found = true
			words = append(words, word{s.who, s.sender.Cancel(why.wire())})
			s.file.over = true
		}
	}
	for _, r := range t.incoming {
		if r.id != id || !r.goes() || r.receiver == nil && why == FileCancelled || r.receiver != nil && why == FileDeclined {
			continue
		}
		found = true
		if r.receiver == nil {
			r.ended = why
			words = append(words, word{r.who, []incall.Message{incall.Reject{ID: r.offer.ID, Reason: why.wire()}}})
		} else {
			words = append(words, word{r.who, r.end(why)})
		}
	}
	t.mu.Unlock()
	if !found {
		return ErrNoFile
	}
	for _, w := range words {
		c.tellFile(w.who, w.m...)
	}
	return nil
}

// lostFiles ends the transfers from and to somebody who has left the call.
func (c *Call) lostFiles(who trust.Identity) {
	t := &c.files
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.outgoing {
		if over, _, _ := s.sender.Over(); s.who == who && !over {
			s.ended = FileLost
			s.sender.Cancel(incall.FileCancelled)
		}
	}
	for _, r := range t.incoming {
		if r.who == who && r.goes() {
			r.ended = FileLost
			if r.receiver != nil {
				r.receiver.Cancel(incall.FileCancelled)
			}
		}
	}
}
