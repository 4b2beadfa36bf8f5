//go:build !linux && !darwin && !windows

package rtmfp

import "net"

// dontFragment asks for packets that the network drops rather than fragments: not here.
func dontFragment(*net.UDPConn) bool { return false }
