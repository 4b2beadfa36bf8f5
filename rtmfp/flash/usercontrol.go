package flash

import (
	"encoding/binary"
	"math"
	"time"
)

// UserControlEvent is the event type of a user control message (type 4).
type UserControlEvent uint16

// The events. Those below 32 are RTMP's, of a service to a client but for EventSetBufferLength and EventPingResponse.
const (
	EventStreamBegin      UserControlEvent = 0 // the stream works from now on; between peers: is published to us
	EventStreamEOF        UserControlEvent = 1 // all of the stream has been sent
	EventStreamDry        UserControlEvent = 2 // no more data for the time being
	EventSetBufferLength  UserControlEvent = 3 // how much the client buffers (NetStream.bufferTime)
	EventStreamIsRecorded UserControlEvent = 4
	EventPingRequest      UserControlEvent = 6 // to be answered at once, with its own timestamp
	EventPingResponse     UserControlEvent = 7
	EventBufferEmpty      UserControlEvent = 31 // the service has sent a whole buffer length ahead, and pauses
	EventBufferReady      UserControlEvent = 32 // and goes on
	EventFlowSync         UserControlEvent = 34 // RFC 7425 §5.2
	EventSetKeepalive     UserControlEvent = 41 // RFC 7425 §5.3.4
)

// UserControl is a user control message (type 4). Which fields count depends on the event.
type UserControl struct {
	Event UserControlEvent

	StreamID     uint32        // of the events whose name has a stream or a buffer
	BufferLength time.Duration // EventSetBufferLength, in whole ms

	// Timestamp is of EventPingRequest and EventPingResponse: ms of the clock of the one who asks.
	Timestamp uint32

	SyncID uint32 // EventFlowSync: the barrier
	Count  uint32 // EventFlowSync: how many flows meet there; at least 1

	// EventSetKeepalive: the periods advised for the session with the service
	// and for those with peers, in whole ms. The receiver applies its own bounds.
	ServerKeepalive, PeerKeepalive time.Duration
}

// AppendUserControl appends the payload of a user control message. Durations
// are written in whole ms and clamped to 32 bits. Of an event other than the ones above only the type is written.
func AppendUserControl(b []byte, u UserControl) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(u.Event))
	switch u.Event {
	case EventStreamBegin, EventStreamEOF, EventStreamDry, EventStreamIsRecorded, EventBufferEmpty, EventBufferReady:
		return binary.BigEndian.AppendUint32(b, u.StreamID)
	case EventPingRequest, EventPingResponse:
		return binary.BigEndian.AppendUint32(b, u.Timestamp)
	case EventSetBufferLength:
		b = binary.BigEndian.AppendUint32(b, u.StreamID)
		return binary.BigEndian.AppendUint32(b, milliseconds(u.BufferLength))
	case EventFlowSync:
		b = binary.BigEndian.AppendUint32(b, u.SyncID)
		return binary.BigEndian.AppendUint32(b, u.Count)
	case EventSetKeepalive:
		b = binary.BigEndian.AppendUint32(b, milliseconds(u.ServerKeepalive))
		return binary.BigEndian.AppendUint32(b, milliseconds(u.PeerKeepalive))
	}
	return b
}

// ParseUserControl reads the payload of a user control message. An event that
// we do not know is returned without fields, to be ignored; too few bytes, or a
// barrier of no flows, are ErrMalformedMessage.
func ParseUserControl(payload []byte) (UserControl, error) {
	if len(payload) < 2 {
		return UserControl{}, ErrMalformedMessage
	}
	u := UserControl{Event: UserControlEvent(binary.BigEndian.Uint16(payload))}
	payload = payload[2:]
	if len(payload) < u.Event.size() {
		return UserControl{}, ErrMalformedMessage
	}
	switch u.Event {
	case EventStreamBegin, EventStreamEOF, EventStreamDry, EventStreamIsRecorded, EventBufferEmpty, EventBufferReady:
		u.StreamID = binary.BigEndian.Uint32(payload)
	case EventPingRequest, EventPingResponse:
		u.Timestamp = binary.BigEndian.Uint32(payload)
	case EventSetBufferLength:
		u.StreamID = binary.BigEndian.Uint32(payload)
		u.BufferLength = duration(payload[4:])
	case EventFlowSync:
		u.SyncID = binary.BigEndian.Uint32(payload)
		u.Count = binary.BigEndian.Uint32(payload[4:])
		if u.Count == 0 {
			return UserControl{}, ErrMalformedMessage
		}
	case EventSetKeepalive:
		u.ServerKeepalive = duration(payload)
		u.PeerKeepalive = duration(payload[4:])
	}
	return u, nil
}

// size is the number of bytes behind the event type that we read.
func (e UserControlEvent) size() int {
	switch e {
	case EventStreamBegin, EventStreamEOF, EventStreamDry, EventStreamIsRecorded, EventBufferEmpty, EventBufferReady,
		EventPingRequest, EventPingResponse:
		return 4
	case EventSetBufferLength, EventFlowSync, EventSetKeepalive:
		return 8
	}
	return 0
}

// ofStream reports whether an event is about one stream.
func (e UserControlEvent) ofStream() bool {
	switch e {
	case EventStreamBegin, EventStreamEOF, EventStreamDry, EventStreamIsRecorded, EventBufferEmpty, EventBufferReady:
		return true
	}
	return false
}

func milliseconds(d time.Duration) uint32 {
	return uint32(min(max(d.Milliseconds(), 0), math.MaxUint32))
}

func duration(b []byte) time.Duration {
	return time.Duration(binary.BigEndian.Uint32(b)) * time.Millisecond
}
