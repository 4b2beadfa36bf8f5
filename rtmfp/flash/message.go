package flash

import (
	"encoding/binary"

	"sundog.dev/sundog/rtmfp/amf"
)

// MessageType is an RTMP message type.
type MessageType uint8

// The message types that reach users of streams.
const (
	MessageUserControl MessageType = 4 // of a NetStream: what the service says about the stream
	MessageAudio       MessageType = 8
	MessageVideo       MessageType = 9
	MessageData        MessageType = 18 // AMF0 data; type 15 is turned into it
	MessageStatus      MessageType = 20 // an onStatus command
)

// The message types that stay inside the connection. Types 1, 2, 3, 5 and 6
// steer RTMP's chunk stream and are ignored over RTMFP (RFC 7425 §5.1); shared objects (16, 19) are, too.
const (
	MessageAggregate       MessageType = 22 // several messages in one, taken apart on arrival
	MessageDataExtended    MessageType = 15 // a zero byte, then AMF0 values (AMF3 behind marker 0x11)
	MessageCommandExtended MessageType = 17 // likewise
	MessageCommand         MessageType = 20
)

// messageHeader is the size of type and timestamp (RFC 7425 §5.1.2).
const messageHeader = 5

// Errors of the parsers of messages (errors.Is).
const (
	ErrMalformedMessage = flashError("flash: malformed message")
	ErrMessageType      = flashError("flash: another type of message than expected")
)

// Message is an RTMP message of a stream.
type Message struct {
	Type      MessageType
	Timestamp uint32      // ms on the sender's stream clock; it wraps around
	Payload   []byte      // audio, video: the body (see ParseAudio, ParseVideo); data: AMF0 (see Data); others: nil
	Status    Status      // of a MessageStatus
	Control   UserControl // of a MessageUserControl
	// Gap says that messages of the same flow before this one were abandoned (rtmfp.RecvFlow.ReadMessage); of a flow in
	// network order it says nothing.
	Gap bool

	held int // of a MessageStatus: about what it takes in memory, in bytes
}

// AppendMessage appends an RTMP message as it goes into a flow (RFC 7425 §5.1.2).
func AppendMessage(b []byte, t MessageType, timestamp uint32, payload []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(t)), timestamp)
	return append(b, payload...)
}

// ParseMessage reads what a flow delivered. The payload aliases b. A message
// without a whole header is ErrMalformedMessage.
func ParseMessage(b []byte) (Message, error) {
	if len(b) < messageHeader {
		return Message{}, ErrMalformedMessage
	}
	return Message{
		Type:      MessageType(b[0]),
		Timestamp: binary.BigEndian.Uint32(b[1:]),
		Payload:   b[messageHeader:],
	}, nil
}

// AppendData appends the payload of a data message (type 18): the handler's name and its arguments.
func AppendData(b []byte, handler string, args ...amf.Value) ([]byte, error) {
	out, err := amf.AppendAMF0(b, handler)
	if err != nil {
		return b, err
	}
	out, err = amf.AppendAMF0(out, args...)
	if err != nil {
		return b, err
	}
	return out, nil
}

// Data decodes a data message (type 18 or 15): the handler's name and its
// arguments. Another type is ErrMessageType; no name at the head is ErrMalformedMessage.
func (m Message) Data() (handler string, args []amf.Value, err error) {
	payload := m.Payload
	switch m.Type {
	case MessageData:
	case MessageDataExtended:
		if payload, err = stripFormat(payload); err != nil {
			return "", nil, err
		}
	default:
		return "", nil, ErrMessageType
	}
	values, err := amf.DecodeAMF0(payload)
	if err != nil {
		return "", nil, err
	}
	if len(values) > 0 {
		if handler, ok := values[0].(string); ok {
			return handler, values[1:], nil
		}
	}
	return "", nil, ErrMalformedMessage
}

// stripFormat takes the format selector off an extended message; only 0 is
// defined (RFC 7425 §5.3.3).
func stripFormat(payload []byte) ([]byte, error) {
	if len(payload) == 0 || payload[0] != 0 {
		return nil, ErrMalformedMessage
	}
	return payload[1:], nil
}
