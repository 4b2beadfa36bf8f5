package rtmfp

import "sundog.dev/sundog/rtmfp/internal/wire"

// packetFragment is a Packet Fragment (RFC 7016 §2.3.1).
type packetFragment struct {
	more   bool
	packet uint64
	index  uint64
	data   []byte // aliases the packet; not empty
}

// fragmentMore is its flag.
const fragmentMore = 0x80

// fragmentHeader is what one of ours costs at most besides its data: chunk header, flags, two VLUs.
const fragmentHeader = chunkHeaderSize + 1 + 10 + 2

func parsePacketFragment(b []byte) (c packetFragment, err error) {
	if len(b) < 1 {
		return c, errMalformed
	}
	c.more = b[0]&fragmentMore != 0
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

func appendPacketFragment(b []byte, c packetFragment) []byte {
	start := len(b)
	var flags byte
	if c.more {
		flags = fragmentMore
	}
	b = append(beginChunk(b, chunkFragment), flags)
	b = wire.AppendVLU(b, c.packet)
	b = wire.AppendVLU(b, c.index)
	return endChunk(append(b, c.data...), start)
}
