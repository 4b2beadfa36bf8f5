package incall

import (
	"encoding/binary"
	"time"

	"sundog.dev/sundog/mesh/internal/octets"
)

// flags packs up to eight flags, the first in bit 0.
func flags(all ...bool) (b byte) {
	for i, f := range all {
		if f {
			b |= 1 << i
		}
	}
	return b
}

// Append writes the message.
func (m Hello) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(append(b, TypeHello), m.Version)
	b = binary.BigEndian.AppendUint16(b, m.MinVersion)
	return append(octets.AppendLong(b, m.Capabilities), m.Call[:]...)
}

// Append writes the message.
func (m State) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, TypeState), m.Sequence)
	b = append(b, 0, flags(m.Sound, m.Picture, m.Muted, m.Screen, m.Hand, m.Speaking, m.Packet == 40*time.Millisecond, m.Packet == 60*time.Millisecond))
	return appendTime(b, m.HandAt)
}

// Append writes the message.
func (m Showing) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, TypeShowing), m.Sequence)
	b = binary.BigEndian.AppendUint16(b, m.Width)
	b = binary.BigEndian.AppendUint16(b, m.Height)
	return append(b, flags(m.Pinned))
}

// Append writes the message.
func (m Chat) Append(b []byte) []byte {
	b = append(append(b, TypeChat), m.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, m.Sequence)
	b = append(b, flags(m.Private))
	return octets.AppendLong(appendTime(b, m.At), m.Text)
}

// Append writes the message.
func (m ChatHave) Append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(append(b, TypeChatHave), m.Sequence)
}

// Append writes the message.
func (m Reaction) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, TypeReaction), m.Sequence)
	return octets.AppendLong(b, m.Emoji)
}

// Append writes the message.
func (m Offer) Append(b []byte) []byte {
	b = append(append(b, TypeOffer), m.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, m.Size)
	b = append(append(b, m.SHA256[:]...), flags(m.ToAll))
	return octets.AppendLong(b, m.Name)
}

// Append writes the message.
func (m Accept) Append(b []byte) []byte { return append(append(b, TypeAccept), m.ID[:]...) }

// Append writes the message.
func (m Reject) Append(b []byte) []byte {
	return append(append(append(b, TypeReject), m.ID[:]...), byte(m.Reason))
}

// Append writes the message.
func (m Cancel) Append(b []byte) []byte {
	return append(append(append(b, TypeCancel), m.ID[:]...), byte(m.Reason))
}

// Append writes the message.
func (m Request) Append(b []byte) []byte {
	b = append(append(b, TypeRequest), m.ID[:]...)
	b = append(binary.BigEndian.AppendUint64(b, m.Have), flags(m.Anew), byte(len(m.Ranges)))
	for _, r := range m.Ranges {
		b = binary.BigEndian.AppendUint64(b, r.From)
		b = binary.BigEndian.AppendUint64(b, r.To)
	}
	return b
}

// Append writes the message.
func (m Chunk) Append(b []byte) []byte {
	b = append(append(b, TypeChunk), m.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, m.From)
	return octets.AppendLong(b, m.Data)
}

// Append writes the message.
func (m Done) Append(b []byte) []byte {
	return append(append(append(b, TypeDone), m.ID[:]...), flags(m.OK))
}

// Parse decodes a message. What comes out is within the bounds; what follows the known fields is ignored, and so are flags that we
// do not know. ErrUnknown for another type.
func Parse(b []byte) (Message, error) {
	if len(b) == 0 || len(b) > MaxMessage {
		return nil, ErrMessage
	}
	r := octets.NewReader(b)
	parse, ok := parsers[r.U8()]
	if !ok {
		return nil, ErrUnknown
	}
	m := parse(r)
	if r.Bad() {
		return nil, ErrMessage
	}
	return m, nil
}

func readID(r *octets.Reader) (id FileID) {
	r.Copy(id[:])
	return id
}

// readReason takes a reason that we know.
func readReason(r *octets.Reader) FileReason {
	why := FileReason(r.U8())
	if why > FileCancelled {
		return FileDeclined
	}
	return why
}

var parsers = map[byte]func(r *octets.Reader) Message{
	TypeHello: func(r *octets.Reader) Message {
		m := Hello{Version: r.U16(), MinVersion: r.U16(), Capabilities: r.Text(MaxCapabilities)}
		r.Copy(m.Call[:])
		return m
	},
	TypeState: func(r *octets.Reader) Message {
		m := State{Sequence: r.U32()}
		f := r.U16()
		m.Sound, m.Picture, m.Muted, m.Screen, m.Hand, m.Speaking = f&1 != 0, f&2 != 0, f&4 != 0, f&8 != 0, f&16 != 0, f&32 != 0
		switch {
		case f&128 != 0:
			m.Packet = 60 * time.Millisecond
		case f&64 != 0:
			m.Packet = 40 * time.Millisecond
		}
		m.HandAt = readTime(r)
		return m
	},
	TypeShowing: func(r *octets.Reader) Message {
		return Showing{Sequence: r.U32(), Width: r.U16(), Height: r.U16(), Pinned: r.U8()&1 != 0}
	},
	TypeChat: func(r *octets.Reader) Message {
		var m Chat
		r.Copy(m.ID[:])
		m.Sequence, m.Private, m.At, m.Text = r.U64(), r.U8()&1 != 0, readTime(r), r.Text(MaxText)
		if m.Sequence == 0 || m.Sequence > maxSequence {
			r.Fail()
		}
		return m
	},
	TypeChatHave: func(r *octets.Reader) Message { return ChatHave{r.U64()} },
	TypeReaction: func(r *octets.Reader) Message { return Reaction{Sequence: r.U32(), Emoji: r.Text(MaxReaction)} },
	TypeOffer: func(r *octets.Reader) Message {
		m := Offer{ID: readID(r), Size: r.U64()}
		r.Copy(m.SHA256[:])
		m.ToAll, m.Name = r.U8()&1 != 0, r.Text(4*MaxFileName)
		if m.Size > MaxFile {
			r.Fail()
		}
		return m
	},
	TypeAccept: func(r *octets.Reader) Message { return Accept{readID(r)} },
	TypeReject: func(r *octets.Reader) Message { return Reject{readID(r), readReason(r)} },
	TypeCancel: func(r *octets.Reader) Message { return Cancel{readID(r), readReason(r)} },
	TypeRequest: func(r *octets.Reader) Message {
		m := Request{ID: readID(r), Have: r.U64(), Anew: r.U8()&1 != 0}
		end := m.Have
		for i := range r.Count(MaxRanges) {
			p := Range{r.U64(), r.U64()}
			if p.From >= p.To || p.To > MaxFile || p.From < end || i > 0 && p.From == end {
				r.Fail()
			}
			end = p.To
			m.Ranges = append(m.Ranges, p)
		}
		return m
	},
	TypeChunk: func(r *octets.Reader) Message {
		m := Chunk{ID: readID(r), From: r.U64(), Data: r.Long(MaxChunk)}
		if len(m.Data) == 0 || m.From > MaxFile {
			r.Fail()
		}
		return m
	},
	TypeDone: func(r *octets.Reader) Message { return Done{readID(r), r.U8()&1 != 0} },
}
