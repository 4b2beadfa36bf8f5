package mesh

import (
	"context"
	"io"
	"slices"
	"time"
)

// What a disk does may take for ever: a network share that has gone, a drive that is broken. Whatever reads or writes a file of a
// transfer therefore runs in a goroutine of its own, and whoever waits for it goes on when the call or the link ends. What it
// has then stays its own until the disk answers, if it ever does: the piece of the file (the reader gets another buffer), the sink, and
// sinking, so that nothing else begins on that sink. When it returns it finds that the transfer has ended, and does nothing more.

// diskPatience is how long the end of a call waits for what is being written: a disk that spins up takes less.
const diskPatience = 3 * time.Second

// work has the sink do something, after what it does already. False: one of the contexts has ended first; the sink may be at it yet.
func (r *fileReceive) work(link, call context.Context, do func()) bool {
	select {
	case r.sinking <- struct{}{}:
	case <-link.Done():
		return false
	case <-call.Done():
		return false
	}
	done := make(chan struct{})
	go func() {
		do()
		<-r.sinking
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-link.Done():
	case <-call.Done():
	}
	return false
}

// readPart reads a part of a file into b, which is not to be touched any more when ctx has ended first.
func readPart(ctx context.Context, from io.ReaderAt, b []byte, at int64) (n int, err error) {
	done := make(chan struct{})
	var got int
	var problem error
	go func() {
		got, problem = from.ReadAt(b, at)
		close(done)
	}()
	select {
	case <-done:
		return got, problem
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// close ends all transfers with the call, and waits for what is being written; false: a disk does not answer.
func (t *fileTable) close() bool {
	t.mu.Lock()
	t.over = true
	incoming := slices.Clone(t.incoming)
	t.mu.Unlock()
	patience := time.NewTimer(diskPatience)
	defer patience.Stop()
	for _, r := range incoming {
		select {
		case r.sinking <- struct{}{}: // whoever has held it has seen that it is over
			<-r.sinking
		case <-patience.C:
			return false
		}
	}
	return true
}
