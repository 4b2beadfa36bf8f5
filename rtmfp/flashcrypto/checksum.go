package flashcrypto

import "encoding/binary"

// checksum is the simple checksum of RFC 7425 §4.7.3.1: the Internet checksum, except that an odd last byte is the low
// half of its word.
func checksum(b []byte) uint16 {
	var sum uint64
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
