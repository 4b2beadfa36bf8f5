package rtmfp

import "net"

// newUDPConn is a socket used plainly.
func newUDPConn(c *net.UDPConn) batchConn {
	return &singleConn{ECNConn: plainConn{c}, buf: make([]byte, maxDatagram)}
}
