//go:build darwin || windows

package rtmfp

import (
	"net"
	"syscall"
)

// forbidFragments asks for packets that the network drops rather than fragments.
func forbidFragments(c *net.UDPConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	ok := false
	err = raw.Control(func(fd uintptr) {
		v4 := syscall.SetsockoptInt(socketHandle(fd), syscall.IPPROTO_IP, ipDontFragment, 1)
		v6 := syscall.SetsockoptInt(socketHandle(fd), syscall.IPPROTO_IPV6, ipv6DontFragment, 1)
		ok = v4 == nil || v6 == nil
	})
	return err == nil && ok
}
