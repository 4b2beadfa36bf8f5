package h264

import (
	"fmt"
	"slices"
)

// Info is what an access unit says about itself.
type Info struct {
	Key           bool // an IDR picture
	Reference     bool // later pictures are predicted from it
	FrameNum      int  // counts reference pictures since the key frame, modulo MaxFrameNum (§7.4.3)
	MaxFrameNum   int
	Width, Height int
	RefFrames     int // how many reference pictures the decoder keeps, 0 to 16

	needs     [maxRefFrames]int
	needCount int
}

// Needs are the frame_nums of the pictures that this one is predicted from, as far as its slices name them; none of a key frame. Where
// they name none it is the picture before it. Valid as long as the Info.
func (i *Info) Needs() []int { return i.needs[:i.needCount] }

// need adds a picture, once.
func (i *Info) need(frameNum int) error {
	if slices.Contains(i.Needs(), frameNum) {
		return nil
	}
	if i.needCount == len(i.needs) {
		return refuse("a picture that needs more than %d others", maxRefFrames)
	}
	i.needs[i.needCount] = frameNum
	i.needCount++
	return nil
}

// Inspector reads the outside of access units, in Go, and remembers the parameter sets. It refuses, with ErrRefused, whatever is not one
// whole Baseline picture of I and P slices within the limits of params.go, and parameter sets that
// come without a key frame. The zero value is ready. It belongs to one goroutine.
type Inspector struct {
	sps map[uint32]sps
	pps map[uint32]pps

	nals  [][]byte    // of the unit that was inspected last, only those that a decoder needs
	slice sliceHeader // the first of that
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
func (in *Inspector) collect(all [][]byte) (map[uint32]sps, map[uint32]pps, error) {
	var newSPS map[uint32]sps
	var newPPS map[uint32]pps
	kept := all[:0]
	sliced := false
	for _, nal := range all {
		if nal[0]&0x80 != 0 {
			return nil, nil, refuse("a NAL unit with the forbidden bit")
		}
		switch kind := nal[0] & 31; kind {
		case nalSEI, nalDelimiter, nalEndOfSeq, nalEndOfStr, nalFiller:
			continue
		case nalSlice, nalIDR:
			sliced = true
		case nalSPS, nalPPS:
			if sliced {
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
			id, set, err := parsePPS(nal)
			if err != nil {
				return nil, nil, err
			}
			if newPPS == nil {
				newPPS = make(map[uint32]pps, 1)
			}
			newPPS[id] = set
		default:
			return nil, nil, refuse("a NAL unit of type %d", kind)
		}
		kept = append(kept, nal)
	}
	in.nals = kept
	return newSPS, newPPS, nil
}

// picture reads the slices of the unit: all must belong to one picture, in order.
func (in *Inspector) picture(newSPS map[uint32]sps, newPPS map[uint32]pps) (Info, error) {
	useSPS, usePPS := in.sps, in.pps
	if newSPS != nil {
		useSPS, usePPS = newSPS, newPPS
	} else if newPPS != nil {
		usePPS = newPPS
	}
	var first sliceHeader
	var active sps
	var info Info
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
		if err := info.predicted(&s, 1<<seq.frameNumBits); err != nil {
			return Info{}, err
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
	if in.slice = first; count > 1 {
		in.slice.filterAt = 0
	}
	info.Key, info.Reference, info.FrameNum, info.MaxFrameNum = first.idr, first.reference, int(first.frameNum), 1<<active.frameNumBits
	info.Width, info.Height, info.RefFrames = active.width, active.height, active.refFrames
	return info, nil
}
