package rtmfp

import (
	"cmp"
	"slices"
)

// sequenceSet is a receiving flow's SEQUENCE_SET: everything up to cumulative, and disjoint
// ascending ranges beyond gaps, never adjacent to one another or to cumulative.
type sequenceSet struct {
	cumulative uint64 // the RFC's CSN
	beyond     []seqRange
	most       int // ranges; 0: maxRecvRanges
}

func (s *sequenceSet) hasGaps() bool { return len(s.beyond) > 0 }

func (s *sequenceSet) contains(seq uint64) bool {
	if seq <= s.cumulative {
		return true
	}
	i := s.search(seq)
	return i < len(s.beyond) && s.beyond[i].from <= seq
}

// search is the first range whose end is seq or more.
func (s *sequenceSet) search(seq uint64) int {
	for i := len(s.beyond); i > 0; i-- { // most numbers are at the end
		if s.beyond[i-1].to < seq {
			return i
		}
	}
	return 0
}

// add adds one number; false if that would take too many ranges.
func (s *sequenceSet) add(seq uint64) bool {
	if seq <= s.cumulative {
		return true
	}
	if seq == s.cumulative+1 {
		s.raise(seq)
		return true
	}
	i := s.search(seq)
	if i < len(s.beyond) && s.beyond[i].from <= seq {
		return true
	}
	joinsPrev := i > 0 && s.beyond[i-1].to+1 == seq
	joinsNext := i < len(s.beyond) && s.beyond[i].from == seq+1
	switch {
	case joinsPrev && joinsNext:
		s.beyond[i-1].to = s.beyond[i].to
		s.beyond = slices.Delete(s.beyond, i, i+1)
	case joinsPrev:
		s.beyond[i-1].to = seq
	case joinsNext:
		s.beyond[i].from = seq
	case len(s.beyond) >= cmp.Or(s.most, maxRecvRanges):
		return false
	default:
		s.beyond = slices.Insert(s.beyond, i, seqRange{seq, seq})
	}
	return true
}

// fill adds all numbers before the highest, and before seq, and that.
func (s *sequenceSet) fill(seq uint64) {
	if n := len(s.beyond); n > 0 {
		seq = max(seq, s.beyond[n-1].to)
	}
	s.raise(seq)
	s.beyond = nil
}

// raise adds all numbers up to seq.
func (s *sequenceSet) raise(seq uint64) {
	if seq <= s.cumulative {
		return
	}
	s.cumulative = seq
	n := 0
	for n < len(s.beyond) && s.beyond[n].from-1 <= s.cumulative {
		s.cumulative = max(s.cumulative, s.beyond[n].to)
		n++
	}
	s.beyond = slices.Delete(s.beyond, 0, n)
}
