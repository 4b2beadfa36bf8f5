//go:build linux || darwin || freebsd

package phone

import "golang.org/x/sys/unix"

// freeSpace is errNoSpace if so many bytes do not fit on the disk that a folder is on.
func freeSpace(folder string, bytes int64) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return nil //nolint:nilerr // it cannot be told; writing will
	}
	if float64(disk.Bavail)*float64(disk.Bsize) < float64(bytes) {
		return errNoSpace
	}
	return nil
}
