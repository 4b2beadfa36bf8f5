package rtmfp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func listenUDP(t testing.TB, network, addr string) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func portOf(c *net.UDPConn) uint16 { return c.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

// contiguous is datagrams as the endpoint makes them, one behind the other, numbered in their first two bytes.
func contiguous(sizes []int, to func(i int) netip.AddrPort, ecn func(i int) byte) []datagram {
	total := 0
	for _, n := range sizes {
		total += n
	}
	buf := make([]byte, total)
	var ps []datagram
	for i, n := range sizes {
		b := buf[:n:n]
		buf = buf[n:]
		for k := range b {
			b[k] = byte(i * k)
		}
		binary.BigEndian.PutUint16(b, uint16(i))
		ps = append(ps, datagram{data: b, addr: to(i), ecn: ecn(i)})
	}
	return ps
}

// receiveAll reads n datagrams, and copies them.
func receiveAll(t *testing.T, c *udpConn, n int) (all []datagram) {
	t.Helper()
	ps := make([]datagram, 5) // fewer than come joined
	for len(all) < n {
		k, err := c.readBatch(ps)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range ps[:k] {
			p.data = bytes.Clone(p.data)
			all = append(all, p)
		}
	}
	return all
}

var featureSets = []struct {
	name string
	off  func(*udpFeatures)
}{
	{"all", func(*udpFeatures) {}},
	{"without segmentation", func(f *udpFeatures) { f.segment = false }},
	{"without joining", func(f *udpFeatures) { f.coalesce = false }},
	{"without ECN", func(f *udpFeatures) { f.ecn = false }},
	{"without the don't-fragment bit", func(f *udpFeatures) { f.unfragment = false }},
	{"without batches", func(f *udpFeatures) { *f = udpFeatures{unfragment: true} }},
	{"plain", func(f *udpFeatures) { *f = udpFeatures{} }},
}

// Whatever the features of either end, datagrams of all sizes, destinations and marks arrive as they were, and in order.
func TestUDPConn(t *testing.T) {
	sizes := slices.Concat(
		slices.Repeat([]int{1200}, 70), []int{300},
		slices.Repeat([]int{900}, 3), []int{901, 1200, 2, 2, 7000, 7000, 6999, 7000, 15000, 64},
	)
	for _, network := range []struct {
		name, network, from, to string
		dial                    string // where to is from the sender
	}{
		{"IPv4", "udp4", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1"},
		{"IPv6", "udp6", "[::1]:0", "[::1]:0", "::1"},
		{"IPv4 on sockets for both", "udp", "[::]:0", "[::]:0", "127.0.0.1"},
		{"mapped IPv4 on sockets for both", "udp", "[::]:0", "[::]:0", "::ffff:127.0.0.1"},
		{"IPv6 on sockets for both", "udp", "[::]:0", "[::]:0", "::1"},
		{"from an IPv4 socket with a mapped address", "udp4", "127.0.0.1:0", "127.0.0.1:0", "::ffff:127.0.0.1"},
	} {
		for _, sender := range featureSets {
			for _, receiver := range featureSets {
				t.Run(fmt.Sprintf("%s/%s/%s", network.name, sender.name, receiver.name), func(t *testing.T) {
					send, recv := allUDPFeatures, allUDPFeatures
					sender.off(&send)
					receiver.off(&recv)
					from := listenUDP(t, network.network, network.from)
					to := []*net.UDPConn{listenUDP(t, network.network, network.to), listenUDP(t, network.network, network.to)}
					a := newUDPConnWith(from, send)
					second := func(i int) bool { return i > 60 && i%5 == 0 }
					destination := func(i int) netip.AddrPort {
						c := to[0]
						if second(i) {
							c = to[1]
						}
						return netip.AddrPortFrom(netip.MustParseAddr(network.dial), portOf(c))
					}
					mark := func(i int) byte { return byte(i / 20 % 3) }
					ps := contiguous(sizes, destination, mark)
					readers := []*udpConn{newUDPConnWith(to[0], recv), newUDPConnWith(to[1], recv)}
					a.writeBatch(ps)
					if a.features != send || readers[0].features != recv {
						t.Fatalf("features %+v and %+v", a.features, readers[0].features)
					}
					for k, c := range readers {
						var want []datagram
						for i, p := range ps {
							if second(i) == (k == 1) {
								want = append(want, p)
							}
						}
						for i, p := range receiveAll(t, c, len(want)) {
							if !bytes.Equal(p.data, want[i].data) {
								t.Fatalf("socket %d, datagram %d of %d bytes came as %d of %d", k, i, len(want[i].data), binary.BigEndian.Uint16(p.data), len(p.data))
							}
							wantFrom := netip.AddrPortFrom(netip.MustParseAddr(network.dial).Unmap(), portOf(from))
							if p.addr != wantFrom {
								t.Fatalf("from %v, want %v", p.addr, wantFrom)
							}
							ecn := want[i].ecn
							if !send.ecn || !recv.ecn || !send.messages || !recv.messages {
								ecn = ecnNotCapable
							}
							if p.ecn != ecn {
								t.Fatalf("datagram %d is marked %b, want %b", i, p.ecn, ecn)
							}
						}
					}
				})
			}
		}
	}
}

// Runs of equal packets go to the kernel in one piece.
func TestUDPSegmentation(t *testing.T) {
	to := netip.MustParseAddrPort("127.0.0.1:9")
	other := netip.MustParseAddrPort("127.0.0.1:10")
	for _, c := range []struct {
		name  string
		sizes []int
		to    func(i int) netip.AddrPort
		ecn   func(i int) byte
		want  []piece
	}{
		{"equal", []int{10, 10, 10}, nil, nil, []piece{{0, 3}}},
		{"the last is shorter", []int{10, 10, 4, 4, 10}, nil, nil, []piece{{0, 3}, {3, 4}, {4, 5}}},
		{"growing", []int{4, 5, 6}, nil, nil, []piece{{0, 1}, {1, 2}, {2, 3}}},
		{"two destinations", []int{9, 9, 9, 9}, func(i int) netip.AddrPort {
			if i > 1 {
				return other
			}
			return to
		}, nil, []piece{{0, 2}, {2, 4}}},
		{"two marks", []int{9, 9, 9, 9}, nil, func(i int) byte { return byte(i / 3) }, []piece{{0, 3}, {3, 4}}},
		{"more than fit one", slices.Repeat([]int{1200}, 64), nil, nil, []piece{{0, 53}, {53, 64}}},
		{"more than the kernel counts", slices.Repeat([]int{20}, 70), nil, nil, []piece{{0, 64}, {64, 70}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := newUDPConnWith(listenUDP(t, "udp4", "127.0.0.1:0"), allUDPFeatures)
			if c.to == nil {
				c.to = func(int) netip.AddrPort { return to }
			}
			if c.ecn == nil {
				c.ecn = func(int) byte { return 0 }
			}
			ps := contiguous(c.sizes, c.to, c.ecn)
			if n := conn.writer.prepare(ps); n != len(ps) || !slices.Equal(conn.writer.pieces, c.want) {
				t.Errorf("%d of %d: %v, want %v", n, len(ps), conn.writer.pieces, c.want)
			}
		})
	}
	t.Run("not adjoining", func(t *testing.T) {
		conn := newUDPConnWith(listenUDP(t, "udp4", "127.0.0.1:0"), allUDPFeatures)
		ps := []datagram{{data: make([]byte, 9), addr: to}, {data: make([]byte, 9), addr: to}}
		if conn.writer.prepare(ps); len(conn.writer.pieces) != 2 {
			t.Errorf("%v", conn.writer.pieces)
		}
	})
}

// refusing is a sendmmsg that refuses messages with certain control messages.
func refusing(errno syscall.Errno, level, typ int32) func(uintptr, []mmsghdr) (int, syscall.Errno) {
	return func(fd uintptr, hdrs []mmsghdr) (int, syscall.Errno) {
		for i := range hdrs {
			h := &hdrs[i].hdr
			if h.Control == nil {
				continue
			}
			first := (*unix.Cmsghdr)(unsafe.Pointer(h.Control))
			if first.Level == level && first.Type == typ {
				if i == 0 {
					return -1, errno
				}
				return sendmmsg(fd, hdrs[:i])
			}
		}
		return sendmmsg(fd, hdrs)
	}
}

// A packet that the interface does not take is reported, in a run of such too; the others arrive.
func TestUDPTooLong(t *testing.T) {
	for _, set := range featureSets {
		t.Run(set.name, func(t *testing.T) {
			f := allUDPFeatures
			set.off(&f)
			a := newUDPConnWith(listenUDP(t, "udp4", "127.0.0.1:0"), f)
			to := listenUDP(t, "udp4", "127.0.0.1:0")
			b := newUDPConnWith(to, allUDPFeatures)
			sizes := []int{100, 65508, 65508, 100, 100}
			ps := contiguous(sizes, func(int) netip.AddrPort {
				return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), portOf(to))
			}, func(int) byte { return 0 })
			a.writeBatch(ps)
			for i, p := range ps {
				if p.tooLong != (sizes[i] > 65507) {
					t.Errorf("datagram %d of %d bytes too long: %v", i, sizes[i], p.tooLong)
				}
			}
			if got := receiveAll(t, b, 3); binary.BigEndian.Uint16(got[2].data) != 4 {
				t.Errorf("the last is datagram %d", binary.BigEndian.Uint16(got[2].data))
			}
		})
	}
}

// What the kernel or the card refuses at the time of sending is switched off, and nothing is lost by it.
func TestUDPRefusals(t *testing.T) {
	all := allUDPFeatures
	without := func(off func(*udpFeatures)) udpFeatures {
		f := all
		off(&f)
		return f
	}
	noSegment := without(func(f *udpFeatures) { f.segment = false })
	for _, c := range []struct {
		name     string
		sendmmsg func(uintptr, []mmsghdr) (int, syscall.Errno)
		batches  int
		want     udpFeatures
		marked   bool
	}{
		{"EIO for a segmented piece", refusing(unix.EIO, unix.IPPROTO_UDP, unix.UDP_SEGMENT), 1, noSegment, true},
		{"EINVAL for one", refusing(unix.EINVAL, unix.IPPROTO_UDP, unix.UDP_SEGMENT), 1, all, true},
		{"EINVAL for many", refusing(unix.EINVAL, unix.IPPROTO_UDP, unix.UDP_SEGMENT), maxSegmentRefusals, noSegment, true},
		{"EINVAL for the ECN field", refusing(unix.EINVAL, unix.IPPROTO_IP, unix.IP_TOS), 2, without(func(f *udpFeatures) { f.ecn = false }), false},
		{"no sendmmsg", func(uintptr, []mmsghdr) (int, syscall.Errno) { return -1, unix.ENOSYS }, 2, without(func(f *udpFeatures) { f.messages = false }), false},
		{"interrupted", interrupted(), 2, all, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newUDPConnWith(listenUDP(t, "udp4", "127.0.0.1:0"), all)
			to := listenUDP(t, "udp4", "127.0.0.1:0")
			b := newUDPConnWith(to, all)
			a.writer.sendmmsg = c.sendmmsg
			ps := contiguous([]int{500, 1000, 1000, 1000, 30}, func(int) netip.AddrPort {
				return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), portOf(to))
			}, func(int) byte { return ecnCapable0 })
			if c.name == "EINVAL for the ECN field" {
				ps = ps[:1] // alone, so that the mark is its first control message
			}
			for range c.batches {
				a.writeBatch(ps)
			}
			for i, p := range receiveAll(t, b, c.batches*len(ps)) {
				if want := ps[i%len(ps)]; !bytes.Equal(p.data, want.data) {
					t.Errorf("datagram %d of %d bytes came as %d of %d", i, len(want.data), binary.BigEndian.Uint16(p.data), len(p.data))
				}
				if c.marked != (p.ecn == ecnCapable0) {
					t.Errorf("datagram %d is marked %b", i, p.ecn)
				}
			}
			if a.features != c.want {
				t.Errorf("features %+v, want %+v", a.features, c.want)
			}
		})
	}
}

func interrupted() func(uintptr, []mmsghdr) (int, syscall.Errno) {
	calls := 0
	return func(fd uintptr, hdrs []mmsghdr) (int, syscall.Errno) {
		if calls++; calls%2 == 1 {
			return -1, unix.EINTR
		}
		return sendmmsg(fd, hdrs[:1])
	}
}

// A destination that cannot be sent to costs only its own packets.
func TestUDPUnreachable(t *testing.T) {
	a := newUDPConnWith(listenUDP(t, "udp4", "127.0.0.1:0"), allUDPFeatures)
	to := listenUDP(t, "udp4", "127.0.0.1:0")
	b := newUDPConnWith(to, allUDPFeatures)
	good := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), portOf(to))
	destinations := []netip.AddrPort{
		good, {}, netip.MustParseAddrPort("[2001:db8::1]:1000"), good, netip.MustParseAddrPort("255.255.255.255:1000"), good,
	}
	a.writeBatch(contiguous([]int{100, 100, 100, 100, 100, 100}, func(i int) netip.AddrPort { return destinations[i] }, func(int) byte { return 0 }))
	for i, p := range receiveAll(t, b, 3) {
		if got := binary.BigEndian.Uint16(p.data); int(got) != []int{0, 3, 5}[i] {
			t.Errorf("datagram %d came as %d", got, i)
		}
	}
	if a.features != allUDPFeatures {
		t.Errorf("features %+v", a.features)
	}
}

// A kernel without recvmmsg is read plainly, packet by packet, and may be written to meanwhile; a closed socket ends the
// reading.
func TestUDPReadRefusals(t *testing.T) {
	from := newUDPConnWith(listenUDP(t, "udp4", "127.0.0.1:0"), allUDPFeatures)
	to := listenUDP(t, "udp4", "127.0.0.1:0")
	c := newUDPConnWith(to, allUDPFeatures)
	c.reader.recvmmsg = func(uintptr, []mmsghdr) (int, syscall.Errno) { return -1, unix.ENOSYS }
	send := func(c *udpConn, sizes ...int) {
		c.writeBatch(contiguous(sizes, func(int) netip.AddrPort {
			return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), portOf(to))
		}, func(int) byte { return 0 }))
	}
	go send(c, 9)
	if got := receiveAll(t, c, 1); len(got[0].data) != 9 {
		t.Errorf("%d bytes", len(got[0].data))
	}
	send(from, 300, 300, 300)
	for i, p := range receiveAll(t, c, 3) {
		if len(p.data) != 300 {
			t.Fatalf("datagram %d has %d bytes", i, len(p.data))
		}
	}
	for _, plainly := range []bool{true, false} {
		c.reader.plainly = plainly
		_ = to.Close()
		if _, err := c.readBatch(make([]datagram, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after closing: %v", err)
		}
	}
}

// Reading and writing batches allocates nothing.
func TestUDPConnAllocations(t *testing.T) {
	from := newUDPConnWith(listenUDP(t, "udp", "[::]:0"), allUDPFeatures)
	to := listenUDP(t, "udp", "[::]:0")
	c := newUDPConnWith(to, allUDPFeatures)
	out := contiguous([]int{1200, 1200, 1200, 500}, func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.MustParseAddr([]string{"127.0.0.1", "::1"}[i/2]), portOf(to))
	}, func(int) byte { return ecnCapable0 })
	in := make([]datagram, 8)
	if n := testing.AllocsPerRun(50, func() {
		from.writeBatch(out)
		for n := 0; n < len(out); {
			k, err := c.readBatch(in)
			if err != nil {
				t.Fatal(err)
			}
			n += k
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// controlMessage is one as the kernel writes it, its length made up if over is not 0.
func controlMessage(level, typ int32, over int, data ...byte) []byte {
	b := make([]byte, unix.CmsgSpace(len(data)))
	appendControl(b[:0], level, typ, len(data))
	if over != 0 {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
		h.SetLen(over)
	}
	copy(b[unix.CmsgLen(0):], data)
	return b
}

func TestParseControl(t *testing.T) {
	word := func(v uint32) []byte { return binary.NativeEndian.AppendUint32(nil, v) }
	gro := func(n uint32) []byte { return controlMessage(unix.IPPROTO_UDP, unix.UDP_GRO, 0, word(n)...) }
	tos := func(v byte) []byte { return controlMessage(unix.IPPROTO_IP, unix.IP_TOS, 0, v) }
	class := func(v uint32) []byte {
		return controlMessage(unix.IPPROTO_IPV6, unix.IPV6_TCLASS, 0, word(v)...)
	}
	for _, c := range []struct {
		name    string
		b       []byte
		segment int
		ecn     byte
	}{
		{"none", nil, 0, 0},
		{"joined", gro(1200), 1200, 0},
		{"IPv4", tos(0xfd), 0, ecnCapable1},
		{"IPv6", class(0xa3), 0, ecnCongested},
		{"both", slices.Concat(gro(1000), tos(2)), 1000, ecnCapable0},
		{"the other way round", slices.Concat(class(2), gro(1000)), 1000, ecnCapable0},
		{"behind one we do not know", slices.Concat(controlMessage(1, 99, 0, 1, 2, 3), tos(2)), 0, ecnCapable0},
		{"head cut off", tos(2)[:unix.SizeofCmsghdr-1], 0, 0},
		{"data cut off", gro(1200)[:unix.CmsgLen(0)+2], 0, 0},
		{"second cut off", slices.Concat(tos(2), gro(1200))[:unix.CmsgSpace(1)+9], 0, ecnCapable0},
		{"padding cut off", tos(2)[:unix.CmsgLen(1)], 0, ecnCapable0},
		{"too short for its kind", controlMessage(unix.IPPROTO_UDP, unix.UDP_GRO, 0, 1, 2), 0, 0},
		{"no data", controlMessage(unix.IPPROTO_IP, unix.IP_TOS, 0), 0, 0},
		{"length zero", controlMessage(unix.IPPROTO_IP, unix.IP_TOS, 1, 2), 0, 0},
		{"length beyond the end", controlMessage(unix.IPPROTO_IP, unix.IP_TOS, 1000, 2), 0, 0},
		{"length negative", controlMessage(unix.IPPROTO_IP, unix.IP_TOS, -1, 2), 0, 0},
		{"negative segments", gro(1 << 31), -1 << 31, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if segment, ecn := parseControl(c.b); segment != c.segment || ecn != c.ecn {
				t.Errorf("%d, %b; want %d, %b", segment, ecn, c.segment, c.ecn)
			}
		})
	}
}

// FuzzControl: any bytes of control messages, for any received bytes, yield datagrams that are those bytes.
func FuzzControl(f *testing.F) {
	f.Add([]byte{}, 100)
	f.Add(controlMessage(unix.IPPROTO_UDP, unix.UDP_GRO, 0, 0xb0, 4, 0, 0), 5000)
	f.Add(controlMessage(unix.IPPROTO_IP, unix.IP_TOS, 0, 2), 1200)
	f.Fuzz(func(t *testing.T, control []byte, size int) {
		if size < 1 || size > coalescedSize {
			return
		}
		var r udpReader
		r.init(&udpConn{features: allUDPFeatures})
		n := copy(r.controls[0][:], control)
		r.hdrs[0].hdr.SetControllen(n)
		r.hdrs[0].len = uint32(size)
		r.names[0].Family = unix.AF_INET
		r.got = 1
		total := 0
		ps := make([]datagram, 7)
		for {
			n := r.handOut(ps)
			if n == 0 {
				break
			}
			for _, p := range ps[:n] {
				if len(p.data) == 0 || &p.data[0] != &r.bufs[0][total] {
					t.Fatalf("a datagram of %d bytes that is not at %d", len(p.data), total)
				}
				total += len(p.data)
			}
		}
		if total != size {
			t.Fatalf("%d of %d bytes", total, size)
		}
	})
}
