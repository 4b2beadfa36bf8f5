package rtmfp

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// maxSegments and maxSegmented are the kernel's limits for one piece that it cuts.
	maxSegments  = 64
	maxSegmented = 64000
	// maxSegmentRefusals switch cutting off for good; a few may be paths with a small MTU.
	maxSegmentRefusals = 8
)

// udpWriter writes batches to a socket.
type udpWriter struct {
	c        *udpConn
	hdrs     []mmsghdr
	iovs     []unix.Iovec
	names    []unix.RawSockaddrInet6
	controls [][controlSize]byte
	pieces   []piece
	sendmmsg func(fd uintptr, hdrs []mmsghdr) (int, syscall.Errno)
	attempt  func(fd uintptr) bool
	at       int // message to send
	sent     int
	errno    syscall.Errno
	refusals int // of runs of packets
	singly   int // so many of the next datagrams go one by one
	zones    map[string]uint32
}

// piece is what one message sends: the datagrams from first to before end.
type piece struct{ first, end int }

func (w *udpWriter) init(c *udpConn) {
	w.c = c
	w.hdrs = make([]mmsghdr, outboundBatch)
	w.iovs = make([]unix.Iovec, outboundBatch)
	w.names = make([]unix.RawSockaddrInet6, outboundBatch)
	w.controls = make([][controlSize]byte, outboundBatch)
	w.pieces = make([]piece, 0, outboundBatch)
	for i := range w.hdrs {
		w.hdrs[i].hdr.Iov = &w.iovs[i]
		w.hdrs[i].hdr.SetIovlen(1)
	}
	w.sendmmsg = sendmmsg
	w.attempt = w.try
	w.zones = make(map[string]uint32)
}

// sendmmsg never waits: see recvmmsg.
func sendmmsg(fd uintptr, hdrs []mmsghdr) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&hdrs[0])), uintptr(len(hdrs)), unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

// writeBatch implements batchConn.
func (c *udpConn) writeBatch(ps []datagram) {
	for len(ps) > 0 {
		if !c.features.messages {
			c.writePlainly(ps)
			return
		}
		ps = ps[c.writer.write(ps):]
	}
}

func (c *udpConn) writePlainly(ps []datagram) {
	for i := range ps {
		_, err := c.WriteToUDPAddrPort(ps[i].data, ps[i].addr)
		ps[i].tooLong = refusedAsTooLong(err)
	}
}

// write sends some of the datagrams, and returns how many it is done with.
func (w *udpWriter) write(ps []datagram) int {
	done := w.prepare(ps)
	for w.at = 0; w.at < len(w.pieces); {
		if w.c.raw.Write(w.attempt) != nil {
			return done // closed
		}
		w.at += w.sent
		if w.errno == 0 {
			continue
		}
		p := w.pieces[w.at]
		if w.again(ps[p.first:p.end]) {
			return p.first
		}
		w.at++
	}
	return done
}

// again decides about a message that was refused: whether it, and what comes after it, is to be sent again with less of
// the kernel's help. Otherwise it is lost.
func (w *udpWriter) again(ps []datagram) bool {
	f := &w.c.features
	switch {
	case w.errno == unix.ENOSYS:
		f.messages = false
		return true
	case len(ps) > 1:
		// EIO: the card cannot do it. EINVAL and EMSGSIZE: not this one or not at all.
		if w.refusals++; w.errno == unix.EIO || w.refusals >= maxSegmentRefusals {
			f.segment = false
		}
		w.singly = len(ps)
		return true
	case f.ecn && ps[0].ecn != ecnNotCapable && (w.errno == unix.EINVAL || w.errno == unix.EPERM || w.errno == unix.EOPNOTSUPP):
		f.ecn = false
		return true
	default:
		ps[0].tooLong = w.errno == unix.EMSGSIZE
		return false
	}
}

// prepare makes messages of the first datagrams, and returns how many are in them or cannot be sent at all.
func (w *udpWriter) prepare(ps []datagram) (n int) {
	w.pieces = w.pieces[:0]
	for n < len(ps) && len(w.pieces) < len(w.hdrs) {
		k := len(w.pieces)
		p := &ps[n]
		length, ok := w.name(k, p.addr)
		if !ok || len(p.data) == 0 {
			n++
			continue
		}
		size, end := len(p.data), n+1
		switch {
		case w.singly > 0:
			w.singly--
		case w.c.features.segment:
			size, end = run(ps, n)
		}
		w.iovs[k].Base = unsafe.SliceData(p.data)
		w.iovs[k].SetLen(size)
		h := &w.hdrs[k].hdr
		h.Name = (*byte)(unsafe.Pointer(&w.names[k]))
		h.Namelen = length
		w.control(k, p, end-n > 1)
		w.pieces = append(w.pieces, piece{n, end})
		n = end
	}
	return n
}

// run is how many bytes and datagrams from the first on can go in one piece: of one destination, mark and length, but
// that the last may be shorter, and one behind the other in memory.
func run(ps []datagram, first int) (size, end int) {
	p := &ps[first]
	size, end = len(p.data), first+1
	for end < len(ps) && end-first < maxSegments {
		q := &ps[end]
		n := len(q.data)
		if n == 0 || n > len(p.data) || size+n > maxSegmented || q.addr != p.addr || q.ecn != p.ecn ||
			!adjoins(p.data, size, q.data) {
			break
		}
		size += n
		end++
		if n < len(p.data) {
			break
		}
	}
	return size, end
}

// adjoins reports whether b lies where a has ended size bytes after its start.
func adjoins(a []byte, size int, b []byte) bool {
	return uintptr(unsafe.Pointer(unsafe.SliceData(b))) == uintptr(unsafe.Pointer(unsafe.SliceData(a)))+uintptr(size)
}

// control fills in the control messages of message k.
func (w *udpWriter) control(k int, p *datagram, segmented bool) {
	b := w.controls[k][:0]
	if segmented {
		b = appendControl(b, unix.IPPROTO_UDP, unix.UDP_SEGMENT, 2)
		binary.NativeEndian.PutUint16(b[unix.CmsgLen(0):], uint16(len(p.data)))
	}
	if p.ecn != ecnNotCapable && w.c.features.ecn {
		level, typ := int32(unix.IPPROTO_IP), int32(unix.IP_TOS)
		if w.c.ipv6 && !p.addr.Addr().Unmap().Is4() {
			level, typ = unix.IPPROTO_IPV6, unix.IPV6_TCLASS
		}
		start := len(b)
		b = appendControl(b, level, typ, 4)
		binary.NativeEndian.PutUint32(b[start+unix.CmsgLen(0):], uint32(p.ecn))
	}
	h := &w.hdrs[k].hdr
	h.Control = nil
	if len(b) > 0 {
		h.Control = &w.controls[k][0]
	}
	h.SetControllen(len(b))
}

// appendControl appends a control message with room for size bytes of data.
func appendControl(b []byte, level, typ int32, size int) []byte {
	start := len(b)
	b = b[:start+unix.CmsgSpace(size)]
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[start]))
	h.Level, h.Type = level, typ
	h.SetLen(unix.CmsgLen(size))
	return b
}

// name fills in the destination of message k and returns its length; false if the socket cannot send there.
func (w *udpWriter) name(k int, to netip.AddrPort) (length uint32, ok bool) {
	ip := to.Addr()
	if !ip.IsValid() {
		return 0, false
	}
	if !w.c.ipv6 {
		if ip = ip.Unmap(); !ip.Is4() {
			return 0, false
		}
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&w.names[k]))
		*v4 = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: networkOrder(to.Port()), Addr: ip.As4()}
		return unix.SizeofSockaddrInet4, true
	}
	v6 := &w.names[k]
	*v6 = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: networkOrder(to.Port()), Addr: ip.As16()}
	if zone := ip.Zone(); zone != "" {
		v6.Scope_id = w.zone(zone)
	}
	return unix.SizeofSockaddrInet6, true
}

// zone is the index of an interface.
func (w *udpWriter) zone(name string) uint32 {
	index, ok := w.zones[name]
	if ok {
		return index
	}
	if i, err := net.InterfaceByName(name); err == nil {
		index = uint32(i.Index)
	} else if n, err := strconv.ParseUint(name, 10, 32); err == nil {
		index = uint32(n)
	} else {
		return 0
	}
	if len(w.zones) < maxZones {
		w.zones[name] = index
	}
	return index
}

// maxZones bounds the interfaces whose index is remembered.
const maxZones = 64

// try sends messages from at on; false if the conn must wait for room.
func (w *udpWriter) try(fd uintptr) bool {
	for {
		w.sent, w.errno = w.sendmmsg(fd, w.hdrs[w.at:len(w.pieces)])
		if w.errno != 0 {
			w.sent = 0
		}
		switch {
		case w.errno == unix.EINTR:
		case w.errno == unix.EAGAIN:
			return false
		default:
			return true
		}
	}
}
