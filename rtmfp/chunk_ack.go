package rtmfp

import (
	"math"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// ackBlock is the unit of window advertisements.
const ackBlock = 1024

// seqRange is a range of sequence numbers, both ends included.
type seqRange struct{ from, to uint64 }

// dataAck is a Data Acknowledgement of either kind (RFC 7016 §2.3.13–14).
type dataAck struct {
	flow       uint64
	window     int // bytes
	cumulative uint64
	ranges     []byte // undecoded
	bitmap     bool
}

// parseAck parses an acknowledgement's head; eachRange yields what lies beyond gaps.
func parseAck(b []byte, bitmap bool) (c dataAck, err error) {
	c.bitmap = bitmap
	var blocks uint64
	if c.flow, b, err = wire.VLU(b); err != nil {
		return c, err
	}
	if blocks, b, err = wire.VLU(b); err != nil {
		return c, err
	}
	c.window = int(min(blocks, math.MaxInt32/ackBlock) * ackBlock)
	if c.cumulative, c.ranges, err = wire.VLU(b); err != nil {
		return c, err
	}
	return c, nil
}

// eachRange calls f with each acknowledged range above the cumulative number, in ascending order. Damaged
// ranges end the list, as RFC 7016 §2.3.14 says.
func (c *dataAck) eachRange(f func(seqRange)) {
	if c.bitmap {
		c.eachBit(f)
		return
	}
	cursor, b := c.cumulative, c.ranges
	for len(b) > 0 {
		holes, rest, err := wire.VLU(b)
		if err != nil {
			return
		}
		received, rest, err := wire.VLU(rest)
		if err != nil {
			return
		}
		// cursor + 1 is the first hole; there are holes + 1 of them.
		if holes > math.MaxUint64-2-cursor || received > math.MaxUint64-2-cursor-holes {
			return
		}
		from := cursor + 2 + holes
		cursor, b = from+received, rest
		f(seqRange{from, cursor})
	}
}

// eachBit does it for a bitmap: the lowest bit of the first byte is the second
// number after the cumulative one.
func (c *dataAck) eachBit(f func(seqRange)) {
	if c.cumulative > math.MaxUint64-2-8*uint64(len(c.ranges)) {
		return
	}
	var open seqRange
	for i, bits := range c.ranges {
		for bit := range 8 {
			seq := c.cumulative + 2 + uint64(8*i+bit)
			switch {
			case bits>>bit&1 == 0:
				if open.to != 0 {
					f(open)
				}
				open = seqRange{}
			case open.to == 0:
				open = seqRange{seq, seq}
			default:
				open.to = seq
			}
		}
	}
	if open.to != 0 {
		f(open)
	}
}

// appendAck appends an acknowledgement of at most room bytes, of the shorter kind (RFC 7016 §3.6.3.4.3); without bitmaps
// it is a Range Ack. What does not fit is left out at the end (§3.6.3.4.2); whole says that everything is there. Without
// room for the head it returns b as it was.
func appendAck(b []byte, room int, flow uint64, blocks int, set *sequenceSet, bitmaps bool) (_ []byte, whole bool) {
	start := len(b)
	b = beginChunk(b, chunkAckRanges)
	b = wire.AppendVLU(b, flow)
	b = wire.AppendVLU(b, uint64(blocks))
	b = wire.AppendVLU(b, set.cumulative)
	room -= len(b) - start
	if room < 0 {
		return b[:start], false
	}
	if n := set.bitmapSize(); bitmaps && n <= room && n < set.rangesSize(n) {
		b[start] = chunkAckBitmap
		return endChunk(set.appendBitmap(b, n), start), true
	}
	cursor, rest := set.cumulative, len(b)
	for _, r := range set.beyond {
		last := len(b)
		b = wire.AppendVLU(b, r.from-cursor-2)
		b = wire.AppendVLU(b, r.to-r.from)
		if len(b)-rest > room {
			return endChunk(b[:last], start), false
		}
		cursor = r.to
	}
	return endChunk(b, start), true
}

// rangesSize is the length of the ranges beyond gaps, encoded; no more exactly than limit.
func (s *sequenceSet) rangesSize(limit int) (n int) {
	cursor := s.cumulative
	for _, r := range s.beyond {
		if n += wire.VLULen(r.from-cursor-2) + wire.VLULen(r.to-r.from); n > limit {
			return n
		}
		cursor = r.to
	}
	return n
}

// bitmapSize is the length of the same as a bitmap, or of as much as is of interest.
func (s *sequenceSet) bitmapSize() int {
	if len(s.beyond) == 0 {
		return 0
	}
	last := s.beyond[len(s.beyond)-1].to
	return int(min((last-s.cumulative-2)/8+1, math.MaxInt32))
}

// appendBitmap appends n bytes of it.
func (s *sequenceSet) appendBitmap(b []byte, n int) []byte {
	start := len(b)
	for range n {
		b = append(b, 0)
	}
	for _, r := range s.beyond {
		for bit := r.from - s.cumulative - 2; bit <= r.to-s.cumulative-2; bit++ {
			b[start+int(bit/8)] |= 1 << (bit % 8)
		}
	}
	return b
}
