package rtmfp

import "encoding/binary"

// sessionIDSize is the scrambled session ID before each encrypted packet.
const sessionIDSize = 4

// minDatagram is the least that can hold a session ID and the shortest protected packet.
const minDatagram = sessionIDSize + 2

// first32 is the exclusive-or of the first two words of an encrypted packet,
// which is taken as padded with zeros (RFC 7016 §2.2.2).
func first32(encrypted []byte) uint32 {
	var head [8]byte
	copy(head[:], encrypted)
	return binary.BigEndian.Uint32(head[:4]) ^ binary.BigEndian.Uint32(head[4:])
}

// sessionID is the session ID of a datagram of at least sessionIDSize bytes.
func sessionID(datagram []byte) uint32 {
	return binary.BigEndian.Uint32(datagram) ^ first32(datagram[sessionIDSize:])
}

// sealDatagram appends to dst the datagram that carries plain to session id.
func sealDatagram(dst []byte, id uint32, c PacketCipher, plain []byte) []byte {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = c.Seal(dst, plain)
	binary.BigEndian.PutUint32(dst[start:], id^first32(dst[start+sessionIDSize:]))
	return dst
}
