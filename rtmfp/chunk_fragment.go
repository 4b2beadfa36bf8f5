package rtmfp

import "sundog.dev/sundog/rtmfp/internal/wire"

// packetFragment is a Packet Fragment (RFC 7016 §2.3.1). We send none: all our packets are short.
type packetFragment struct {
	more   bool
	packet uint64
	index  uint64
	data   []byte // aliases the packet; not empty
}

func parsePacketFragment(b []byte) (c packetFragment, err error) {
	if len(b) < 1 {
		return c, errMalformed
	}
	c.more = b[0]&0x80 != 0
	if c.packet, b, err = wire.VLU(b[1:]); err != nil {
		return c, err
	}
	if c.index, c.data, err = wire.VLU(b); err != nil {
		return c, err
	}
	if len(c.data) == 0 {
		return c, errMalformed
	}
	return c, nil
}
