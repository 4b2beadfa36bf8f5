package flashcrypto

import (
	"encoding/binary"
	"math/bits"
)

// checksum is the simple checksum of RFC 7425 §4.7.3.1: the Internet checksum, except that an odd last byte is the low
// half of its word.
func checksum(b []byte) uint16 {
	var sum uint64
	for len(b) >= 8 { // four words at once; carries of the whole come back in at the end, as those of words do
		var carry uint64
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(b), 0)
		sum += carry
		b = b[8:]
	}
	sum = sum>>32 + sum&0xffff_ffff
	for len(b) >= 2 {
		sum += uint64(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint64(b[0])
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
