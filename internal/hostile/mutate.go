package hostile

import "math/rand/v2"

// maxPacket bounds what mutate makes: as much as a path carries.
const maxPacket = 1400

// interesting bytes: chunk types of RFC 7016, VLU continuation, extremes.
var interesting = []byte{
	0x00, 0x01, 0x0c, 0x0f, 0x10, 0x11, 0x18, 0x30, 0x38, 0x41, 0x4c, 0x50, 0x51, 0x5e, 0x70, 0x71, 0x78, 0x79, 0x7f, 0x80, 0xff,
}

// mutate damages a packet in one to four ways and returns it; it may use b's memory. others are packets to splice in.
func mutate(b []byte, others [][]byte, rnd *rand.Rand) []byte {
	for range 1 + rnd.IntN(4) {
		if len(b) == 0 {
			b = append(b, interesting[rnd.IntN(len(interesting))])
		}
		i := rnd.IntN(len(b))
		switch rnd.IntN(8) {
		case 0: // one bit
			b[i] ^= 1 << rnd.IntN(8)
		case 1: // a byte that means something
			b[i] = interesting[rnd.IntN(len(interesting))]
		case 2: // a run of random bytes
			for j := i; j < min(len(b), i+1+rnd.IntN(8)); j++ {
				b[j] = byte(rnd.Uint32())
			}
		case 3: // cut off
			b = b[:i]
		case 4: // a run left out
			b = append(b[:i], b[min(len(b), i+1+rnd.IntN(8)):]...)
		case 5: // a long number: VLU continuation bytes
			for j := i; j < min(len(b), i+1+rnd.IntN(10)); j++ {
				b[j] |= 0x80
			}
		case 6: // another packet's end
			o := others[rnd.IntN(len(others))]
			if len(o) > 0 {
				b = append(b[:i:i], o[rnd.IntN(len(o)):]...)
			}
		case 7: // random bytes behind
			for range rnd.IntN(64) {
				b = append(b, byte(rnd.Uint32()))
			}
		}
	}
	return b[:min(len(b), maxPacket)]
}
