package flash

import (
	"encoding/binary"

	"sundog.dev/sundog/rtmfp"
)

// Each message inside an aggregate has the header of an FLV tag, and its size behind it once more (RTMP §7.1.6).
const (
	aggregateHeader  = 11 // type, 24 bits of length, 24 + 8 bits of timestamp, 24 bits of stream ID
	aggregateTrailer = 4
)

// AppendAggregated appends one message to the payload of an aggregate message (type 22), whose timestamp is that of its
// first message. The stream ID within is 0: it is the flow's that counts. ErrMessageType for an aggregate,
// rtmfp.ErrTooLarge for a payload of 16 MiB or more.
func AppendAggregated(b []byte, m Message) ([]byte, error) {
	if m.Type == MessageAggregate {
		return b, ErrMessageType
	}
	n := len(m.Payload)
	if n >= 1<<24 {
		return b, rtmfp.ErrTooLarge
	}
	t := m.Timestamp
	b = append(b, byte(m.Type), byte(n>>16), byte(n>>8), byte(n), byte(t>>16), byte(t>>8), byte(t), byte(t>>24), 0, 0, 0)
	b = append(b, m.Payload...)
	return binary.BigEndian.AppendUint32(b, uint32(aggregateHeader+n)), nil
}

// ParseAggregate takes an aggregate message (type 22) apart. The first message has the timestamp of the aggregate, and the
// others keep their distance from it. Payloads alias m's. An aggregate in an aggregate, a message that is cut short or a wrong
// size behind one is ErrMalformedMessage, beside the messages before it; another type is ErrMessageType.
func ParseAggregate(m Message) ([]Message, error) {
	if m.Type != MessageAggregate {
		return nil, ErrMessageType
	}
	var out []Message
	b := m.Payload
	var shift uint32
	for len(b) > 0 {
		if len(b) < aggregateHeader {
			return out, ErrMalformedMessage
		}
		t := MessageType(b[0])
		n := int(b[1])<<16 | int(b[2])<<8 | int(b[3])
		timestamp := uint32(b[7])<<24 | uint32(b[4])<<16 | uint32(b[5])<<8 | uint32(b[6])
		b = b[aggregateHeader:]
		if t == MessageAggregate || len(b) < n+aggregateTrailer || binary.BigEndian.Uint32(b[n:]) != uint32(aggregateHeader+n) {
			return out, ErrMalformedMessage
		}
		if out == nil {
			shift = m.Timestamp - timestamp
		}
		out = append(out, Message{Type: t, Timestamp: timestamp + shift, Payload: b[:n:n]})
		b = b[n+aggregateTrailer:]
	}
	return out, nil
}
