package h264

// The loop filter (§8.7) takes a third of a decoder's time. It smooths the edges of blocks, in the first place so that pictures that are predicted from
// this one do not inherit them. Of one that none is predicted from, which is every second one of three layers, it can be left out without any other
// looking different. The fields that say how it is filtered have the same length both ways, as long as it is filtered in the usual manner:
//
//	disable_deblocking_filter_idc 0, both offsets 0   1 1 1
//	disable_deblocking_filter_idc 1                   010
const (
	filterUsual = 0b111
	filterOff   = 0b010
	filterBits  = 3
)

// leaveUnfiltered rewrites a NAL unit's slice so that the decoder does not filter it, up to a coarsest quantizer. It reports false, and leaves it alone, if
// that cannot be done.
func leaveUnfiltered(nal []byte, s *sliceHeader, coarsest int) bool {
	if s.filterAt == 0 || s.quantizer > coarsest {
		return false
	}
	at := 8 + s.filterAt // in bits
	last := (at + filterBits - 1) / 8
	if last+1 >= len(nal) {
		return false
	}
	shift := 16 - filterBits - at%8
	two := uint(nal[at/8])<<8 | uint(nal[at/8+1])
	if two>>shift&filterUsual != filterUsual {
		return false
	}
	two ^= (filterUsual ^ filterOff) << shift
	old := [2]byte{nal[at/8], nal[at/8+1]}
	nal[at/8], nal[at/8+1] = byte(two>>8), byte(two)
	for i := max(at/8-2, 0); i+2 < min(at/8+4, len(nal)); i++ {
		if nal[i] == 0 && nal[i+1] == 0 && nal[i+2] < 3 { // would need an emulation prevention byte (§7.4.1)
			nal[at/8], nal[at/8+1] = old[0], old[1]
			return false
		}
	}
	return true
}
