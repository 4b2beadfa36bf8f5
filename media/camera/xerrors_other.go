//go:build !linux

package camera

// guardX has nothing to do where screens are not X11's.
func guardX() (failed func() bool) { return func() bool { return false } }
