package h264

// sps is what we need of a sequence parameter set.
type sps struct {
	width, height int // as shown, after cropping
	macroblocks   uint32
	frameNumBits  int
	refFrames     int
	poc           pocSyntax
}

// pocSyntax says what of the picture order count stands in each slice header, §7.3.3.
type pocSyntax struct {
	lsbBits int  // type 0
	deltas  bool // type 1, unless they are always zero
}

// pps is what we need of a picture parameter set.
type pps struct {
	sps          uint32
	pocOfFields  bool   // bottom_field_pic_order_in_frame_present_flag
	refs         uint32 // num_ref_idx_l0_default_active
	redundantPic bool   // redundant_pic_cnt_present_flag
	quantizer    int    // 26 + pic_init_qp_minus26
	// filterControl is deblocking_filter_control_present_flag.
	filterControl bool
}

// baselineProfile is the only one that we let in: it has no B slices, no CABAC, no interlace and only 8 bit 4:2:0, and openh264 shows its
// pictures at once, while it holds those of other profiles back to sort them.
const baselineProfile = 66

// parseSPS reads a sequence parameter set, §7.3.2.1.1, and refuses other profiles than Baseline and pictures over MaxWidth×MaxHeight.
func parseSPS(nal []byte) (id uint32, s sps, err error) {
	if len(nal) > maxParameterSetBytes {
		return 0, s, refuse("a parameter set of %d bytes", len(nal))
	}
	b := bits{data: unescape(nil, nal[1:], maxParameterSetBytes)}
	profile := b.u(8)
	b.u(16) // constraint flags, level
	id = b.ue()
	if profile != baselineProfile {
		return 0, s, refuse("profile %d", profile)
	}
	frameNum := b.ue()
	poc, err := parsePOC(&b)
	if err != nil {
		return 0, s, err
	}
	refs := b.ue()
	b.flag() // gaps_in_frame_num_value_allowed
	w, h := b.ue(), b.ue()
	progressive := b.flag()
	b.flag() // direct_8x8_inference
	var left, right, top, bottom uint32
	if b.flag() {
		left, right, top, bottom = b.ue(), b.ue(), b.ue(), b.ue()
	}
	b.flag() // vui_parameters_present: nothing in there concerns us
	switch {
	case b.short:
		return 0, s, refuse("a short SPS")
	case id > 31 || frameNum > 12 || refs > maxRefFrames:
		return 0, s, refuse("an SPS with values out of range")
	case !progressive:
		return 0, s, refuse("interlaced video")
	case w >= (MaxWidth+15)/16 || h >= (MaxHeight+15)/16:
		return 0, s, refuse("a picture of %d×%d macroblocks", uint64(w)+1, uint64(h)+1)
	}
	fullW, fullH := 16*(w+1), 16*(h+1)
	// Cropping is counted in chroma samples: two luma samples each (§7.4.2.1.1).
	if left >= fullW/2 || right >= fullW/2 || top >= fullH/2 || bottom >= fullH/2 || left+right >= fullW/2 || top+bottom >= fullH/2 {
		return 0, s, refuse("an SPS that crops everything")
	}
	s = sps{
		width: int(fullW - 2*(left+right)), height: int(fullH - 2*(top+bottom)),
		macroblocks: (w + 1) * (h + 1), frameNumBits: int(frameNum) + 4, refFrames: int(refs), poc: poc,
	}
	return id, s, nil
}

// parsePOC reads the picture order count fields as far as slice headers depend on them.
func parsePOC(b *bits) (pocSyntax, error) {
	switch kind := b.ue(); kind {
	case 0:
		n := b.ue()
		if n > 12 {
			return pocSyntax{}, refuse("an SPS with values out of range")
		}
		return pocSyntax{lsbBits: int(n) + 4}, nil
	case 1:
		zero := b.flag()
		b.se()
		b.se()
		n := b.ue()
		if n > 255 {
			return pocSyntax{}, refuse("an SPS with values out of range")
		}
		for range n {
			b.se()
		}
		return pocSyntax{deltas: !zero}, nil
	case 2:
		return pocSyntax{}, nil
	default:
		return pocSyntax{}, refuse("picture order type %d", kind)
	}
}

// parsePPS reads a picture parameter set, §7.3.2.2. Slice groups are refused.
func parsePPS(nal []byte) (id uint32, p pps, err error) {
	if len(nal) > maxParameterSetBytes {
		return 0, p, refuse("a parameter set of %d bytes", len(nal))
	}
	b := bits{data: unescape(nil, nal[1:], maxParameterSetBytes)}
	id, p.sps = b.ue(), b.ue()
	cabac := b.flag()
	p.pocOfFields = b.flag()
	groups := b.ue()
	l0, l1 := b.ue(), b.ue()
	b.u(1 + 2) // weighted prediction
	p.quantizer = 26 + int(b.se())
	b.se() // pic_init_qs
	b.se() // chroma_qp_index_offset
	p.filterControl = b.flag()
	b.flag() // constrained_intra_pred
	p.redundantPic = b.flag()
	p.refs = l0 + 1
	switch {
	case groups != 0 && !b.short:
		return 0, p, refuse("slice groups")
	case b.short:
		return 0, p, refuse("a short PPS")
	case id > 255 || p.sps > 31 || l0 > 31 || l1 > 31:
		return 0, p, refuse("a PPS with values out of range")
	case cabac:
		return 0, p, refuse("CABAC in Baseline")
	}
	return id, p, nil
}
