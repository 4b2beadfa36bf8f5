package h264

import "bytes"

// sliceHeader is the beginning of a slice header, §7.3.3, up to the reference list modification.
type sliceHeader struct {
	idr, reference  bool
	firstMB, pps    uint32
	frameNum, idrID uint32
	refs            uint32 // active references; 0: an I slice

	named      [maxRefFrames]int // frame_nums of the modified reference list
	namedCount int

	quantizer int // SliceQPY, of pictures that are no reference
	filterAt  int // where the loop filter's fields begin, in bits behind the NAL unit's first byte; 0: not read
}

// sliceHeadBytes is more than the fields that we read can take: 11 codes of ≤ 63 bits, 48 bits and
// maxRefFrames+1 modifications of two codes each.
const sliceHeadBytes = 376

// Values of modification_of_pic_nums_idc, table 7-7.
const (
	modifySubtract = 0
	modifyAdd      = 1
	modifyLongTerm = 2
	modifyEnd      = 3
)

func parseSlice(nal []byte, spss map[uint32]sps, ppss map[uint32]pps) (sliceHeader, sps, error) {
	var head [sliceHeadBytes]byte
	b := bits{data: unescape(head[:0], nal[1:], sliceHeadBytes)}
	s := sliceHeader{idr: nal[0]&31 == nalIDR, reference: nal[0]>>5&3 != 0}
	s.firstMB = b.ue()
	kind := b.ue()
	s.pps = b.ue()
	if b.short {
		return s, sps{}, refuse("a short slice")
	}
	set, ok := ppss[s.pps]
	if !ok {
		return s, sps{}, refuse("no PPS %d", s.pps)
	}
	seq, ok := spss[set.sps]
	if !ok {
		return s, sps{}, refuse("no SPS %d", set.sps)
	}
	s.frameNum = b.u(seq.frameNumBits)
	if s.idr {
		s.idrID = b.ue()
	}
	switch {
	case b.short:
		return s, seq, refuse("a short slice")
	case kind > 9 || kind%5 != 0 && kind%5 != 2:
		return s, seq, refuse("a slice of type %d", kind)
	case s.idr && kind%5 != 2:
		return s, seq, refuse("a key frame that is predicted")
	case s.firstMB >= seq.macroblocks:
		return s, seq, refuse("a slice beyond the picture")
	case s.idr && (!s.reference || s.frameNum != 0 || s.idrID > 65535):
		return s, seq, refuse("a key frame with values out of range")
	}
	if kind%5 == 2 {
		return s, seq, nil
	}
	skipOrder(&b, seq.poc, set)
	if err := s.references(&b, set, 1<<seq.frameNumBits); err != nil {
		return s, seq, err
	}
	if !s.reference && set.filterControl { // one that is has the marking of reference pictures here
		s.quantizer = set.quantizer + int(b.se())
		if !b.short && bytes.Equal(b.data[:b.at/8+1], nal[1:][:b.at/8+1]) { // no emulation prevention before it
			s.filterAt = b.at
		}
	}
	return s, seq, nil
}

// skipOrder passes the picture order count, and the count of redundant pictures.
func skipOrder(b *bits, poc pocSyntax, set pps) {
	if poc.lsbBits > 0 {
		b.u(poc.lsbBits)
	}
	fields := 0
	switch {
	case poc.lsbBits > 0 && set.pocOfFields:
		fields = 1
	case poc.deltas && set.pocOfFields:
		fields = 2
	case poc.deltas:
		fields = 1
	}
	for range fields {
		b.se()
	}
	if set.redundantPic {
		b.ue()
	}
}

// references reads what a P slice is predicted from, §7.3.3.1; frame_nums are counted as §8.2.4.3.1 says.
func (s *sliceHeader) references(b *bits, set pps, maxFrameNum int) error {
	s.refs = set.refs
	if b.flag() {
		s.refs = b.ue() + 1
	}
	if b.short || s.refs > 32 {
		return refuse("a slice with references out of range")
	}
	if !b.flag() {
		if b.short {
			return refuse("a short slice")
		}
		return nil
	}
	at := int(s.frameNum)
	for {
		kind := b.ue()
		if kind == modifyEnd && !b.short {
			return nil
		}
		by := b.ue()
		switch {
		case b.short:
			return refuse("a short slice")
		case s.namedCount == maxRefFrames:
			return refuse("a reference list of more than %d pictures", maxRefFrames)
		case kind == modifyLongTerm:
			return refuse("a long-term reference")
		case kind > modifyLongTerm || by >= uint32(maxFrameNum):
			return refuse("a reference list out of range")
		case kind == modifySubtract:
			at -= int(by) + 1
		case kind == modifyAdd:
			at += int(by) + 1
		}
		at = (at + maxFrameNum) % maxFrameNum
		s.named[s.namedCount] = at
		s.namedCount++
	}
}

// predicted adds what a slice needs. A list that is not modified begins with the picture before, which is all that we look for; one
// that is modified for some entries only goes on with pictures that we cannot know without keeping the decoder's list.
func (i *Info) predicted(s *sliceHeader, maxFrameNum int) error {
	if s.refs == 0 {
		return nil
	}
	if s.namedCount == 0 {
		return i.need((int(s.frameNum) + maxFrameNum - 1) % maxFrameNum)
	}
	for _, n := range s.named[:min(s.namedCount, int(s.refs))] {
		if err := i.need(n); err != nil {
			return err
		}
	}
	return nil
}
