package mesh

import (
	"context"
	"time"

	"sundog.dev/sundog/mesh/room/incall"
	"sundog.dev/sundog/rtmfp"
)

// The flow of chunks of files in a peer session, one each way, besides that of room messages: what is on it waits for
// everything else.

// fileMetadata marks it.
var fileMetadata = []byte("sundog-file\x01")

// chunkFlow is our flow of chunks; the first who asks opens it. It is of the lowest priority, and has little in its buffer:
// what waits there cannot be taken back.
func (l *link) chunkFlow() (*rtmfp.SendFlow, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fileFlow == nil {
		flow, err := l.peer.Session().OpenFlow(fileMetadata, rtmfp.FlowOptions{Priority: rtmfp.PriorityBackground, Buffer: fileBuffer})
		if err != nil {
			return nil, err
		}
		l.fileFlow = flow
	}
	return l.fileFlow, nil
}

// readFiles takes the far end's chunks, no faster than they are written. Somebody who goes on sending what nobody has asked for is
// not listened to any more.
func (l *link) readFiles(ctx context.Context, f *rtmfp.RecvFlow) {
	unasked := newLimiter(unaskedPerSecond, unaskedBurst)
	var buf []byte
	for {
		b, err := f.ReadInto(ctx, buf)
		if err != nil {
			return
		}
		buf = b
		m, err := incall.Parse(b)
		chunk, ok := m.(incall.Chunk)
		if err == nil && ok && l.takeChunk(ctx, chunk) {
			continue
		}
		buf = nil // whoever was to write it may be at it yet
		if !unasked.allow(time.Now()) {
			l.agent.log.Warn("somebody sends pieces of files that nobody has asked for", "peer", l.id.String())
			f.Reject(rejectUnknownFlow)
			return
		}
	}
}

// takeChunk writes a piece of a file; false: it is of none, was not asked for, or the disk has it and does not answer before the end of
// the call or the link.
func (l *link) takeChunk(ctx context.Context, m incall.Chunk) bool {
	c, r := l.agent.receiving(l, m.ID)
	if r == nil {
		return false
	}
	var replies []incall.Message
	asked, complete := false, false
	if !r.work(ctx, c.ctx, func() { asked, complete, replies = r.write(c, m) }) || !asked {
		return false
	}
	if len(replies) > 0 || complete {
		c.post(ctx, input{do: func() { c.tellFile(r.who, replies...) }}) // tendFiles does the rest
	}
	return true
}

// write writes a piece: whether it was asked for, whether all has come, and what to tell the sender.
func (r *fileReceive) write(c *Call, m incall.Chunk) (asked, complete bool, replies []incall.Message) {
	t := &c.files
	t.mu.Lock()
	if t.over || !r.goes() {
		t.mu.Unlock()
		return false, false, nil
	}
	part, replies, err := r.receiver.Chunk(time.Now(), m)
	sink := r.sink
	t.mu.Unlock()
	if err != nil {
		return false, false, nil
	}
	_, err = sink.WriteAt(m.Data, int64(part.From)) // which takes as long as a disk does: meanwhile the transfer may have ended
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case !r.goes():
		replies = nil
	case err != nil:
		replies = r.end(FileNoSpace)
		c.agent.log.Warn("a file could not be written", "name", r.offer.Name, "error", err)
	}
	return true, r.receiver.Complete(), replies
}

// receiving is the accepted transfer of a file that the far end of a link calls so; nil: there is none.
func (a *Agent) receiving(l *link, id FileID) (*Call, *fileReceive) {
	who := l.identity()
	a.mu.Lock()
	defer a.mu.Unlock()
	for c := range a.calls {
		c.files.mu.Lock()
		r := c.files.receiveOf(id, who)
		found := r != nil && r.receiver != nil && !r.summing
		c.files.mu.Unlock()
		if found {
			return c, r
		}
	}
	return nil, nil
}
