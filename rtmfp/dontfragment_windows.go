package rtmfp

import "syscall"

// The options of ws2ipdef.h.
const (
	ipDontFragment   = 14
	ipv6DontFragment = 14
)

// socketHandle is what the system calls take.
type socketHandle = syscall.Handle
