//go:build linux || darwin || freebsd

package phone

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// freeSpaceOn is how many bytes fit on the disk that a folder is on, and which disk that is; false if it cannot be told.
func freeSpaceOn(folder string) (disk string, free float64, known bool) {
	var s unix.Statfs_t
	if unix.Statfs(folder, &s) != nil {
		return "", 0, false
	}
	return fmt.Sprint(s.Fsid), float64(s.Bavail) * float64(s.Bsize), true
}
