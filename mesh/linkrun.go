package mesh

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// rejectUnknownFlow is the exception code for flows that we have no use for (RFC 7016 §3.6.3.7 leaves codes to the user).
const rejectUnknownFlow = 1

// run keeps the link until the session ends, nobody needs it any more, or the attachment ends.
func (l *link) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		l.acceptFlows(ctx, &wg)
		close(over)
	})
	l.peer.Session().SetKeepalive(keepalive)
	l.peer.Session().SetTimeout(sessionTimeout)
	if l.peer.Session().Initiator() && !l.old {
		if err := l.openFlow(nil); err == nil {
			wg.Go(func() { l.watchFlow(ctx) })
		}
	}
	l.agent.linkUp(l)
	l.untilUnused(ctx, over)
	_ = l.peer.Close() // it may have ended by itself
	cancel()
	wg.Wait()
	close(l.done)
	l.agent.linkDown(l)
}

// untilUnused returns when the session ends, or has had no call for a while.
func (l *link) untilUnused(ctx context.Context, over <-chan struct{}) {
	idle := time.NewTimer(strangerLinger)
	defer idle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.peer.Session().Done():
			return
		case <-over: // the peer was replaced by a newer session
			return
		case <-idle.C:
			l.mu.Lock()
			users := l.users
			l.mu.Unlock()
			if users == 0 {
				return
			}
		case <-l.kick:
			l.mu.Lock()
			if l.users > 0 {
				idle.Stop()
			} else if l.used {
				idle.Reset(linger)
			}
			l.mu.Unlock()
		}
	}
}

// acceptFlows takes the one control flow, one each of room messages, of chunks and of filler, those of carried packets, and refuses all
// others, until the peer has ended. Nothing but signals is read before the far end has proved who it is. wg counts the readers.
func (l *link) acceptFlows(ctx context.Context, wg *sync.WaitGroup) {
	have := false
	expected := []flowReader{{roomMetadata, l.readRoom}, {fileMetadata, l.readFiles}, {fillMetadata, l.readFiller}}
	for {
		f, err := l.peer.AcceptFlow(ctx)
		if err != nil {
			return
		}
		i := slices.IndexFunc(expected, func(e flowReader) bool { return bytes.Equal(f.Metadata(), e.metadata) })
		if i >= 0 && l.proves() {
			read := expected[i].read
			expected = slices.Delete(expected, i, i+1)
			wg.Go(func() {
				if l.awaitTrust(ctx) {
					read(ctx, f)
				}
			})
			continue
		}
		if h, ok := parseCarry(f.Metadata()); ok && l.proves() && l.carryFlows.Load() < maxCarryFlows {
			l.carryFlows.Add(1)
			wg.Go(func() {
				defer l.carryFlows.Add(-1)
				if l.awaitTrust(ctx) {
					l.readCarried(ctx, f, h)
				}
			})
			continue
		}
		if have || l.old || !bytes.Equal(f.Metadata(), controlMetadata) {
			f.Reject(rejectUnknownFlow)
			continue
		}
		if l.peer.Session().Initiator() {
			l.mu.Lock()
			ours := l.flow
			l.mu.Unlock()
			if ours == nil || f.ReturnOf() != ours {
				f.Reject(rejectUnknownFlow)
				continue
			}
		} else if err := l.openFlow(f); err != nil {
			return
		}
		have = true
		wg.Go(func() { l.read(ctx, f) })
	}
}

// flowReader is what reads a kind of flow.
type flowReader struct {
	metadata []byte
	read     func(context.Context, *rtmfp.RecvFlow)
}

// awaitTrust waits until the far end has proved its identity; false if ctx has ended before.
func (l *link) awaitTrust(ctx context.Context) bool {
	select {
	case <-l.trusted:
		return true
	case <-ctx.Done():
		return false
	}
}
