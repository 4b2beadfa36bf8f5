package h264

import "fmt"

// Info is what an access unit says about itself.
type Info struct {
	Key           bool // an IDR picture
	Reference     bool // later pictures are predicted from it
	FrameNum      int  // counts reference pictures since the key frame, modulo MaxFrameNum (§7.4.3)
	MaxFrameNum   int
	Width, Height int
}

// Inspector reads the outside of access units, in Go, and remembers the parameter sets. It refuses, with ErrRefused, whatever is not one
// whole Baseline picture of I and P slices within the limits of params.go, and parameter sets that
// come without a key frame. The zero value is ready. It belongs to one goroutine.
type Inspector struct {
	sps map[uint32]sps
	pps map[uint32]uint32 // PPS id → SPS id

	nals [][]byte // of the unit that was inspected last, only those that a decoder needs
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
}

// Inspect reads one access unit. After an error the inspector knows what it knew before.
func (in *Inspector) Inspect(unit []byte) (Info, error) {
	if len(unit) > MaxUnitBytes {
		return Info{}, refuse("an access unit of %d bytes", len(unit))
	}
	all, err := splitNALs(in.nals[:0], unit)
	in.nals = all[:0]
	if err != nil {
		return Info{}, err
	}
	newSPS, newPPS, err := in.collect(all)
	if err != nil {
		return Info{}, err
	}
	info, err := in.picture(newSPS, newPPS)
	if err != nil {
		in.nals = in.nals[:0]
		return Info{}, err
	}
	if info.Key && len(newSPS) > 0 {
		// A key frame that brings an SPS starts anew; nothing of an earlier sequence stays.
		in.sps, in.pps = newSPS, newPPS
	} else if info.Key && len(newPPS) > 0 {
		in.pps = newPPS
	}
	return info, nil
}

// collect keeps the NAL units that a decoder needs in in.nals and reads the parameter sets among them.
func (in *Inspector) collect(all [][]byte) (map[uint32]sps, map[uint32]uint32, error) {
	var newSPS map[uint32]sps
	var newPPS map[uint32]uint32
	kept := all[:0]
	slices := false
	for _, nal := range all {
		if nal[0]&0x80 != 0 {
			return nil, nil, refuse("a NAL unit with the forbidden bit")
		}
		switch kind := nal[0] & 31; kind {
		case nalSEI, nalDelimiter, nalEndOfSeq, nalEndOfStr, nalFiller:
			continue
		case nalSlice, nalIDR:
			slices = true
		case nalSPS, nalPPS:
			if slices {
				return nil, nil, refuse("a parameter set behind a slice")
			}
			if kind == nalSPS {
				id, s, err := parseSPS(nal)
				if err != nil {
					return nil, nil, err
				}
				if newSPS == nil {
					newSPS = make(map[uint32]sps, 1)
				}
				newSPS[id] = s
				break
			}
			id, spsID, err := parsePPS(nal)
			if err != nil {
				return nil, nil, err
			}
			if newPPS == nil {
				newPPS = make(map[uint32]uint32, 1)
			}
			newPPS[id] = spsID
		default:
			return nil, nil, refuse("a NAL unit of type %d", kind)
		}
		kept = append(kept, nal)
	}
	in.nals = kept
	return newSPS, newPPS, nil
}

// slice is the beginning of a slice header, §7.3.3.
type slice struct {
	idr, reference  bool
	firstMB, pps    uint32
	frameNum, idrID uint32
}

// picture reads the slices of the unit: all must belong to one picture, in order.
func (in *Inspector) picture(newSPS map[uint32]sps, newPPS map[uint32]uint32) (Info, error) {
	useSPS, usePPS := in.sps, in.pps
	if newSPS != nil {
		useSPS, usePPS = newSPS, newPPS
	} else if newPPS != nil {
		usePPS = newPPS
	}
	var first slice
	var active sps
	count := 0
	lastMB := uint32(0)
	for _, nal := range in.nals {
		if kind := nal[0] & 31; kind != nalSlice && kind != nalIDR {
			continue
		}
		s, seq, err := parseSlice(nal, useSPS, usePPS)
		if err != nil {
			return Info{}, err
		}
		switch {
		case count == 0 && s.firstMB != 0:
			return Info{}, refuse("a picture without its first slice")
		case count == 0:
			first, active = s, seq
		case s.idr != first.idr || s.reference != first.reference || s.frameNum != first.frameNum || s.idrID != first.idrID || s.pps != first.pps:
			return Info{}, refuse("slices of several pictures")
		case s.firstMB <= lastMB:
			return Info{}, refuse("slices out of order")
		}
		lastMB = s.firstMB
		count++
	}
	switch {
	case count == 0:
		return Info{}, refuse("no picture")
	case !first.idr && (newSPS != nil || newPPS != nil):
		return Info{}, refuse("parameter sets without a key frame")
	}
	return Info{
		Key: first.idr, Reference: first.reference, FrameNum: int(first.frameNum), MaxFrameNum: 1 << active.frameNumBits,
		Width: active.width, Height: active.height,
	}, nil
}

// sliceHeadBytes is more than the fields that we read can take: 4 codes of ≤ 63 bits and 16 bits.
const sliceHeadBytes = 40

func parseSlice(nal []byte, spss map[uint32]sps, ppss map[uint32]uint32) (slice, sps, error) {
	var head [sliceHeadBytes]byte
	b := bits{data: unescape(head[:0], nal[1:], sliceHeadBytes)}
	s := slice{idr: nal[0]&31 == nalIDR, reference: nal[0]>>5&3 != 0}
	s.firstMB = b.ue()
	kind := b.ue()
	s.pps = b.ue()
	if b.short {
		return s, sps{}, refuse("a short slice")
	}
	spsID, ok := ppss[s.pps]
	if !ok {
		return s, sps{}, refuse("no PPS %d", s.pps)
	}
	seq, ok := spss[spsID]
	if !ok {
		return s, sps{}, refuse("no SPS %d", spsID)
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
	return s, seq, nil
}
