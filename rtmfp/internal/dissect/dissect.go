// Package dissect spells out plain RTMFP packets for tests: every chunk and field of RFC 7016 §2, and of our extension, in
// words. It is written from the RFC and shares nothing with package rtmfp but integers, options and addresses (package
// wire), so that a mistake there does not look right here.
package dissect

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"sundog.dev/sundog/rtmfp/internal/wire"
)

// Packet spells out a plain packet, a line for its header and for each chunk. What does not fit the syntax is said at the
// end of the line where it shows.
func Packet(b []byte) (lines []string) {
	header, b := packetHeader(b)
	lines = append(lines, header)
	for len(b) > 0 {
		if len(b) < 3 || b[0] == 0xff {
			if slices.ContainsFunc(b, func(c byte) bool { return c != 0xff }) {
				return append(lines, fmt.Sprintf("damaged: %x", b))
			}
			return append(lines, fmt.Sprintf("padding of %d bytes", len(b)))
		}
		n := 3 + int(binary.BigEndian.Uint16(b[1:]))
		if n > len(b) {
			return append(lines, fmt.Sprintf("damaged: %x", b))
		}
		r := reader{b: b[3:n]}
		line := chunk(b[0], &r)
		if r.bad {
			line += " damaged"
		}
		lines, b = append(lines, line), b[n:]
	}
	return lines
}

// packetHeader is RFC 7016 §2.2.4.
func packetHeader(b []byte) (string, []byte) {
	if len(b) == 0 {
		return "damaged: empty", nil
	}
	flags, b := b[0], b[1:]
	line := [...]string{"forbidden mode", "initiator", "responder", "startup"}[flags&3]
	for _, f := range []struct {
		bit  byte
		name string
		long bool
	}{
		{0x80, "time-critical", false},
		{0x40, "time-critical reverse", false},
		{0x20, "reserved 20", false},
		{0x10, "reserved 10", false},
		{0x08, "timestamp", true},
		{0x04, "echo", true},
	} {
		switch {
		case flags&f.bit == 0:
		case !f.long:
			line += ", " + f.name
		case len(b) < 2:
			return line + " damaged", nil
		default:
			line += fmt.Sprintf(", %s %d", f.name, binary.BigEndian.Uint16(b))
			b = b[2:]
		}
	}
	return line, b
}

// chunk is RFC 7016 §2.3.
func chunk(typ byte, r *reader) string {
	switch typ {
	case 0x30:
		return fmt.Sprintf("IHello: EPD (%s), tag %x", r.options(r.field()), r.rest())
	case 0x0f:
		return fmt.Sprintf("FIHello: EPD (%s), reply to %s, tag %x", r.options(r.field()), r.address(), r.rest())
	case 0x70:
		return fmt.Sprintf("RHello: tag %x, cookie %x, certificate (%s)", r.field(), r.field(), r.options(r.rest()))
	case 0x71:
		line := fmt.Sprintf("Redirect: tag %x", r.field())
		for len(r.b) > 0 {
			line += ", " + r.address()
		}
		return line
	case 0x79:
		return fmt.Sprintf("Cookie Change: from %x to %x", r.field(), r.rest())
	case 0x38:
		return fmt.Sprintf("IIKeying: session %08x, cookie %x, certificate (%s), component (%s), signature %x",
			r.word(), r.field(), r.options(r.field()), r.options(r.field()), r.rest())
	case 0x78:
		return fmt.Sprintf("RIKeying: session %08x, component (%s), signature %x", r.word(), r.options(r.field()), r.rest())
	case 0x01:
		return fmt.Sprintf("Ping: %s", r.length())
	case 0x41:
		return fmt.Sprintf("Ping Reply: %s", r.length())
	case 0x10:
		flags := r.byte()
		return fmt.Sprintf("User Data: flow %d, sequence %d, forward −%d%s", r.vlu(), r.vlu(), r.vlu(), r.fragment(flags))
	case 0x11:
		return "Next User Data: " + strings.TrimPrefix(r.fragment(r.byte()), ", ")
	case 0x50:
		return fmt.Sprintf("Bitmap Ack: flow %d, window %d KiB, up to %d, then %08b", r.vlu(), r.vlu(), r.vlu(), r.rest())
	case 0x51:
		line := fmt.Sprintf("Range Ack: flow %d, window %d KiB, up to %d", r.vlu(), r.vlu(), r.vlu())
		for len(r.b) > 0 && !r.bad {
			line += fmt.Sprintf(", %d missing, %d there", r.vlu()+1, r.vlu()+1)
		}
		return line
	case 0x18:
		return fmt.Sprintf("Buffer Probe: flow %d", r.vlu())
	case 0x5e:
		return fmt.Sprintf("Flow Exception: flow %d, code %d", r.vlu(), r.vlu())
	case 0x0c:
		return "Close" + r.unexpected()
	case 0x4c:
		return "Close Acknowledgement" + r.unexpected()
	case 0x7f:
		flags := r.byte()
		return fmt.Sprintf("Packet Fragment: more %v, packet %d, fragment %d, %s", flags&0x80 != 0, r.vlu(), r.vlu(), r.length())
	case 0xec:
		return fmt.Sprintf("ECN Report: %d", r.byte())
	case 0xfb:
		return fmt.Sprintf("Feedback: from packet %d, time %.1f ms, held %.1f ms, runs %x", r.vlu(), float64(r.word())/10, float64(r.vlu())/10, r.rest())
	}
	return fmt.Sprintf("chunk of type %02x: %x", typ, r.rest())
}

// reader takes fields from a chunk. After a failure all fields are empty.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fail() { r.b, r.bad = nil, true }

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) word() uint32 {
	if len(r.b) < 4 {
		r.fail()
		return 0
	}
	v := binary.BigEndian.Uint32(r.b)
	r.b = r.b[4:]
	return v
}

func (r *reader) vlu() uint64 {
	v, rest, err := wire.VLU(r.b)
	if err != nil {
		r.fail()
		return 0
	}
	r.b = rest
	return v
}

// field takes bytes with their length in front.
func (r *reader) field() []byte {
	field, rest, err := wire.Bytes(r.b)
	if err != nil {
		r.fail()
		return nil
	}
	r.b = rest
	return field
}

func (r *reader) rest() []byte {
	b := r.b
	r.b = nil
	return b
}

func (r *reader) length() string { return fmt.Sprintf("%d bytes", len(r.rest())) }

func (r *reader) unexpected() string {
	if len(r.b) == 0 {
		return ""
	}
	return fmt.Sprintf(": %x", r.rest())
}

func (r *reader) address() string {
	a, origin, rest, err := wire.Address(r.b)
	if err != nil {
		r.fail()
		return "?"
	}
	r.b = rest
	return fmt.Sprintf("%v (origin %d)", a, origin)
}

// options spells out a list of options.
func (r *reader) options(list []byte) string {
	var words []string
	for len(list) > 0 {
		o, rest, err := wire.NextOption(list)
		if err != nil {
			r.fail()
			break
		}
		list = rest
		if o.Marker {
			words = append(words, "marker")
		} else {
			words = append(words, fmt.Sprintf("%02x: %x", o.Type, o.Value))
		}
	}
	return strings.Join(words, ", ")
}

// fragment spells out the rest of a User Data chunk (RFC 7016 §2.3.11).
func (r *reader) fragment(flags byte) string {
	line := ", " + [...]string{"whole", "begin", "end", "middle"}[flags>>4&3]
	if flags&0x02 != 0 {
		line += ", abandoned"
	}
	if flags&0x01 != 0 {
		line += ", final"
	}
	if flags&0x4c != 0 {
		line += fmt.Sprintf(", reserved flags %02x", flags&0x4c)
	}
	for more := flags&0x80 != 0; more; {
		o, rest, err := wire.NextOption(r.b)
		if err != nil {
			r.fail()
			break
		}
		r.b = rest
		if more = !o.Marker; more {
			line += fmt.Sprintf(", option %02x %x", o.Type, o.Value)
		}
	}
	if len(r.b) <= 40 {
		return line + fmt.Sprintf(", data %q", r.rest())
	}
	return line + ", " + r.length() + " of data"
}
