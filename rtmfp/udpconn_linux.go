package rtmfp

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// udpConn is a UDP socket with what the kernel has for many packets: several in a call (recvmmsg, sendmmsg), runs of
// equal ones in one piece that the kernel or the card cuts (UDP_SEGMENT, "GSO") and joins (UDP_GRO), and the ECN field
// beside each. What the kernel, or a card later on, refuses is switched off, and done plainly.
type udpConn struct {
	*net.UDPConn
	raw      syscall.RawConn
	features udpFeatures
	ipv6     bool // an IPv6 socket; IPv4 addresses are mapped in it
	reader   udpReader
	writer   udpWriter
}

// udpFeatures are what may be switched off.
type udpFeatures struct {
	messages   bool // recvmmsg and sendmmsg; without them nothing else either
	segment    bool // UDP_SEGMENT
	coalesce   bool // UDP_GRO
	ecn        bool // the ECN field, both ways
	unfragment bool // packets are never fragmented
}

var allUDPFeatures = udpFeatures{messages: true, segment: true, coalesce: true, ecn: true, unfragment: true}

func newUDPConn(c *net.UDPConn) batchConn { return newUDPConnWith(c, allUDPFeatures) }

// newUDPConnWith uses of the wanted features those that the socket has.
func newUDPConnWith(conn *net.UDPConn, want udpFeatures) *udpConn {
	c := &udpConn{UDPConn: conn}
	raw, err := conn.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { c.probe(int(fd), want) })
	}
	if err != nil {
		c.features = udpFeatures{}
	}
	c.raw = raw
	c.reader.init(c)
	c.writer.init(c)
	return c
}

// probe switches on what the socket has.
func (c *udpConn) probe(fd int, want udpFeatures) {
	for _, size := range []struct{ forced, option int }{
		{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF},
		{unix.SO_SNDBUFFORCE, unix.SO_SNDBUF},
	} {
		// Beyond the system's limit only with privileges; what is less than asked for does as well.
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, size.forced, socketBuffer) != nil {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, size.option, socketBuffer)
		}
	}
	domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		return
	}
	c.ipv6 = domain == unix.AF_INET6
	// An IPv6 socket may carry IPv4 too, and has the options of both.
	set := func(v4, v6, value int) bool {
		ok := unix.SetsockoptInt(fd, unix.IPPROTO_IP, v4, value) == nil
		if c.ipv6 {
			return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, v6, value) == nil
		}
		return ok
	}
	f := &c.features
	f.unfragment = want.unfragment && set(unix.IP_MTU_DISCOVER, unix.IPV6_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE)
	if f.messages = want.messages; !f.messages {
		return
	}
	f.ecn = want.ecn && set(unix.IP_RECVTOS, unix.IPV6_RECVTCLASS, 1)
	_, err = unix.GetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_SEGMENT)
	f.segment = want.segment && err == nil
	f.coalesce = want.coalesce && unix.SetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_GRO, 1) == nil
}

// DontFragment says whether packets that are too long for the path are lost.
func (c *udpConn) DontFragment() bool { return c.features.unfragment }

// mmsghdr is the kernel's struct mmsghdr.
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}
