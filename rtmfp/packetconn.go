package rtmfp

import (
	"net"
	"net/netip"
)

// PacketConn is the network below an Endpoint. *net.UDPConn is one, and so is a
// connection of the in-memory test network. Reads and writes come from different
// goroutines; Close unblocks them.
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}
