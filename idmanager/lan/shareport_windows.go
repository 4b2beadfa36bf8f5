package lan

import (
	"errors"
	"syscall"
)

// sharePort lets a socket share its port with other responders on this machine (RFC 6762 §15.1).
func sharePort(_, _ string, c syscall.RawConn) error {
	var set error
	err := c.Control(func(fd uintptr) {
		set = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	})
	return errors.Join(set, err)
}
