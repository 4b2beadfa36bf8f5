package rtmfp

import (
	"encoding/binary"
	"math"
	"time"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// The Feedback chunk, an extension between ends that have announced it in their keying components (SessionKeys.Feedback):
// which packets of the session have arrived, when, and with what ECN field. Others would ignore it (RFC 7016 §2.3).
//
//	first  VLU     session sequence number of the first packet named
//	time   32 bits its arrival by the reporter's clock, in units of 100 µs, modulo 2³²
//	held   VLU     units from the arrival of the last one named until this chunk was sent
//	runs   one or more, in order of arrival, until the chunk's end:
//	       8 bits  time since the run before, in units (4) | gap (1) | many (1) | ECN field (2)
//	       VLU     if the time is 15: how much more than 15 it is
//	       VLU     if gap: how far the first number is from the one after the run before, zigzag (2n, or −2n−1 if negative)
//	       VLU     if many: number of packets, with consecutive numbers, minus two
type feedback struct {
	first uint64
	time  uint32
	held  time.Duration
	runs  []byte // undecoded
}

// feedbackRun is packets with consecutive numbers that came at one time.
type feedbackRun struct {
	first uint64
	n     uint64
	at    int64 // units
	ecn   byte
}

const (
	runECN  = 0x03
	runMany = 0x04
	runGap  = 0x08
	runLong = 15 // in the time's four bits

	// maxRunSize is the longest encoding of a run whose numbers are near the one before's.
	maxRunSize = 1 + 4 + 10 + 4
	// maxFeedbackHead is the longest chunk without runs.
	maxFeedbackHead = chunkHeaderSize + 10 + 4 + 5
)

// appendFeedback appends a chunk with as many of the runs as fit into room bytes, and says how many that were. now is in
// units.
func appendFeedback(b []byte, room int, runs []feedbackRun, now int64) ([]byte, int) {
	room -= maxFeedbackHead
	if len(runs) == 0 || room < maxRunSize {
		return b, 0
	}
	n, size := 0, 0
	for n < len(runs) && size+maxRunSize <= room {
		var before feedbackRun
		if n > 0 {
			before = runs[n-1]
		} else {
			before = feedbackRun{first: runs[0].first, at: runs[0].at}
		}
		var scratch [2 * maxRunSize]byte
		size += len(appendRun(scratch[:0], before, runs[n]))
		n++
	}
	start := len(b)
	b = wire.AppendVLU(beginChunk(b, chunkFeedback), runs[0].first)
	b = binary.BigEndian.AppendUint32(b, uint32(runs[0].at))
	b = wire.AppendVLU(b, uint64(min(max(now-runs[n-1].at, 0), math.MaxUint32)))
	before := feedbackRun{first: runs[0].first, at: runs[0].at}
	for _, r := range runs[:n] {
		b = appendRun(b, before, r)
		before = r
	}
	return endChunk(b, start), n
}

func appendRun(b []byte, before, r feedbackRun) []byte {
	passed := uint64(min(max(r.at-before.at, 0), math.MaxInt16))
	gap := int64(r.first - before.first - before.n)
	flags := byte(min(passed, runLong))<<4 | r.ecn&runECN
	if gap != 0 {
		flags |= runGap
	}
	if r.n > 1 {
		flags |= runMany
	}
	b = append(b, flags)
	if passed >= runLong {
		b = wire.AppendVLU(b, passed-runLong)
	}
	if gap != 0 {
		b = wire.AppendVLU(b, uint64(gap<<1^gap>>63))
	}
	if r.n > 1 {
		b = wire.AppendVLU(b, r.n-2)
	}
	return b
}

// parseFeedback parses a chunk's head; eachRun yields the rest.
func parseFeedback(b []byte) (c feedback, err error) {
	if c.first, b, err = wire.VLU(b); err != nil {
		return c, err
	}
	if len(b) < 4 {
		return c, errMalformed
	}
	c.time, b = binary.BigEndian.Uint32(b), b[4:]
	held, b, err := wire.VLU(b)
	if err != nil {
		return c, err
	}
	c.held = time.Duration(min(held, math.MaxUint32)) * feedbackUnit
	c.runs = b
	return c, nil
}

// eachRun calls f with each run; at is counted from the first one's. What is damaged ends the list. Numbers and times may
// be anything: modulo 2⁶⁴ the former, and the latter within 2³² of one another.
func (c *feedback) eachRun(f func(feedbackRun)) {
	b := c.runs
	r := feedbackRun{first: c.first}
	for len(b) > 0 {
		flags := b[0]
		b = b[1:]
		passed := uint64(flags >> 4)
		next := r.first + r.n
		n := uint64(1)
		var v uint64
		var err error
		if passed == runLong {
			if v, b, err = wire.VLU(b); err != nil {
				return
			}
			passed += min(v, math.MaxInt16)
		}
		if flags&runGap != 0 {
			if v, b, err = wire.VLU(b); err != nil {
				return
			}
			next += v>>1 ^ -(v & 1)
		}
		if flags&runMany != 0 {
			if v, b, err = wire.VLU(b); err != nil {
				return
			}
			n = min(v, math.MaxUint32) + 2
		}
		r = feedbackRun{first: next, n: n, at: r.at + int64(passed), ecn: flags & runECN}
		f(r)
	}
}
