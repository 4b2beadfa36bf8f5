package device

import "sync/atomic"

// ring carries samples from one goroutine to one other without locks: the writer owns tail, the reader head, and both only grow.
type ring struct {
	buf        [ringSamples]int16
	head, tail atomic.Uint64 // samples read and written since the beginning
}

// buffered is how many samples wait.
func (r *ring) buffered() int { return int(r.tail.Load() - r.head.Load()) }

// write appends what fits and returns how much that was. Writer only.
func (r *ring) write(pcm []int16) int {
	tail := r.tail.Load()
	n := min(len(pcm), ringSamples-int(tail-r.head.Load()))
	at := int(tail % ringSamples)
	k := copy(r.buf[at:], pcm[:n])
	copy(r.buf[:], pcm[k:n])
	r.tail.Store(tail + uint64(n))
	return n
}

// read takes what is there, up to len(pcm), and returns how much that was. Reader only.
func (r *ring) read(pcm []int16) int {
	head := r.head.Load()
	n := min(len(pcm), int(r.tail.Load()-head))
	at := int(head % ringSamples)
	k := copy(pcm[:n], r.buf[at:])
	copy(pcm[k:n], r.buf[:])
	r.head.Store(head + uint64(n))
	return n
}

// skip drops the n oldest samples, or all. Reader only.
func (r *ring) skip(n int) {
	head := r.head.Load()
	r.head.Store(head + uint64(min(n, int(r.tail.Load()-head))))
}
