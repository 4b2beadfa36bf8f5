//go:build unix

package main

import "syscall"

// descriptorLimit is how many files and sockets the process may have open. Go's runtime has raised the soft limit to the
// hard one already.
func descriptorLimit() int {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil || r.Cur > 1<<30 {
		return 1 << 30
	}
	return int(r.Cur)
}
