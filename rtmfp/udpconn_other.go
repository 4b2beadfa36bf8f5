//go:build !linux

package rtmfp

import "net"

// newUDPConn is a socket used plainly.
func newUDPConn(c *net.UDPConn) batchConn {
	enlargeBuffers(c)
	return &singleConn{ECNConn: plainConn{c}, buf: make([]byte, maxDatagram), whole: dontFragment(c)}
}

// enlargeBuffers makes room for bursts, as much as the system allows.
func enlargeBuffers(c *net.UDPConn) {
	_ = c.SetReadBuffer(socketBuffer)
	_ = c.SetWriteBuffer(socketBuffer)
}
