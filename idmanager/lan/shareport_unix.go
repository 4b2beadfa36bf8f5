//go:build unix

package lan

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// sharePort lets a socket share its port with other responders on this machine (RFC 6762 §15.1): Linux wants SO_REUSEADDR, the others
// SO_REUSEPORT.
func sharePort(_, _ string, c syscall.RawConn) error {
	var errs []error
	err := c.Control(func(fd uintptr) {
		errs = append(errs, unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) // old kernels have none
	})
	return errors.Join(append(errs, err)...)
}
