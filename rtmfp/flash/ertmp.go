package flash

import "encoding/binary"

// FourCCs of Enhanced RTMP.
const (
	FourCCOpus = "Opus"
	FourCCAAC  = "mp4a"
	FourCCMP3  = ".mp3"
	FourCCFLAC = "fLaC"
	FourCCAC3  = "ac-3"
	FourCCEAC3 = "ec-3"
	FourCCAVC  = "avc1"
	FourCCHEVC = "hvc1"
	FourCCVP8  = "vp08"
	FourCCVP9  = "vp09"
	FourCCAV1  = "av01"

	fourCCSize = 4
)

// maxTracks bounds the tracks of a multitrack message; IDs have eight bits.
const maxTracks = 256

// Kinds of multitrack messages.
const (
	oneTrack             = 0
	manyTracks           = 1
	manyTracksManyCodecs = 2
)

// modNanoseconds is the kind of the modifier that refines the timestamp.
const modNanoseconds = 0

// maxNanoseconds is the longest that TimestampOffset may be: the rest of a ms.
const maxNanoseconds = 999_999

// MediaTrack is one track of a multitrack message of Enhanced RTMP.
type MediaTrack struct {
	ID     uint8 // 0 is the main one
	FourCC string
	Data   []byte // what would follow the FourCC in a message of this track alone; it aliases the body
}

// takeModifiers passes over the modifiers (ModEx) in front of a message and returns the packet type behind them. Of those known,
// the timestamp's refinement in ns is returned.
func takeModifiers(packet, modifier uint8, b []byte) (behind uint8, nanoseconds uint32, rest []byte, err error) {
	for packet == modifier {
		var kind uint8
		var data []byte
		if kind, packet, data, b, err = takeModifier(b); err != nil {
			return 0, 0, nil, err
		}
		if kind == modNanoseconds && len(data) >= 3 {
			nanoseconds = min(uint24(data), maxNanoseconds)
		}
	}
	return packet, nanoseconds, b, nil
}

// takeModifier reads one: a size less one in one byte, or 0xff and two bytes; data; then four bits of kind and the next
// packet type.
func takeModifier(b []byte) (kind, packet uint8, data, rest []byte, err error) {
	if len(b) < 1 {
		return 0, 0, nil, nil, ErrMalformedMedia
	}
	size := int(b[0]) + 1
	b = b[1:]
	if size == 256 {
		if len(b) < 2 {
			return 0, 0, nil, nil, ErrMalformedMedia
		}
		size = int(binary.BigEndian.Uint16(b)) + 1
		b = b[2:]
	}
	if len(b) < size+1 {
		return 0, 0, nil, nil, ErrMalformedMedia
	}
	return b[size] >> 4, b[size] & 0x0f, b[:size], b[size+1:], nil
}

// appendModifier appends the modifier that refines the timestamp, in front of a packet type.
func appendModifier(b []byte, nanoseconds uint32, packet uint8) []byte {
	n := min(nanoseconds, maxNanoseconds)
	return append(b, 2, byte(n>>16), byte(n>>8), byte(n), modNanoseconds<<4|packet)
}

func takeFourCC(b []byte) (fourCC string, rest []byte, err error) {
	if len(b) < fourCCSize {
		return "", nil, ErrMalformedMedia
	}
	return string(b[:fourCCSize]), b[fourCCSize:], nil
}

// takeTracks reads a multitrack message behind its packet type, which it also returns.
func takeTracks(b []byte, multitrack uint8) (packet uint8, tracks []MediaTrack, err error) {
	if len(b) < 1 {
		return 0, nil, ErrMalformedMedia
	}
	kind, packet := b[0]>>4, b[0]&0x0f
	b = b[1:]
	if kind > manyTracksManyCodecs || packet == multitrack {
		return 0, nil, ErrMalformedMedia
	}
	var common string
	if kind != manyTracksManyCodecs {
		if common, b, err = takeFourCC(b); err != nil {
			return 0, nil, err
		}
	}
	for len(b) > 0 {
		t := MediaTrack{FourCC: common}
		if kind == manyTracksManyCodecs {
			if t.FourCC, b, err = takeFourCC(b); err != nil {
				return 0, nil, err
			}
		}
		if len(b) < 1 || len(tracks) == maxTracks {
			return 0, nil, ErrMalformedMedia
		}
		t.ID, b = b[0], b[1:]
		size := len(b)
		if kind != oneTrack {
			if len(b) < 3 {
				return 0, nil, ErrMalformedMedia
			}
			size = int(uint24(b))
			b = b[3:]
		}
		if size > len(b) {
			return 0, nil, ErrMalformedMedia
		}
		t.Data, b = b[:size:size], b[size:]
		tracks = append(tracks, t)
	}
	if len(tracks) == 0 {
		return 0, nil, ErrMalformedMedia
	}
	return packet, tracks, nil
}

// appendTracks appends a multitrack message behind its packet type, in the form that takes least. All FourCCs must have four
// bytes, and data less than 16 MiB: otherwise it is ErrMalformedMedia.
func appendTracks(b []byte, packet uint8, tracks []MediaTrack) ([]byte, error) {
	kind := uint8(oneTrack)
	if len(tracks) > 1 {
		kind = manyTracks
	}
	for _, t := range tracks {
		if len(t.FourCC) != fourCCSize || len(t.Data) >= 1<<24 || len(tracks) > maxTracks {
			return nil, ErrMalformedMedia
		}
		if t.FourCC != tracks[0].FourCC {
			kind = manyTracksManyCodecs
		}
	}
	b = append(b, kind<<4|packet)
	if kind != manyTracksManyCodecs {
		b = append(b, tracks[0].FourCC...)
	}
	for _, t := range tracks {
		if kind == manyTracksManyCodecs {
			b = append(b, t.FourCC...)
		}
		b = append(b, t.ID)
		if kind != oneTrack {
			b = appendUint24(b, uint32(len(t.Data)))
		}
		b = append(b, t.Data...)
	}
	return b, nil
}

func uint24(b []byte) uint32 { return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]) }

func appendUint24(b []byte, v uint32) []byte { return append(b, byte(v>>16), byte(v>>8), byte(v)) }

// int24 reads 24 bits with a sign.
func int24(b []byte) int32 { return int32(uint24(b)<<8) >> 8 }
