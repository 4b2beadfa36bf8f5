//go:build !unix

package main

// descriptorLimit is how many files and sockets the process may have open; elsewhere memory ends first.
func descriptorLimit() int { return 1 << 30 }
