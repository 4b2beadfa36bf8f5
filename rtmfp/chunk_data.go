package rtmfp

import (
	"sundog.dev/sundog/rtmfp/internal/wire"
)

// Flags of a User Data chunk (RFC 7016 §2.3.11).
const (
	dataOptions  = 0x80
	dataFragment = 0x30 // fragment control, shifted by dataFragmentShift
	dataAbandon  = 0x02
	dataFinal    = 0x01

	dataFragmentShift = 4
)

// Fragment control.
const (
	fragmentWhole  = 0
	fragmentBegin  = 1
	fragmentEnd    = 2
	fragmentMiddle = 3
)

// Options of a User Data chunk (RFC 7016 §2.3.11.1). Unknown ones below
// optionMayIgnore must make the flow be rejected.
const (
	optionMetadata   = 0x00
	optionReturnFlow = 0x0a
	optionMayIgnore  = 8192
)

// userData is a User Data or Next User Data chunk. Slices alias the packet.
type userData struct {
	flow, seq, fsn uint64
	control        byte // fragment control
	abandon, final bool
	options        dataOptionList
	data           []byte
}

// dataOptionList is what the options of a User Data chunk said.
type dataOptionList struct {
	metadata    []byte
	hasMetadata bool
	returnFlow  uint64
	hasReturn   bool
	unknown     bool // one that makes the flow be rejected
}

// parseUserData parses a User Data chunk.
func parseUserData(b []byte) (c userData, err error) {
	if len(b) < 1 {
		return c, errMalformed
	}
	flags := b[0]
	var offset uint64
	if c.flow, b, err = wire.VLU(b[1:]); err != nil {
		return c, err
	}
	if c.seq, b, err = wire.VLU(b); err != nil {
		return c, err
	}
	if offset, b, err = wire.VLU(b); err != nil {
		return c, err
	}
	if c.seq == 0 || c.seq > maxSequence || offset > c.seq || offset == 0 && flags&dataAbandon == 0 {
		return c, errMalformed
	}
	c.fsn = c.seq - offset
	return c, c.parseRest(flags, b)
}

// parseNextUserData parses a Next User Data chunk behind prev in the same packet.
func parseNextUserData(b []byte, prev userData) (c userData, err error) {
	if len(b) < 1 || prev.seq == 0 || prev.seq >= maxSequence {
		return c, errMalformed
	}
	c.flow, c.seq, c.fsn = prev.flow, prev.seq+1, prev.fsn
	return c, c.parseRest(b[0], b[1:])
}

func (c *userData) parseRest(flags byte, b []byte) (err error) {
	c.control = flags & dataFragment >> dataFragmentShift
	c.abandon = flags&dataAbandon != 0
	c.final = flags&dataFinal != 0
	if flags&dataOptions != 0 {
		if c.options, b, err = parseDataOptions(b); err != nil {
			return err
		}
	}
	c.data = b
	return nil
}

func parseDataOptions(b []byte) (o dataOptionList, rest []byte, err error) {
	for {
		var opt wire.Option
		if opt, b, err = wire.NextOption(b); err != nil {
			return o, nil, err
		}
		switch {
		case opt.Marker:
			return o, b, nil
		case opt.Type == optionMetadata:
			o.metadata, o.hasMetadata = opt.Value, true
		case opt.Type == optionReturnFlow:
			if o.returnFlow, _, err = wire.VLU(opt.Value); err != nil {
				return o, nil, err
			}
			o.hasReturn = true
		case opt.Type < optionMayIgnore:
			o.unknown = true
		}
	}
}

// dataHeader is what stands before the bytes of a fragment.
type dataHeader struct {
	flow, seq, fsn uint64
	control        byte
	abandon, final bool
	next           bool   // encode as Next User Data
	options        []byte // with the marker; may be empty
}

// size is the length of the chunk without its data.
func (h *dataHeader) size() int {
	n := chunkHeaderSize + 1 + len(h.options)
	if !h.next {
		n += wire.VLULen(h.flow) + wire.VLULen(h.seq) + wire.VLULen(h.seq-h.fsn)
	}
	return n
}

// appendUserData appends a User Data or Next User Data chunk.
func appendUserData(b []byte, h *dataHeader, data []byte) []byte {
	flags := h.control << dataFragmentShift
	if len(h.options) > 0 {
		flags |= dataOptions
	}
	if h.abandon {
		flags |= dataAbandon
	}
	if h.final {
		flags |= dataFinal
	}
	start := len(b)
	if h.next {
		b = append(beginChunk(b, chunkNextUserData), flags)
	} else {
		b = append(beginChunk(b, chunkUserData), flags)
		b = wire.AppendVLU(b, h.flow)
		b = wire.AppendVLU(b, h.seq)
		b = wire.AppendVLU(b, h.seq-h.fsn)
	}
	b = append(b, h.options...)
	return endChunk(append(b, data...), start)
}
