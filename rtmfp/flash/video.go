package flash

import (
	"bytes"
	"encoding/binary"
)

// nalLength is the bytes of a NAL unit's length, as our sequence headers announce.
const nalLength = 4

// NAL unit types (H.264 table 7-1).
const (
	nalTypeMask = 0x1f
	nalSPS      = 7
	nalPPS      = 8
)

// AVC decoder configuration record (ISO/IEC 14496-15 §5.3.3.1).
const (
	avccVersion  = 1
	avccReserved = 0xfc // six one bits before the size of lengths, less one
	avccSPSCount = 0xe0 // three one bits before the number of SPS
	avccMaxSPS   = 0x1f
	avccMaxPPS   = 0xff
	profileHigh  = 100 // adds chroma format and bit depths, which in this profile can only be 4:2:0 and 8
)

var startCode = []byte{0, 0, 0, 1}

// Video is a parsed video message body.
type Video struct {
	Key    bool
	Header bool   // an AVC sequence header
	AnnexB []byte // the access unit (or the header's parameter sets) as an Annex B byte stream
}

// AppendVideoAVC appends the body of a video message (legacy codec 7, AVC) with one access unit, which is
// given as an Annex B byte stream (parameter sets stay in band). Input without a NAL unit is ErrMalformedMedia.
func AppendVideoAVC(b, annexB []byte, key bool) ([]byte, error) {
	frame := FrameInter
	if key {
		frame = FrameKey
	}
	// The composition time is 0: our encoders make no B frames.
	out := append(b, byte(frame)<<frameShift|VideoAVC, byte(VideoCodedFrames), 0, 0, 0)
	head := len(out)
	for nal, rest := nextNAL(annexB); nal != nil; nal, rest = nextNAL(rest) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(nal)))
		out = append(out, nal...)
	}
	if len(out) == head {
		return b, ErrMalformedMedia
	}
	return out, nil
}

// AppendVideoAVCHeader appends the AVC sequence header made of the parameter sets in annexB; false if it has none
// that can be described (no SPS or no PPS, too many or too long, a profile above High).
func AppendVideoAVCHeader(b, annexB []byte) ([]byte, bool) {
	sps := firstOfType(annexB, nalSPS)
	if len(sps) < 4 || sps[1] > profileHigh {
		return b, false
	}
	out := append(b, byte(FrameKey)<<frameShift|VideoAVC, byte(VideoSequenceStart), 0, 0, 0)
	out = append(out, avccVersion, sps[1], sps[2], sps[3], avccReserved|(nalLength-1))
	out, ok := appendParameterSets(out, annexB, nalSPS, avccSPSCount, avccMaxSPS)
	if !ok {
		return b, false
	}
	out, ok = appendParameterSets(out, annexB, nalPPS, 0, avccMaxPPS)
	if !ok {
		return b, false
	}
	if sps[1] == profileHigh {
		out = append(out, 0xfc|1, 0xf8, 0xf8, 0) // 4:2:0, 8 and 8 bits, no SPS extension
	}
	return out, true
}

// appendParameterSets appends a count and every NAL unit of one type with a 16-bit length.
func appendParameterSets(b, annexB []byte, typ, flags byte, most int) ([]byte, bool) {
	b = append(b, flags)
	at, n := len(b)-1, 0
	for nal, rest := nextNAL(annexB); nal != nil; nal, rest = nextNAL(rest) {
		if nal[0]&nalTypeMask != typ {
			continue
		}
		if n++; n > most || len(nal) > 1<<16-1 {
			return b, false
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(nal)))
		b = append(b, nal...)
	}
	b[at] |= byte(n)
	return b, n > 0
}

func firstOfType(annexB []byte, typ byte) []byte {
	for nal, rest := nextNAL(annexB); nal != nil; nal, rest = nextNAL(rest) {
		if nal[0]&nalTypeMask == typ {
			return nal
		}
	}
	return nil
}

// nextNAL returns the next NAL unit of a byte stream without its start code and
// trailing zeros (H.264 Annex B), and what follows it; nil at the end. Bytes before the first start code are passed over.
func nextNAL(b []byte) (nal, rest []byte) {
	for {
		i := bytes.Index(b, startCode[1:])
		if i < 0 {
			return nil, nil
		}
		b = b[i+3:]
		end := len(b)
		if next := bytes.Index(b, startCode[1:]); next >= 0 {
			end = next
		}
		nal = bytes.TrimRight(b[:end], "\x00")
		if len(nal) > 0 {
			return nal, b[end:]
		}
		b = b[end:]
	}
}

// ParseVideo parses the body of a video message; AVC only, of FLV (codec 7) or of E-RTMP ("avc1"). Anything else is an error:
// ErrUnsupportedMedia for other codecs, several tracks, metadata and for the end of a sequence, ErrMalformedMedia for what does
// not add up. The result does not alias body. ParseVideoTag takes the rest.
func ParseVideo(body []byte) (Video, error) {
	tag, err := ParseVideoTag(body)
	switch {
	case err == nil:
	case len(body) > 0 && body[0]&videoExHeader == 0 && body[0]&0x0f != VideoAVC:
		return Video{}, ErrUnsupportedMedia
	default:
		return Video{}, err
	}
	avc := tag.FourCC == FourCCAVC || tag.FourCC == "" && tag.Codec == VideoAVC
	if !avc || tag.Frame != FrameKey && tag.Frame != FrameInter {
		return Video{}, ErrUnsupportedMedia
	}
	v := Video{Key: tag.Key()}
	switch tag.Packet {
	case VideoCodedFrames:
		// A length takes as many bytes as a start code: the result is as long as the data.
		v.AnnexB, err = appendAnnexB(make([]byte, 0, len(tag.Data)), tag.Data)
	case VideoSequenceStart:
		v.Header = true
		v.AnnexB, err = parseConfiguration(tag.Data)
	default:
		return Video{}, ErrUnsupportedMedia
	}
	if err != nil {
		return Video{}, err
	}
	return v, nil
}

// appendAnnexB turns NAL units with four-byte lengths into a byte stream.
func appendAnnexB(b, data []byte) ([]byte, error) {
	for len(data) > 0 {
		if len(data) < nalLength {
			return nil, ErrMalformedMedia
		}
		n := binary.BigEndian.Uint32(data)
		data = data[nalLength:]
		if uint64(n) > uint64(len(data)) {
			return nil, ErrMalformedMedia
		}
		if n > 0 {
			b = append(append(b, startCode...), data[:n]...)
		}
		data = data[n:]
	}
	if len(b) == 0 {
		return nil, ErrMalformedMedia
	}
	return b, nil
}

// parseConfiguration returns the parameter sets of an AVC decoder
// configuration record as a byte stream. Lengths of other than four bytes are ErrUnsupportedMedia.
func parseConfiguration(r []byte) ([]byte, error) {
	if len(r) < 6 || r[0] != avccVersion {
		return nil, ErrMalformedMedia
	}
	if r[4]&3 != nalLength-1 {
		return nil, ErrUnsupportedMedia
	}
	// Two bytes of length become four of start code.
	b := make([]byte, 0, len(r)+2*(avccMaxSPS+1))
	b, r, err := takeParameterSets(b, r[6:], int(r[5]&avccMaxSPS))
	if err != nil {
		return nil, err
	}
	if len(r) == 0 {
		return nil, ErrMalformedMedia
	}
	b, _, err = takeParameterSets(b, r[1:], int(r[0]))
	if err != nil {
		return nil, err
	}
	if len(b) == 0 {
		return nil, ErrMalformedMedia
	}
	return b, nil
}

// takeParameterSets appends n NAL units with two-byte lengths as a byte stream
// and returns what follows them.
func takeParameterSets(b, r []byte, n int) (out, rest []byte, err error) {
	for range n {
		if len(r) < 2 {
			return nil, nil, ErrMalformedMedia
		}
		size := int(binary.BigEndian.Uint16(r))
		r = r[2:]
		if size == 0 || size > len(r) {
			return nil, nil, ErrMalformedMedia
		}
		b = append(append(b, startCode...), r[:size]...)
		r = r[size:]
	}
	return b, r, nil
}
