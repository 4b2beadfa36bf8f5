package h264

// sps is what we need of a sequence parameter set.
type sps struct {
	width, height int // as shown, after cropping
	macroblocks   uint32
	frameNumBits  int
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
	if err := parsePOC(&b); err != nil {
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
		macroblocks: (w + 1) * (h + 1), frameNumBits: int(frameNum) + 4,
	}
	return id, s, nil
}

// parsePOC skips the picture order count fields.
func parsePOC(b *bits) error {
	switch kind := b.ue(); kind {
	case 0:
		if b.ue() > 12 {
			return refuse("an SPS with values out of range")
		}
	case 1:
		b.flag()
		b.se()
		b.se()
		n := b.ue()
		if n > 255 {
			return refuse("an SPS with values out of range")
		}
		for range n {
			b.se()
		}
	case 2:
	default:
		return refuse("picture order type %d", kind)
	}
	return nil
}

// parsePPS reads a picture parameter set, §7.3.2.2, as far as the slice groups, which are refused.
func parsePPS(nal []byte) (id, spsID uint32, err error) {
	if len(nal) > maxParameterSetBytes {
		return 0, 0, refuse("a parameter set of %d bytes", len(nal))
	}
	b := bits{data: unescape(nil, nal[1:], maxParameterSetBytes)}
	id, spsID = b.ue(), b.ue()
	cabac := b.flag()
	b.flag() // bottom_field_pic_order_in_frame_present
	groups := b.ue()
	l0, l1 := b.ue(), b.ue()
	switch {
	case b.short:
		return 0, 0, refuse("a short PPS")
	case id > 255 || spsID > 31 || l0 > 31 || l1 > 31:
		return 0, 0, refuse("a PPS with values out of range")
	case groups != 0:
		return 0, 0, refuse("slice groups")
	case cabac:
		return 0, 0, refuse("CABAC in Baseline")
	}
	return id, spsID, nil
}
