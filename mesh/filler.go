package mesh

import (
	"context"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// Filler: packets of no use, below everything else in priority, that prove how much an uplink or a path carries when sound and
// pictures do not fill it. A far end that announces fillCapability takes a flow of them and looks at nothing.

// fillMetadata marks the flow.
var fillMetadata = []byte("sundog-fill\x01")

// filler is what it is made of.
var filler [fillerPayload]byte

// sendFiller sends a packet of no use, if there is room for it at once.
func (l *link) sendFiller(now time.Time) {
	l.mu.Lock()
	flow := l.fillFlow
	if flow == nil {
		var err error
		flow, err = l.peer.Session().OpenFlow(fillMetadata, rtmfp.FlowOptions{Priority: rtmfp.PriorityBackground, Buffer: fillerBuffer})
		if err != nil {
			l.mu.Unlock()
			return
		}
		l.fillFlow = flow
	}
	l.mu.Unlock()
	// An error means that there is no room, or no session any more.
	_, _ = flow.Write(endedContext, filler[:], rtmfp.MessageOptions{StartBy: now.Add(fillerLife), NoRetransmit: true})
}

// readFiller takes the far end's, once it has proved who it is.
func (l *link) readFiller(ctx context.Context, f *rtmfp.RecvFlow) {
	select {
	case <-l.trusted:
	case <-ctx.Done():
		return
	}
	f.SetOrder(rtmfp.NetworkOrder)
	for {
		if _, err := f.Read(ctx); err != nil {
			return
		}
	}
}
