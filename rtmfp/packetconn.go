package rtmfp

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// PacketConn is the network below an Endpoint. *net.UDPConn is one, and so is a
// connection of the in-memory test network. Reads and writes come from different
// goroutines; Close unblocks them.
//
// A PacketConn may also have a method DontFragment() bool. If that reports true when the endpoint is made, datagrams that
// are too long for the path are lost, or refused with EMSGSIZE, and never sent in fragments; then sessions look for the
// greatest length that passes.
//
// Of a *net.UDPConn the endpoint uses more than these methods where the system has it: batches, segmentation by
// the kernel, ECN and unfragmented packets.
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// ECNConn is a PacketConn that carries the ECN field of IP packets too. A conn that implements it is used by these
// methods only. ecn is the field's two bits (RFC 3168 §5): 0 not capable, 1 and 2 capable, 3 congestion experienced.
type ECNConn interface {
	PacketConn
	ReadFromUDPAddrPortECN(b []byte) (n int, from netip.AddrPort, ecn byte, err error)
	WriteToUDPAddrPortECN(b []byte, to netip.AddrPort, ecn byte) (int, error)
}

// Values of the ECN field (RFC 3168 §5).
const (
	ecnNotCapable = 0b00
	ecnCapable1   = 0b01
	ecnCapable0   = 0b10
	ecnCongested  = 0b11
)

// datagram is one of a batch. addr is where it came from or goes to.
type datagram struct {
	data []byte
	addr netip.AddrPort
	ecn  byte

	tooLong bool // was not sent, since the interface takes no datagram of that length
}

// dontFragment reports whether a conn or batchConn says that it never fragments.
func dontFragment(conn any) bool {
	c, ok := conn.(interface{ DontFragment() bool })
	return ok && c.DontFragment()
}

// refusedAsTooLong reports whether that is what a write's error says: EMSGSIZE, or WSAEMSGSIZE of Windows.
func refusedAsTooLong(err error) bool {
	return err != nil && (errors.Is(err, syscall.EMSGSIZE) || errors.Is(err, syscall.Errno(10040)))
}

// batchConn is a packet conn as the endpoint uses it. One goroutine at a time reads, and one writes.
type batchConn interface {
	// readBatch waits for datagrams and fills in some of ps. Their data lasts until the next call.
	readBatch(ps []datagram) (n int, err error)
	// writeBatch sends datagrams, and sets tooLong where it has to. Another error is as good as a lost packet: the path may
	// come back, and silence ends the session.
	writeBatch(ps []datagram)
}

// newBatchConn makes the best of a conn.
func newBatchConn(conn PacketConn) batchConn {
	switch c := conn.(type) {
	case *net.UDPConn:
		return newUDPConn(c)
	case ECNConn:
		return &singleConn{ECNConn: c, buf: make([]byte, maxDatagram)}
	default:
		return &singleConn{ECNConn: plainConn{conn}, buf: make([]byte, maxDatagram)}
	}
}

// plainConn is a conn that knows no ECN.
type plainConn struct{ PacketConn }

func (c plainConn) ReadFromUDPAddrPortECN(b []byte) (int, netip.AddrPort, byte, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	return n, from, ecnNotCapable, err
}

func (c plainConn) WriteToUDPAddrPortECN(b []byte, to netip.AddrPort, _ byte) (int, error) {
	return c.WriteToUDPAddrPort(b, to)
}

// singleConn makes batches of one.
type singleConn struct {
	ECNConn
	buf []byte
}

func (c *singleConn) readBatch(ps []datagram) (int, error) {
	n, from, ecn, err := c.ReadFromUDPAddrPortECN(c.buf)
	if err != nil {
		return 0, err
	}
	ps[0] = datagram{data: c.buf[:n], addr: unmap(from), ecn: ecn}
	return 1, nil
}

func (c *singleConn) writeBatch(ps []datagram) {
	for i := range ps {
		_, err := c.WriteToUDPAddrPortECN(ps[i].data, ps[i].addr, ps[i].ecn)
		ps[i].tooLong = refusedAsTooLong(err)
	}
}

// unmap is the address in the form that sessions keep.
func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
