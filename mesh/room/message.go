package room

import (
	"encoding/binary"

	"sundog.dev/sundog/mesh/internal/octets"
)

// The types of the roster's messages, their first byte. They are part of the in-call protocol (docs/call-protocol.md) and share
// its numbers; all begin with the room's ID, and what follows their known fields is ignored.
//
//	digest   16  room 16, digest of the store 16
//	summary  17  room 16, flags 1 (bit 0: answer with yours), number 2, each: the first 8 bytes of an identity, hash of the record 8
//	records  18  room 16, number 1, each: length 2, record
//	join     19  room 16, card: length 2; acceptance: length 2 (0 of the opener's own)
//	refusal  20  room 16, reason 1
const (
	TypeDigest  = 16
	TypeSummary = 17
	TypeRecords = 18
	TypeJoin    = 19
	TypeRefusal = 20
)

// IsMessage reports whether a message of the in-call protocol is for a Roster's Handle.
func IsMessage(b []byte) bool { return len(b) > 0 && b[0] >= TypeDigest && b[0] <= TypeRefusal }

// maxRecordsInMessage bounds the work that one message can make.
const maxRecordsInMessage = 64

// digestMessage and the others are the parsed messages.
type digestMessage struct{ digest [16]byte }

type summaryMessage struct {
	answer bool
	hashes map[[8]byte][8]byte
}

type recordsMessage struct{ records [][]byte }

type joinMessage struct {
	card       []byte
	acceptance []byte
}

type refusalMessage struct{ reason Reason }

func (s *store) message(typ byte) []byte { return append([]byte{typ}, s.id[:]...) }

func (s *store) digestMessage() []byte {
	d := s.digest()
	return append(s.message(TypeDigest), d[:]...)
}

func (s *store) summaryMessage(answer bool) []byte {
	b := append(s.message(TypeSummary), 0)
	if answer {
		b[len(b)-1] = 1
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.records)))
	for _, id := range s.sorted() {
		h := s.records[id].hash()
		b = append(append(b, id[:8]...), h[:]...)
	}
	return b
}

// recordsMessages are records in as many messages as they need.
func (s *store) recordsMessages(records []*record) [][]byte {
	var all [][]byte
	var b []byte
	n := 0
	for _, r := range records {
		raw := r.encode()
		if n > 0 && (len(b)+2+len(raw) > MaxMessage || n == maxRecordsInMessage) {
			all, n = append(all, b), 0
		}
		if n == 0 {
			b = append(s.message(TypeRecords), 0)
		}
		n++
		b[1+len(s.id)] = byte(n)
		b = octets.AppendLong(b, raw)
	}
	if n > 0 {
		all = append(all, b)
	}
	return all
}

func (s *store) joinMessage(c *card, a acceptance) []byte {
	b := octets.AppendLong(s.message(TypeJoin), c.raw)
	return octets.AppendLong(b, a.raw)
}

func (s *store) refusalMessage(reason Reason) []byte {
	return append(s.message(TypeRefusal), byte(reason))
}

// parseMessage decodes a message of the room: one of the types above.
func parseMessage(room ID, b []byte) (any, error) {
	if len(b) > MaxMessage {
		return nil, ErrMessage
	}
	r := octets.NewReader(b)
	typ := r.U8()
	var id ID
	r.Copy(id[:])
	if r.Bad() {
		return nil, ErrMessage
	}
	if id != room {
		return nil, ErrOther
	}
	var m any
	switch typ {
	case TypeDigest:
		var d digestMessage
		r.Copy(d.digest[:])
		m = d
	case TypeSummary:
		s := summaryMessage{answer: r.U8()&1 != 0, hashes: make(map[[8]byte][8]byte)}
		n := int(r.U16())
		if n > MaxRecords {
			return nil, ErrMessage
		}
		for range n {
			var id, hash [8]byte
			r.Copy(id[:])
			r.Copy(hash[:])
			s.hashes[id] = hash
		}
		m = s
	case TypeRecords:
		var s recordsMessage
		for range r.Count(maxRecordsInMessage) {
			s.records = append(s.records, r.Long(maxRecord))
		}
		m = s
	case TypeJoin:
		m = joinMessage{card: r.Long(cardMax), acceptance: r.Long(acceptanceSize)}
	case TypeRefusal:
		m = refusalMessage{Reason(r.U8())}
	default:
		return nil, ErrUnknown
	}
	if r.Bad() {
		return nil, ErrMessage
	}
	return m, nil
}
