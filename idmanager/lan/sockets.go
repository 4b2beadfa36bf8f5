package lan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// sockets are the real network: one socket per family on port 5353, which other programs and other phones on this machine share.
// A goroutine per family reads until Close.
type sockets struct {
	v4      *ipv4.PacketConn // nil: no IPv4 here
	v6      *ipv6.PacketConn // nil: no IPv6 here
	queue   chan packet
	reading sync.WaitGroup
	closed  chan struct{}
	writing sync.Mutex // an interface is chosen per socket, not per packet
	inside  bool       // only the loopback interface, for tests
}

// readRetry is after an error of reading.
const readRetry = 100 * time.Millisecond

// hopLimit is what RFC 6762 §11 wants.
const hopLimit = 255

// newSockets opens the port in both families; one of them suffices.
func newSockets() (*sockets, error) {
	s := &sockets{queue: make(chan packet, queueLength), closed: make(chan struct{})}
	listen := net.ListenConfig{Control: sharePort}
	c4, err4 := listen.ListenPacket(context.Background(), "udp4", netip.AddrPortFrom(netip.IPv4Unspecified(), mdnsPort).String())
	c6, err6 := listen.ListenPacket(context.Background(), "udp6", netip.AddrPortFrom(netip.IPv6Unspecified(), mdnsPort).String())
	if err4 != nil && err6 != nil {
		return nil, fmt.Errorf("people on this network cannot be found, since the port for multicast DNS (UDP %d) cannot be used: %w", mdnsPort, err4)
	}
	if err4 == nil {
		s.v4 = ipv4.NewPacketConn(c4)
		// Where a platform cannot do one of these, packets come without that information, or others on this machine do not hear us.
		_ = s.v4.SetControlMessage(ipv4.FlagInterface|ipv4.FlagDst, true)
		_ = s.v4.SetMulticastLoopback(true)
		_ = s.v4.SetMulticastTTL(hopLimit)
		s.reading.Go(s.readV4)
	}
	if err6 == nil {
		s.v6 = ipv6.NewPacketConn(c6)
		_ = s.v6.SetControlMessage(ipv6.FlagInterface|ipv6.FlagDst, true)
		_ = s.v6.SetMulticastLoopback(true)
		_ = s.v6.SetMulticastHopLimit(hopLimit)
		s.reading.Go(s.readV6)
	}
	return s, nil
}

func (s *sockets) packets() <-chan packet { return s.queue }

// Close ends the sockets and waits for the readers.
func (s *sockets) Close() error {
	close(s.closed)
	var errs []error
	if s.v4 != nil {
		errs = append(errs, s.v4.Close())
	}
	if s.v6 != nil {
		errs = append(errs, s.v6.Close())
	}
	s.reading.Wait()
	close(s.queue)
	return errors.Join(errs...)
}

func (s *sockets) readV4() {
	buf := make([]byte, maxPacket)
	for {
		n, cm, from, err := s.v4.ReadFrom(buf)
		if !s.readOn(err) {
			return
		}
		if err == nil {
			p := packet{data: buf[:n], from: addrPort(from)}
			if cm != nil {
				p.via, p.toGroup = cm.IfIndex, cm.Dst.IsMulticast()
			}
			s.enqueue(p)
		}
	}
}

func (s *sockets) readV6() {
	buf := make([]byte, maxPacket)
	for {
		n, cm, from, err := s.v6.ReadFrom(buf)
		if !s.readOn(err) {
			return
		}
		if err == nil {
			p := packet{data: buf[:n], from: addrPort(from)}
			if cm != nil {
				p.via, p.toGroup = cm.IfIndex, cm.Dst.IsMulticast()
			}
			s.enqueue(p)
		}
	}
}

// readOn reports whether to read on after an error: ICMP errors and packets too long are no reason to stop, Close is.
func (s *sockets) readOn(err error) bool {
	if err == nil {
		return true
	}
	select {
	case <-s.closed:
		return false
	case <-time.After(readRetry): // an error that stays must not keep a processor busy
		return true
	}
}

// enqueue hands a packet on, or drops it when too many wait.
func (s *sockets) enqueue(p packet) {
	p.data = slices.Clone(p.data)
	select {
	case s.queue <- p:
	default:
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := u.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

func (s *sockets) join(i netInterface) {
	ifi := &net.Interface{Index: i.index, Name: i.name}
	// An interface that has gone, or that we are a member on already, is no error: interfaces are looked at again and again.
	if s.v4 != nil && i.has(false) {
		_ = s.v4.JoinGroup(ifi, net.UDPAddrFromAddrPort(groupV4))
	}
	if s.v6 != nil && i.has(true) {
		_ = s.v6.JoinGroup(ifi, net.UDPAddrFromAddrPort(groupV6))
	}
}

func (s *sockets) leave(i netInterface) {
	ifi := &net.Interface{Index: i.index, Name: i.name}
	if s.v4 != nil {
		_ = s.v4.LeaveGroup(ifi, net.UDPAddrFromAddrPort(groupV4))
	}
	if s.v6 != nil {
		_ = s.v6.LeaveGroup(ifi, net.UDPAddrFromAddrPort(groupV6))
	}
}

var errNoFamily = errors.New("lan: this machine does not speak that family")

func (s *sockets) write(p []byte, i netInterface, v6 bool) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	ifi := &net.Interface{Index: i.index, Name: i.name}
	switch {
	case v6 && s.v6 != nil:
		if err := s.v6.SetMulticastInterface(ifi); err != nil {
			return err
		}
		_, err := s.v6.WriteTo(p, nil, net.UDPAddrFromAddrPort(groupV6))
		return err
	case !v6 && s.v4 != nil:
		if err := s.v4.SetMulticastInterface(ifi); err != nil {
			return err
		}
		_, err := s.v4.WriteTo(p, nil, net.UDPAddrFromAddrPort(groupV4))
		return err
	}
	return errNoFamily
}

// interfaces leaves out those without a subnet to share (point-to-point), and the loopback interface unless there is no
// other: on a machine without network its phones still find each other.
func (s *sockets) interfaces() ([]netInterface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var found, loopback []netInterface
	for _, ifi := range all {
		if ifi.Flags&net.FlagUp == 0 {
			continue
		}
		i := netInterface{index: ifi.Index, name: ifi.Name}
		addrs, err := ifi.Addrs()
		if err != nil {
			continue // it has gone meanwhile
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok {
				i.prefixes = append(i.prefixes, prefixOf(n))
			}
		}
		i.prefixes = slices.DeleteFunc(i.prefixes, func(p netip.Prefix) bool { return !p.IsValid() })
		slices.SortFunc(i.prefixes, netip.Prefix.Compare)
		switch {
		case len(i.prefixes) == 0:
		case ifi.Flags&net.FlagLoopback != 0:
			loopback = append(loopback, i)
		case ifi.Flags&net.FlagMulticast != 0 && ifi.Flags&net.FlagPointToPoint == 0 && len(found) < maxInterfaces:
			found = append(found, i)
		}
	}
	if len(found) == 0 || s.inside {
		return loopback, nil
	}
	return found, nil
}

func prefixOf(n *net.IPNet) netip.Prefix {
	a, _ := netip.AddrFromSlice(n.IP)
	ones, bits := n.Mask.Size()
	a = a.Unmap()
	if bits == 128 && a.Is4() {
		ones -= 96
	}
	return netip.PrefixFrom(a, ones)
}
