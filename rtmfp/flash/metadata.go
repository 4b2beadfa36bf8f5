package flash

import (
	"sundog.dev/sundog/rtmfp/internal/wire"
)

// Flow metadata of RTMP messages (RFC 7425 §5.1.1): the signature, flags, the stream ID.
const (
	metadataT            = 'T'
	metadataC            = 'C'
	metadataStreamID     = 0x04 // the stream ID is present; it must be
	metadataNetworkOrder = 0x01 // the sender's hint: deliver in the order of arrival
)

// Errors of ParseMetadata (errors.Is).
const (
	// ErrNotTC says that a flow is of another kind: its metadata begins with another signature than "TC".
	ErrNotTC = flashError("flash: not a flow of RTMP messages")
	// ErrNoStreamID says that a "TC" flow names no stream; such a flow is to be rejected (RFC 7425 §5.1.1).
	ErrNoStreamID = flashError("flash: flow metadata without a valid stream ID")
)

// AppendMetadata appends the metadata of a flow that carries RTMP messages of
// one stream (RFC 7425 §5.1.1). networkOrder hints that messages be delivered as they arrive.
func AppendMetadata(b []byte, streamID uint32, networkOrder bool) []byte {
	flags := byte(metadataStreamID)
	if networkOrder {
		flags |= metadataNetworkOrder
	}
	return wire.AppendVLU(append(b, metadataT, metadataC, flags), uint64(streamID))
}

// ParseMetadata reads the metadata of a flow. Another signature than "TC" is ErrNotTC, a missing or
// oversized stream ID ErrNoStreamID. Any stream ID is accepted: Flash's peers count
// from 2,000,000 up. What follows the ID is ignored.
func ParseMetadata(b []byte) (streamID uint32, networkOrder bool, err error) {
	if len(b) < 2 || b[0] != metadataT || b[1] != metadataC {
		return 0, false, ErrNotTC
	}
	if len(b) < 3 || b[2]&metadataStreamID == 0 {
		return 0, false, ErrNoStreamID
	}
	id, _, err := wire.VLU(b[3:])
	if err != nil || id > 1<<32-1 {
		return 0, false, ErrNoStreamID
	}
	return uint32(id), b[2]&metadataNetworkOrder != 0, nil
}
