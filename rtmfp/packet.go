package rtmfp

import (
	"encoding/binary"
	"time"
)

// Packet modes (RFC 7016 §2.2.4).
const (
	modeInitiator = 1
	modeResponder = 2
	modeStartup   = 3
)

// Flags of the packet header.
const (
	flagTimeCritical        = 0x80
	flagTimeCriticalReverse = 0x40
	flagTimestamp           = 0x08
	flagTimestampEcho       = 0x04
	maskMode                = 0x03
)

// maxHeader is the length of the longest header.
const maxHeader = 1 + 2 + 2

// header is a plain packet's common header.
type header struct {
	flags         byte // with the mode
	timestamp     uint16
	timestampEcho uint16
}

func (h header) mode() byte         { return h.flags & maskMode }
func (h header) has(flag byte) bool { return h.flags&flag != 0 }

// parseHeader reads the header of a plain packet and returns it with the chunks behind it.
func parseHeader(b []byte) (h header, chunks []byte, err error) {
	if len(b) < 1 || b[0]&maskMode == 0 {
		return header{}, nil, errMalformed
	}
	h.flags, b = b[0], b[1:]
	if h.has(flagTimestamp) {
		if len(b) < 2 {
			return header{}, nil, errMalformed
		}
		h.timestamp, b = binary.BigEndian.Uint16(b), b[2:]
	}
	if h.has(flagTimestampEcho) {
		if len(b) < 2 {
			return header{}, nil, errMalformed
		}
		h.timestampEcho, b = binary.BigEndian.Uint16(b), b[2:]
	}
	return h, b, nil
}

// appendHeader appends the header.
func appendHeader(b []byte, h header) []byte {
	b = append(b, h.flags)
	if h.has(flagTimestamp) {
		b = binary.BigEndian.AppendUint16(b, h.timestamp)
	}
	if h.has(flagTimestampEcho) {
		b = binary.BigEndian.AppendUint16(b, h.timestampEcho)
	}
	return b
}

// Chunk types (RFC 7016 §2.3).
const (
	chunkIHello        = 0x30
	chunkFIHello       = 0x0f
	chunkRHello        = 0x70
	chunkRedirect      = 0x71
	chunkCookieChange  = 0x79
	chunkIIKeying      = 0x38
	chunkRIKeying      = 0x78
	chunkPing          = 0x01
	chunkPingReply     = 0x41
	chunkUserData      = 0x10
	chunkNextUserData  = 0x11
	chunkAckBitmap     = 0x50
	chunkAckRanges     = 0x51
	chunkBufferProbe   = 0x18
	chunkFlowException = 0x5e
	chunkClose         = 0x0c
	chunkCloseAck      = 0x4c
	chunkFragment      = 0x7f
	chunkPadding       = 0xff

	// Extensions: rtmfp-cpp's, and our own.
	chunkECNReport = 0xec
	chunkFeedback  = 0xfb
)

// chunkHeaderSize is type and length.
const chunkHeaderSize = 3

// nextChunk reads the chunk at the head of b. At the packet's end or its padding ok is false.
func nextChunk(b []byte) (typ byte, payload, rest []byte, ok bool) {
	if len(b) < chunkHeaderSize {
		return 0, nil, nil, false
	}
	n := int(binary.BigEndian.Uint16(b[1:]))
	if n > len(b)-chunkHeaderSize {
		return 0, nil, nil, false
	}
	end := chunkHeaderSize + n
	return b[0], b[chunkHeaderSize:end:end], b[end:], true
}

// beginChunk appends a chunk's header; endChunk fills in the length of what was
// appended since. start is what beginChunk was given, its length.
func beginChunk(b []byte, typ byte) []byte { return append(b, typ, 0, 0) }

func endChunk(b []byte, start int) []byte {
	binary.BigEndian.PutUint16(b[start+1:], uint16(len(b)-start-chunkHeaderSize))
	return b
}

// appendChunk appends a whole chunk.
func appendChunk(b []byte, typ byte, payload []byte) []byte {
	start := len(b)
	return endChunk(append(beginChunk(b, typ), payload...), start)
}

// ticks is a time on the 250 Hz clock of timestamps.
func ticks(d time.Duration) uint16 { return uint16(d / tick) }
