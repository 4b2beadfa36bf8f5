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

// appendAckRanges appends a Range Ack of at most room bytes, leaving ranges out at the end if
// need be (RFC 7016 §3.6.3.4.2). Without room for the head it returns b as it was and false.
func appendAckRanges(b []byte, room int, flow uint64, blocks int, set *sequenceSet) ([]byte, bool) {
	start := len(b)
	b = beginChunk(b, chunkAckRanges)
	b = wire.AppendVLU(b, flow)
	b = wire.AppendVLU(b, uint64(blocks))
	b = wire.AppendVLU(b, set.cumulative)
	if len(b)-start > room {
		return b[:start], false
	}
	cursor := set.cumulative
	for _, r := range set.beyond {
		whole := len(b)
		b = wire.AppendVLU(b, r.from-cursor-2)
		b = wire.AppendVLU(b, r.to-r.from)
		if len(b)-start > room {
			b = b[:whole]
			break
		}
		cursor = r.to
	}
	return endChunk(b, start), true
}
