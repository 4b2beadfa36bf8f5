package device

import (
	"context"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gen2brain/malgo"
)

// Microphone records. One goroutine reads.
type Microphone struct {
	s     *stream
	ring  ring
	ready chan struct{} // holds a token after sound came

	// When the ring's newest sample was recorded, as the callback saw it: a sequence lock, odd while it changes.
	seq     atomic.Uint64
	newest  atomic.Int64  // ns since s.start, or rather since base
	written atomic.Uint64 // ring's tail at that time
	base    time.Time
}

// OpenMicrophone opens the microphone with an id, or the system's default one for "". Errors are ErrNone (there is no
// microphone or no sound system) and ErrUnknown (none with this id).
func OpenMicrophone(id string) (*Microphone, error) { return openMicrophone(id, backends()) }

func openMicrophone(id string, backends []malgo.Backend) (*Microphone, error) {
	m := &Microphone{ready: make(chan struct{}, 1), base: time.Now()}
	s, err := newStream(malgo.Capture, id, backends, func(_, in []byte, _ uint32) { m.recorded(samples(in)) })
	if err != nil {
		return nil, err
	}
	m.s = s
	return m, nil
}

// recorded takes a period, on the sound system's thread. When nobody reads, the newest sound is dropped; the reader
// then skips the rest.
func (m *Microphone) recorded(pcm []int16) {
	m.ring.write(pcm)
	m.seq.Add(1)
	m.newest.Store(int64(time.Since(m.base)))
	m.written.Store(m.ring.tail.Load())
	m.seq.Add(1)
	select {
	case m.ready <- struct{}{}:
	default:
	}
}

// Read waits until len(pcm) samples are there and takes them; len(pcm) is at most 100 ms. end is when the last of them
// was recorded: the time of the callback that brought it, less what came behind it. If no sound comes for silence (the device
// is being reopened), n is 0. A reader that is late by more than keep samples loses what is older.
func (m *Microphone) Read(ctx context.Context, pcm []int16, keep int, silence time.Duration) (n int, end time.Time, err error) {
	var timeout <-chan time.Time
	for m.ring.buffered() < len(pcm) {
		if timeout == nil {
			t := time.NewTimer(silence)
			defer t.Stop()
			timeout = t.C
		}
		select {
		case <-m.ready:
		case <-timeout:
			return 0, time.Now(), nil
		case <-ctx.Done():
			return 0, time.Time{}, ctx.Err()
		}
	}
	if late := m.ring.buffered() - len(pcm); late > keep {
		m.ring.skip(late)
	}
	m.ring.read(pcm)
	at, tail := m.stamp()
	behind := int64(tail) - int64(m.ring.head.Load())
	return len(pcm), at.Add(-time.Duration(behind) * time.Second / SampleRate), nil
}

// stamp is when the newest sample came, and its number.
func (m *Microphone) stamp() (time.Time, uint64) {
	for {
		seq := m.seq.Load()
		at, tail := m.newest.Load(), m.written.Load()
		if seq&1 == 0 && m.seq.Load() == seq {
			return m.base.Add(time.Duration(at)), tail
		}
	}
}

// Replaced reports whether the system's default device stands in for the one that was asked for.
func (m *Microphone) Replaced() bool { return m.s.stand.Load() }

// Close stops recording and waits.
func (m *Microphone) Close() error {
	m.s.close()
	return nil
}

// samples views the sound system's buffer as 16 bit samples in the machine's byte order.
func samples(b []byte) []int16 {
	if len(b) < 2 {
		return nil
	}
	return unsafe.Slice((*int16)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/2)
}
