package phone

import (
	"errors"
	"time"
)

// diskPatience is how long the phone waits for a disk where somebody waits for the phone: one that spins up takes less. A network share
// that has gone may take for ever.
const diskPatience = 3 * time.Second

// errDisk is about a disk that has not answered in time.
var errDisk = errors.New("the disk does not answer; it is left to itself")

// patiently does something that a disk may never come to the end of, and waits for it so long: errDisk after that. It then goes on by
// itself, so it must touch nothing but what is its own or locked, with locks that nobody waits for.
func patiently(d time.Duration, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	patience := time.NewTimer(d)
	defer patience.Stop()
	select {
	case err := <-done:
		return err
	case <-patience.C:
		return errDisk
	}
}
