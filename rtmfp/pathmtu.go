package rtmfp

import (
	"encoding/binary"
	"time"
)

// pathMTU finds how long a session's packets may be (RFC 7016 §3.5.4.3), by probing with padded Pings and nothing else:
// routers' error messages need not arrive and may be forged. It follows RFC 8899:
//
//	         long packets are sent                 no size left to try
//	(base) ----------------------->  searching  ---------------------->  (complete)
//	  ^                               |     ^                              |   |
//	  |  the socket refuses a length, |     |      raiseInterval           |   |
//	  +-------------------------------+     +------------------------------+   |
//	  |  or a black hole is confirmed                                          |
//	  +------------------------------------------------------------------------+
//
// The search tries likelySizes from below, and halves what lies between the longest that passed and the shortest that
// failed while that is less than an Ethernet packet: nothing but a tunnel's overhead is expected to lie there.
//
// A black hole is suspected when only long packets are lost, and confirmed by a long and a short Ping at once: twice the
// short one alone is answered. Then the limit falls to the next of base and floor, and what was not yet sent is cut anew.
// Fragments that were sent before keep their sequence numbers and their length; a packet that has to hold one goes in
// pieces (RFC 7016 §3.4).
//
// With old clients there is no search: some answer any Ping with an empty reply, and nobody knows how much they take.
//
// Lengths are those of plain packets, as everywhere in a session.
type pathMTU struct {
	limit int         // the longest packet to send
	work  *pathSearch // nil while no long packet has been sent: most idle sessions never need it

	// Of packets that are too long for the limit.
	inPieces bool   // the last one went in pieces
	pieceTSN uint64 // the last one that did
	joined   bool   // the far end has put one together

	confined bool // to what a detour takes: there is no search
}

// pathSearch is what a session keeps that sends long packets.
type pathSearch struct {
	s       *Session
	state   searchState
	ceiling int       // known or presumed not to pass
	again   time.Time // when a completed search may be repeated
	full    int       // long packets sent before the search

	id      uint32 // of the probe that is under way
	size    int
	tries   int
	due     bool // it is to be sent when the alarm comes
	alarm   alarm
	refuted int  // rounds of a confirmation in which the short Ping alone was answered
	short   bool // it has been, in this round

	// Of the last packets with data, those that were long: by TSN modulo the length.
	long      [128]uint64
	longAcked uint64
	longLost  int
	lastLost  uint64
}

// searchState is a state of the search.
type searchState uint8

const (
	searchIdle       searchState = iota // base or complete
	searchProbing                       // searching: a probe is under way
	searchConfirming                    // whether packets of the present limit still pass
)

// likelySizes are the UDP payloads that common paths carry: IPv6 and IPv4 over Ethernet, and jumbo frames.
var likelySizes = [...]int{1452, 1472, maxPathDatagram}

// Ping message of a probe: 'U' | kind | id (4)
const (
	probeMark  = 'U'
	probeLong  = 'l'
	probeShort = 's'
	probeSize  = 1 + 1 + 4
)

func (p *pathMTU) init() { p.limit = basePacket }

// confine keeps packets short, or lets them be long again.
func (p *pathMTU) confine(s *Session, on bool, now time.Time) {
	switch {
	case on && !p.confined:
		if p.work == nil {
			p.work = newPathSearch(s)
		}
		p.lower(s, floorPacket, now)
	case !on && p.confined:
		p.limit = basePacket
	}
	p.confined = on
}

func newPathSearch(s *Session) *pathSearch {
	w := &pathSearch{s: s, ceiling: s.plainSize(maxPathDatagram) + 1}
	w.alarm.fire = w.timeout
	return w
}

// plainSize is the plain packet that fills a UDP payload.
func (s *Session) plainSize(datagram int) int {
	return datagram - sessionIDSize - s.keys.Seal.Overhead()
}

// fallback is the limit below the present one.
func (p *pathMTU) fallback() int {
	if p.limit > basePacket {
		return basePacket
	}
	return floorPacket
}

// sentData keeps book of a packet with data, and begins the search when long ones are wanted.
func (p *pathMTU) sentData(s *Session, size int, tsn uint64, now time.Time) {
	if size <= p.fallback()-searchStep || p.confined {
		return
	}
	w := p.work
	if w == nil {
		w = newPathSearch(s)
		p.work = w
	}
	w.long[tsn%uint64(len(w.long))] = tsn
	if w.full++; w.state == searchIdle && w.full >= searchAfter && !now.Before(w.again) && s.e.unfragmented && !s.OldClients() {
		w.search(now)
	}
}

// isLong reports whether a data packet was long.
func (w *pathSearch) isLong(tsn uint64) bool {
	return w != nil && w.long[tsn%uint64(len(w.long))] == tsn
}

// acked takes in that a data packet has arrived.
func (p *pathMTU) acked(tsn uint64) {
	p.joined = p.joined || tsn == p.pieceTSN && tsn != 0
	if w := p.work; w.isLong(tsn) {
		w.longAcked, w.longLost = max(w.longAcked, tsn), 0
	}
}

// lost takes in that a data packet is lost. Those count that were sent after the newest long one that has arrived.
func (p *pathMTU) lost(tsn uint64, now time.Time) {
	w := p.work
	if !w.isLong(tsn) || tsn <= w.longAcked || tsn == w.lastLost {
		return
	}
	w.lastLost = tsn
	if w.longLost++; w.longLost >= suspectLosses {
		w.confirm(now)
	}
}

// timedOut: all that was in flight is lost.
func (p *pathMTU) timedOut(now time.Time) {
	if w := p.work; w != nil && w.longLost > 0 {
		w.confirm(now)
	}
}

// moved: the far end has another address, and so perhaps a narrower path, or a wider.
func (p *pathMTU) moved(now time.Time) {
	w := p.work
	if w == nil || p.confined {
		return
	}
	w.ceiling, w.again, w.state, w.longLost = w.s.plainSize(maxPathDatagram)+1, now, searchIdle, 0
	w.confirm(now)
}

// search probes the next size, if there is one.
func (w *pathSearch) search(now time.Time) {
	w.size = w.next()
	if w.size == 0 {
		w.state, w.again = searchIdle, now.Add(raiseInterval)
		w.ceiling = w.s.plainSize(maxPathDatagram) + 1
		w.s.e.alarms.drop(&w.alarm)
		return
	}
	w.state, w.tries = searchProbing, 0
	w.soon(now)
}

// soon sends the probe when no other packet is being made.
func (w *pathSearch) soon(now time.Time) {
	w.due = true
	w.s.e.alarms.set(&w.alarm, now)
}

// next is the size to probe next; 0 if none is left.
func (w *pathSearch) next() int {
	limit := w.s.path.limit
	for _, datagram := range likelySizes {
		if size := w.s.plainSize(datagram); size > limit && size < w.ceiling {
			return size
		}
	}
	if w.ceiling-limit <= searchStep || limit >= w.s.plainSize(likelySizes[1]) {
		return 0
	}
	return (limit + w.ceiling) / 2
}

// probe sends a Ping in a packet of the size that is to be tried, behind padding, so that a packet cut off on its way is
// not answered.
func (w *pathSearch) probe(now time.Time) {
	s := w.s
	w.id++
	w.tries++
	w.short, w.due = false, false
	s.e.alarms.set(&w.alarm, now.Add(s.clock.erto))
	b := s.beginPacket(now)
	b = beginChunk(b, chunkPadding)
	mark := len(b) - chunkHeaderSize
	for len(b) < w.size-chunkHeaderSize-probeSize {
		b = append(b, chunkPadding)
	}
	b = appendChunk(endChunk(b, mark), chunkPing, probeMessage(probeLong, w.id))
	s.endPacket(b, s.farAddr, now)
	if w.state == searchConfirming {
		s.endPacket(appendChunk(s.beginPacket(now), chunkPing, probeMessage(probeShort, w.id)), s.farAddr, now)
	}
}

func probeMessage(kind byte, id uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{probeMark, kind}, id)
}

// answered takes in a Ping Reply. While a probe is due, what comes is once more the answer to the one before.
func (p *pathMTU) answered(message []byte, now time.Time) {
	w := p.work
	if w == nil || w.state == searchIdle || w.due || len(message) != probeSize || binary.BigEndian.Uint32(message[2:]) != w.id {
		return
	}
	s := w.s
	switch {
	case message[1] == probeShort:
		w.short = true // the long one has a moment more
		s.e.alarms.setIfEarlier(&w.alarm, now.Add(s.clock.srtt/4+probeGrace))
	case w.state == searchConfirming:
		w.state, w.longLost = searchIdle, 0
		s.e.alarms.drop(&w.alarm)
	default:
		p.limit = max(p.limit, w.size)
		s.e.log.Debug("rtmfp: the path carries longer packets", "far", s.farAddr, "limit", p.limit)
		s.markDirty()
		w.search(now)
	}
}

// timeout: the probe has not been answered.
func (w *pathSearch) timeout(now time.Time) {
	if w.s.state != stateOpen {
		return
	}
	switch w.state {
	case searchProbing:
		if w.due {
			break
		}
		if w.tries >= maxProbes {
			w.failed(now)
			return
		}
	case searchConfirming:
		if w.due {
			break
		}
		if w.short {
			w.refuted++
		}
		if w.refuted >= confirmRounds {
			w.failed(now)
			return
		}
		if w.tries >= maxConfirmations { // nothing gets through: that is another matter
			w.state = searchIdle
			return
		}
	default:
		return
	}
	w.probe(now)
}

// confirm finds out whether packets of the present limit still pass.
func (w *pathSearch) confirm(now time.Time) {
	if w.state == searchConfirming || w.s.path.limit <= floorPacket || w.s.state != stateOpen {
		return
	}
	w.state, w.size, w.tries, w.refuted = searchConfirming, w.s.path.limit, 0, 0
	w.soon(now)
}

// failed: packets of the probe's size do not pass.
func (w *pathSearch) failed(now time.Time) {
	p := &w.s.path
	w.ceiling = min(w.ceiling, w.size)
	if w.size <= p.limit {
		p.lower(w.s, w.size-1, now)
		return
	}
	w.search(now)
}

// refused: the socket would not send a packet of the length.
func (p *pathMTU) refused(s *Session, size int, now time.Time) {
	w := p.work
	switch {
	case w == nil:
		w = newPathSearch(s)
		p.work = w
	case w.state == searchProbing && size >= w.size:
		w.failed(now)
		return
	}
	if size > p.limit {
		return // was cut before the limit fell; the next time it goes in pieces
	}
	w.ceiling = min(w.ceiling, size)
	p.lower(s, size-1, now)
}

// lower sets the limit to a size that is sure to pass, or as good as sure, no longer than size.
func (p *pathMTU) lower(s *Session, size int, now time.Time) {
	for p.limit > size && p.limit > floorPacket {
		p.limit = p.fallback()
	}
	s.e.log.Debug("rtmfp: the path does not carry long packets any more", "far", s.farAddr, "limit", p.limit)
	w := p.work
	w.state, w.longLost, w.full, w.again = searchIdle, 0, 0, now
	s.e.alarms.drop(&w.alarm)
	for _, f := range s.sendFlows {
		f.recut()
	}
	s.markDirty()
}

// end: the session is over.
func (p *pathMTU) end(s *Session) {
	if p.work != nil {
		s.e.alarms.drop(&p.work.alarm)
		p.work = nil
	}
}
