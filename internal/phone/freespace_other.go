//go:build !linux && !darwin && !freebsd && !windows

package phone

// freeSpaceOn cannot tell here: writing will.
func freeSpaceOn(string) (disk string, free float64, known bool) { return "", 0, false }
