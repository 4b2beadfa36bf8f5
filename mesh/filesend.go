package mesh

import (
	"crypto/rand"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/mesh/room/transfer"
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// outFile is a file that we send.
type outFile struct {
	file  File
	offer incall.Offer
	over  bool // it is offered to nobody who comes later
}

// fileSend is its transfer to one member.
type fileSend struct {
	fileEntry
	file   *outFile
	sender *transfer.Sender
	asked  time.Time // the newest request
	sent   uint64    // bytes of chunks
}

// now is the transfer as the user sees it.
func (s *fileSend) now(over bool) Transfer {
	o := s.file.offer
	t := Transfer{
		ID: o.ID, Name: o.Name, Size: int64(o.Size), SHA256: o.SHA256, ToAll: o.ToAll, Peer: s.peer, Outgoing: true,
		Done: int64(s.sender.Received()),
	}
	ended, right, why := s.sender.Over()
	t.State, t.Reason = s.state(over, s.sender.Accepted(), ended, right, wireReasons[why])
	return t
}

// goes reports whether it has not ended.
func (s *fileSend) goes() bool {
	over, _, _ := s.sender.Over()
	return !over && s.ended == ""
}

// sendFile offers a file.
func (c *Call) sendFile(f File, to []flash.PeerID) (FileID, error) {
	legs, err := c.membersOf(to)
	if err != nil {
		return FileID{}, err
	}
	for i, g := range slices.Backward(legs) {
		if g.identity != (trust.Identity{}) && (g.link == nil || !g.link.isReady() || g.link.conferences()) {
			continue
		}
		if len(to) > 0 {
			return FileID{}, ErrNobody
		}
		legs = slices.Delete(legs, i, i+1)
	}
	if len(legs) == 0 {
		return FileID{}, ErrNobody
	}
	t := &c.files
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, g := range slices.Backward(legs) {
		if t.roomTo(g.identity) {
			continue
		}
		if len(to) > 0 {
			return FileID{}, ErrTooManyFiles
		}
		legs = slices.Delete(legs, i, i+1) // he gets it when he has got others, if it still goes on
	}
	if len(legs) == 0 {
		return FileID{}, ErrTooManyFiles
	}
	o := &outFile{file: f, offer: incall.Offer{
		Size: uint64(f.Size), SHA256: f.SHA256, ToAll: len(to) == 0, Name: transfer.TidyName(f.Name),
	}}
	_, _ = rand.Read(o.offer.ID[:]) // never fails
	t.offered = slices.DeleteFunc(t.offered, func(o *outFile) bool { return o.over })
	t.offered = append(t.offered, o)
	for _, g := range legs {
		t.send(g, o)
	}
	return o.offer.ID, nil // tellOffers tells
}

// roomTo reports whether another file may be on its way to a member, or wait for him: what one has not got, or has not answered,
// keeps nobody else from getting files. t.mu is held.
func (t *fileTable) roomTo(who trust.Identity) bool {
	n := 0
	for _, s := range t.outgoing {
		if s.who == who && s.goes() {
			n++
		}
	}
	return n < maxFilesOut
}

// send begins the transfer to one member. t.mu is held.
func (t *fileTable) send(g *leg, o *outFile) {
	if len(t.outgoing) >= maxTransfers {
		at := slices.IndexFunc(t.outgoing, func(s *fileSend) bool { return !s.goes() })
		if at < 0 {
			return
		}
		t.outgoing = slices.Delete(t.outgoing, at, at+1)
	}
	t.outgoing = append(t.outgoing, &fileSend{fileEntry: t.begin(g, o.offer.ID), file: o, sender: transfer.NewSender(o.offer)})
}

// tellOffers offers the far end, on a new link anew, what it is to get: as much at once as it takes, and the rest as that ends.
func (g *leg) tellOffers() {
	t := &g.call.files
	var offers []incall.Message
	t.mu.Lock()
	for _, o := range t.offered {
		if !o.over && !slices.ContainsFunc(t.outgoing, func(s *fileSend) bool { return s.file == o && s.goes() }) {
			o.over = true // all who were there have it, or do not want it
		}
		if s := t.sendOf(o.offer.ID, g.identity); o.offer.ToAll && !o.over && (s == nil || s.ended == FileLost) && t.roomTo(g.identity) {
			t.outgoing = slices.DeleteFunc(t.outgoing, func(other *fileSend) bool { return other == s })
			t.send(g, o)
		}
	}
	wanted, told := false, 0
	for _, s := range t.outgoing {
		if s.who == g.identity && s.goes() && s.on == g.link {
			told++
		}
	}
	for _, s := range t.outgoing {
		if s.who != g.identity || !s.goes() {
			continue
		}
		if s.on != g.link && told < maxFilesIn { // he would refuse more
			told++
			s.sender.Unlinked()
			s.on = g.link
			offers = append(offers, s.sender.Offer())
		}
		wanted = wanted || s.sender.Wanted()
	}
	t.mu.Unlock()
	if wanted {
		g.pumpFiles()
	}
	for _, m := range offers {
		if !g.sendInCall(m) {
			t.mu.Lock()
			if s := t.sendOf(m.(incall.Offer).ID, g.identity); s != nil { //nolint:forcetypeassert // as above
				s.on = nil // again soon
			}
			t.mu.Unlock()
		}
	}
}

// takeFileAnswer takes what a receiver says about a file of ours.
func (g *leg) takeFileAnswer(l *link, id FileID, m incall.Message) {
	t := &g.call.files
	t.mu.Lock()
	s := t.sendOf(id, g.identity)
	var reply incall.Message
	_, accepts := m.(incall.Accept)
	_, requests := m.(incall.Request)
	switch {
	case s == nil && (accepts || requests):
		reply = incall.Cancel{ID: id, Reason: incall.FileCancelled}
	case s == nil:
	case !s.goes():
		if _, right, why := s.sender.Over(); !right && (accepts || requests) {
			reply = incall.Cancel{ID: id, Reason: why}
		}
	default:
		if s.on != l && (accepts || requests) { // he is on the new link before us, and knows of the file
			s.sender.Unlinked()
			s.on = l
		}
		if requests {
			s.asked = time.Now()
		}
		if s.sent > maxSentTimes*(s.file.offer.Size+transfer.Window) {
			reply = s.sender.Cancel(incall.FileBroken)[0] // he loses it all again and again, or is after our uplink
			break
		}
		if err := s.sender.Handle(m); err != nil {
			g.agent.log.Debug("a message about a file was refused", "from", g.Name(), "error", err)
		}
	}
	t.mu.Unlock()
	if reply != nil {
		g.sendInCall(reply)
	}
}

// stopFiles ends some of our transfers: a file cannot be read, or somebody does not take any more.
func (c *Call) stopFiles(why FileReason, which func(*fileSend) bool) {
	t := &c.files
	said := make(map[trust.Identity][]incall.Message)
	t.mu.Lock()
	for _, s := range t.outgoing {
		if s.goes() && which(s) {
			said[s.who] = append(said[s.who], s.sender.Cancel(why.wire())...)
		}
	}
	t.mu.Unlock()
	for who, m := range said {
		c.tellFile(who, m...)
	}
}
