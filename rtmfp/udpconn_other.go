//go:build !linux

package rtmfp

import "net"

// newUDPConn is a socket used plainly.
func newUDPConn(c *net.UDPConn) batchConn {
	enlargeBuffers(c)
	single := singleConn{ECNConn: plainConn{c}, buf: make([]byte, maxDatagram)}
	return &udpConn{single, forbidFragments(c)}
}

// udpConn is a UDP socket without the help of the kernel that Linux gives.
type udpConn struct {
	singleConn
	whole bool // packets are never fragmented
}

// DontFragment says whether packets that are too long for the path are lost.
func (c *udpConn) DontFragment() bool { return c.whole }

// enlargeBuffers makes room for bursts, as much as the system allows.
func enlargeBuffers(c *net.UDPConn) {
	_ = c.SetReadBuffer(socketBuffer)
	_ = c.SetWriteBuffer(socketBuffer)
}
