package h264

import "bytes"

// NAL unit types, ITU-T H.264 table 7-1, as far as we tell them apart.
const (
	nalSlice     = 1
	nalIDR       = 5
	nalSEI       = 6
	nalSPS       = 7
	nalPPS       = 8
	nalDelimiter = 9
	nalEndOfSeq  = 10
	nalEndOfStr  = 11
	nalFiller    = 12
)

var startCode = []byte{0, 0, 1}

// splitNALs appends the NAL units of an Annex B byte stream to dst: what stands between start codes, without trailing
// zero bytes. Bytes before the first start code, other than zeros, are an error, and so is an empty unit or more than MaxNALs.
func splitNALs(dst [][]byte, stream []byte) ([][]byte, error) {
	at := bytes.Index(stream, startCode)
	if at < 0 {
		return dst, refuse("no start code")
	}
	if len(bytes.Trim(stream[:at], "\x00")) != 0 {
		return dst, refuse("bytes before the first start code")
	}
	rest := stream[at+len(startCode):]
	for count := 0; ; count++ {
		if count == MaxNALs {
			return dst, refuse("more than %d NAL units", MaxNALs)
		}
		unit, more := rest, false
		if at = bytes.Index(rest, startCode); at >= 0 {
			unit, rest, more = rest[:at], rest[at+len(startCode):], true
		}
		unit = bytes.TrimRight(unit, "\x00")
		if len(unit) == 0 {
			return dst, refuse("an empty NAL unit")
		}
		dst = append(dst, unit)
		if !more {
			return dst, nil
		}
	}
}

// unescape appends at most limit bytes of a NAL unit's payload to dst, without emulation prevention bytes (§7.4.1).
func unescape(dst, payload []byte, limit int) []byte {
	zeros := 0
	for _, b := range payload {
		if zeros >= 2 && b == 3 {
			zeros = 0
			continue
		}
		if len(dst) == limit {
			break
		}
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
		dst = append(dst, b)
	}
	return dst
}
