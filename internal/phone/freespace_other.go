//go:build !linux && !darwin && !freebsd && !windows

package phone

// freeSpace cannot tell here: writing will.
func freeSpace(string, int64) error { return nil }
