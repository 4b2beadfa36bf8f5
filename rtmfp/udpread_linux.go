package rtmfp

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Receive slots: joined packets come in pieces of up to 64 KB; single ones are not so long that anybody sends them.
const (
	coalescedSlots = 8
	coalescedSize  = 64 << 10
	singleSlots    = 32
	singleSize     = 16 << 10

	controlSize = 64 // of UDP_GRO and IP_TOS or IPV6_TCLASS, 24 bytes each
)

// udpReader reads batches from a socket. What it has read and not handed out yet stays for the next call.
type udpReader struct {
	hdrs     []mmsghdr
	iovs     []unix.Iovec
	names    []unix.RawSockaddrInet6
	controls [][controlSize]byte
	bufs     [][]byte
	plainly  bool // without recvmmsg
	recvmmsg func(fd uintptr, hdrs []mmsghdr) (int, syscall.Errno)
	attempt  func(fd uintptr) bool
	got      int // messages read
	err      error
	next     int // message to hand out
	offset   int // in that
	zones    map[uint32]string
}

func (r *udpReader) init(c *udpConn) {
	r.plainly = !c.features.messages
	slots, size := singleSlots, singleSize
	switch {
	case r.plainly:
		slots, size = 1, maxDatagram
	case c.features.coalesce:
		slots, size = coalescedSlots, coalescedSize
	}
	arena := make([]byte, slots*size)
	r.hdrs = make([]mmsghdr, slots)
	r.iovs = make([]unix.Iovec, slots)
	r.names = make([]unix.RawSockaddrInet6, slots)
	r.controls = make([][controlSize]byte, slots)
	r.bufs = make([][]byte, slots)
	for i := range r.hdrs {
		r.bufs[i] = arena[i*size : (i+1)*size : (i+1)*size]
		r.iovs[i].Base = &r.bufs[i][0]
		r.iovs[i].SetLen(size)
		h := &r.hdrs[i].hdr
		h.Name = (*byte)(unsafe.Pointer(&r.names[i]))
		h.Iov = &r.iovs[i]
		h.SetIovlen(1)
		h.Control = &r.controls[i][0]
	}
	r.recvmmsg = recvmmsg
	r.attempt = r.try
	r.zones = make(map[uint32]string)
}

// recvmmsg never waits, and so the scheduler need not be told: told, it would wake its monitor thread for each batch, which then looks again and again, each
// 20 µs, whether the call has come back. With little traffic that is dearer than the call.
func recvmmsg(fd uintptr, hdrs []mmsghdr) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&hdrs[0])), uintptr(len(hdrs)), unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

// try reads what there is; false if the conn must wait for more.
func (r *udpReader) try(fd uintptr) bool {
	for i := range r.hdrs {
		h := &r.hdrs[i].hdr
		h.Namelen = unix.SizeofSockaddrInet6
		h.SetControllen(controlSize)
		h.Flags = 0
	}
	for {
		n, errno := r.recvmmsg(fd, r.hdrs)
		switch errno {
		case 0:
			r.got, r.err = n, nil
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return false
		default:
			r.got, r.err = 0, errno
		}
		return true
	}
}

// readBatch implements batchConn.
func (c *udpConn) readBatch(ps []datagram) (int, error) {
	r := &c.reader
	if r.plainly {
		n, from, err := c.ReadFromUDPAddrPort(r.bufs[0])
		if err != nil {
			return 0, err
		}
		ps[0] = datagram{data: r.bufs[0][:n], addr: unmap(from)}
		return 1, nil
	}
	for {
		if n := r.handOut(ps); n > 0 {
			return n, nil
		}
		r.got, r.next, r.offset = 0, 0, 0
		if err := c.raw.Read(r.attempt); err != nil {
			return 0, err
		}
		if errors.Is(r.err, unix.ENOSYS) {
			r.plainly = true
			c.separate()
			return c.readBatch(ps)
		}
		if r.err != nil {
			return 0, r.err
		}
	}
}

// separate has the kernel join packets no more: read plainly, nobody would know where one ends.
func (c *udpConn) separate() {
	_ = c.raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_GRO, 0) })
}

// handOut cuts what was read into datagrams.
func (r *udpReader) handOut(ps []datagram) (n int) {
	for n < len(ps) && r.next < r.got {
		h := &r.hdrs[r.next]
		data := r.bufs[r.next][:min(int(h.len), len(r.bufs[r.next]))]
		from, ok := r.addr(&r.names[r.next])
		if !ok || h.hdr.Flags&unix.MSG_TRUNC != 0 {
			r.next, r.offset = r.next+1, 0
			continue
		}
		segment, ecn := parseControl(r.controls[r.next][:min(int(h.hdr.Controllen), controlSize)])
		if segment <= 0 {
			segment = len(data)
		}
		for n < len(ps) {
			end := min(r.offset+segment, len(data))
			ps[n] = datagram{data: data[r.offset:end:end], addr: from, ecn: ecn}
			n++
			if r.offset = end; end == len(data) {
				r.next, r.offset = r.next+1, 0
				break
			}
		}
	}
	return n
}

// parseControl reads the length of the packets that were joined (0: none were) and their ECN field from the control
// messages of a received one. What is odd or cut off is not there.
func parseControl(b []byte) (segment int, ecn byte) {
	const word = int(unsafe.Sizeof(uintptr(0)))
	for len(b) >= unix.SizeofCmsghdr {
		size := uint64(binary.NativeEndian.Uint32(b))
		if word == 8 {
			size = binary.NativeEndian.Uint64(b)
		}
		if size < unix.SizeofCmsghdr || size > uint64(len(b)) {
			break
		}
		level, typ := binary.NativeEndian.Uint32(b[word:]), binary.NativeEndian.Uint32(b[word+4:])
		data := b[unix.SizeofCmsghdr:size]
		switch {
		case level == unix.IPPROTO_UDP && typ == unix.UDP_GRO && len(data) >= 4:
			segment = int(int32(binary.NativeEndian.Uint32(data)))
		case level == unix.IPPROTO_IP && typ == unix.IP_TOS && len(data) >= 1:
			ecn = data[0] & ecnCongested
		case level == unix.IPPROTO_IPV6 && typ == unix.IPV6_TCLASS && len(data) >= 4:
			ecn = byte(binary.NativeEndian.Uint32(data)) & ecnCongested
		}
		b = b[min((int(size)+word-1)&^(word-1), len(b)):]
	}
	return segment, ecn
}

// addr is a socket address as sessions keep it.
func (r *udpReader) addr(name *unix.RawSockaddrInet6) (netip.AddrPort, bool) {
	switch name.Family {
	case unix.AF_INET:
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), networkOrder(v4.Port)), true
	case unix.AF_INET6:
		ip := netip.AddrFrom16(name.Addr).Unmap()
		if name.Scope_id != 0 {
			ip = ip.WithZone(r.zone(name.Scope_id))
		}
		return netip.AddrPortFrom(ip, networkOrder(name.Port)), true
	default:
		return netip.AddrPort{}, false
	}
}

// zone is the name of an interface.
func (r *udpReader) zone(index uint32) string {
	name, ok := r.zones[index]
	if !ok {
		name = zoneName(index)
		r.zones[index] = name
	}
	return name
}

func zoneName(index uint32) string {
	if i, err := net.InterfaceByIndex(int(index)); err == nil {
		return i.Name
	}
	return strconv.Itoa(int(index))
}

// networkOrder converts a port to network order and back.
func networkOrder(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}
