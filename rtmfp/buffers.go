package rtmfp

import (
	"math/bits"
	"sync"
)

// fragmentBuffer holds a received fragment. Those of a complete message hang together. The memory is used again.
type fragmentBuffer struct {
	data []byte
	next *fragmentBuffer
	kind int8 // of fragmentBufferSizes; -1: a size of its own
}

// charge is what it counts against the limits on unread bytes.
func (b *fragmentBuffer) charge() int { return cap(b.data) + fragmentOverhead }

// Sizes of fragment buffers: fitted to the common path MTUs, and close enough together for short messages.
var fragmentBufferSizes = [...]int{128, 256, 512, 1024, basePacket, 1500, 3000, maxPathDatagram}

// maxFreeFragments bounds the free buffers of a size, which are a full receive window of them at most.
const maxFreeFragments = 1024

// fragmentBuffers are an endpoint's free buffers. The run loop and the reader take, readers of messages give back.
type fragmentBuffers struct {
	mu   sync.Mutex
	free [len(fragmentBufferSizes)]struct {
		first *fragmentBuffer
		n     int
	}
}

func fragmentKind(n int) int8 {
	for i, size := range fragmentBufferSizes {
		if n <= size {
			return int8(i)
		}
	}
	return -1
}

// copyOf is a buffer with a copy of data.
func (p *fragmentBuffers) copyOf(data []byte) *fragmentBuffer {
	kind := fragmentKind(len(data))
	if kind < 0 {
		return &fragmentBuffer{data: append([]byte(nil), data...), kind: -1}
	}
	p.mu.Lock()
	free := &p.free[kind]
	b := free.first
	if b != nil {
		free.first, b.next = b.next, nil
		free.n--
	}
	p.mu.Unlock()
	if b == nil {
		b = &fragmentBuffer{data: make([]byte, 0, fragmentBufferSizes[kind]), kind: kind}
	}
	b.data = append(b.data[:0], data...)
	return b
}

// release gives back a buffer and those that hang on it.
func (p *fragmentBuffers) release(b *fragmentBuffer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for b != nil {
		next := b.next
		b.next = nil
		if b.kind >= 0 && p.free[b.kind].n < maxFreeFragments {
			free := &p.free[b.kind]
			b.next, free.first = free.first, b
			free.n++
		}
		b = next
	}
}

// message is a complete message that waits to be read.
type message struct {
	first  *fragmentBuffer
	length int
	charge int
	gap    bool // messages are missing before it
}

// appendTo appends the message's bytes.
func (m *message) appendTo(b []byte) []byte {
	for f := m.first; f != nil; f = f.next {
		b = append(b, f.data...)
	}
	return b
}

// writeBuffer is the copy of a written message until it is acknowledged or abandoned. The memory is used again.
type writeBuffer struct{ data []byte }

// Sizes of write buffers are powers of two.
const (
	minWriteBuffer = 6  // 64 bytes
	maxWriteBuffer = 21 // more than maxMessage
)

var writeBuffers [maxWriteBuffer + 1]sync.Pool

func writeKind(n int) int { return max(bits.Len(uint(max(n, 1)-1)), minWriteBuffer) }

// copyToWrite is a buffer with a copy of a message.
func copyToWrite(msg []byte) *writeBuffer {
	kind := writeKind(len(msg))
	b, _ := writeBuffers[kind].Get().(*writeBuffer)
	if b == nil {
		b = &writeBuffer{make([]byte, 0, 1<<kind)}
	}
	b.data = append(b.data[:0], msg...)
	return b
}

func (b *writeBuffer) release() { writeBuffers[writeKind(cap(b.data))].Put(b) }
