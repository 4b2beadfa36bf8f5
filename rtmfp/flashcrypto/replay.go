package flashcrypto

// antiReplay remembers which session sequence numbers have been seen (RFC 7425 §4.7.3.3), in a ring of bits behind the
// highest one, after the method of RFC 6479: the ring has one word more than the window, so that moving on clears
// whole words only.
type antiReplay struct {
	highest uint64
	started bool
	bits    [replayWindow/64 + 1]uint64
}

// accept notes a sequence number; false if it was seen before or lies behind the window.
func (r *antiReplay) accept(seq uint64) bool {
	word := seq / 64
	switch {
	case !r.started:
		r.started = true
		r.highest = seq
	case seq > r.highest:
		steps := min(word-r.highest/64, uint64(len(r.bits)))
		for i := range steps {
			r.bits[(word-i)%uint64(len(r.bits))] = 0
		}
		r.highest = seq
	case r.highest-seq >= replayWindow:
		return false
	}
	bit := uint64(1) << (seq % 64)
	slot := &r.bits[word%uint64(len(r.bits))]
	if *slot&bit != 0 {
		return false
	}
	*slot |= bit
	return true
}
