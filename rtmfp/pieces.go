package rtmfp

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// packetPieces divides packets into fragments and puts them together (RFC 7016 §3.4), a few at a time: those of startup,
// which are told apart by the address that they come from, or those of one session.
type packetPieces struct {
	list   []*piecedPacket // being received, oldest first
	lastID uint64          // of the last that was sent
	most   int             // that are being received; 0: maxPieces
}

// piecedPacket is a packet that is not whole yet.
type piecedPacket struct {
	from   netip.AddrPort
	id     uint64
	pieces [][]byte
	last   int // how many pieces there are; 0: unknown
	have   int
	size   int
	began  time.Time
	grew   time.Time
}

// pieceCount is how many fragments a plain packet of a length makes.
func pieceCount(length, limit int) int {
	room := limit - maxHeader - fragmentHeader
	return (length + room - 1) / room
}

// divide makes the fragments of a plain packet, each with header and all no longer than limit.
func (p *packetPieces) divide(plain []byte, limit int) (all []packetFragment) {
	p.lastID++
	room := limit - maxHeader - fragmentHeader
	rest := bytes.Clone(plain) // plain is the buffer in which the fragments' packets are made
	for index := uint64(0); len(rest) > 0; index++ {
		n := min(room, len(rest))
		all = append(all, packetFragment{more: n < len(rest), packet: p.lastID, index: index, data: rest[:n]})
		rest = rest[n:]
	}
	return all
}

// add takes in a fragment; if that completes a packet, it is returned.
func (p *packetPieces) add(c packetFragment, from netip.AddrPort, now time.Time) []byte {
	p.list = slices.DeleteFunc(p.list, func(q *piecedPacket) bool {
		return now.Sub(q.began) > pieceLifetime || now.Sub(q.grew) > pieceProgress
	})
	i := slices.IndexFunc(p.list, func(q *piecedPacket) bool { return q.from == from && q.id == c.packet })
	if i < 0 {
		if len(p.list) >= cmp.Or(p.most, maxPieces) {
			return nil
		}
		i = len(p.list)
		p.list = append(p.list, &piecedPacket{from: from, id: c.packet, began: now, grew: now})
	}
	q := p.list[i]
	result := q.add(c, now)
	if result == pieceWaits {
		return nil
	}
	p.list = slices.Delete(p.list, i, i+1)
	if result == pieceAbsurd {
		return nil
	}
	return bytes.Join(q.pieces, nil)
}

// pieceResult is what became of a packet with one more fragment.
type pieceResult uint8

const (
	pieceWaits  pieceResult = iota
	pieceWhole              // all there
	pieceAbsurd             // cannot become a packet
)

func (q *piecedPacket) add(c packetFragment, now time.Time) pieceResult {
	if c.index >= maxPiecedPacket/64 || q.size+len(c.data) > maxPiecedPacket {
		return pieceAbsurd
	}
	n := int(c.index)
	if n >= len(q.pieces) {
		q.pieces = append(q.pieces, make([][]byte, n+1-len(q.pieces))...)
	}
	if q.pieces[n] != nil {
		return pieceWaits
	}
	q.pieces[n] = bytes.Clone(c.data)
	q.size += len(c.data)
	q.have++
	q.grew = now
	if !c.more {
		q.last = n + 1
	}
	switch {
	case q.last != 0 && len(q.pieces) > q.last:
		return pieceAbsurd
	case q.have == q.last:
		return pieceWhole
	default:
		return pieceWaits
	}
}
