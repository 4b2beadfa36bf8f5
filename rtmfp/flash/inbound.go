package flash

import (
	"context"
	"sync/atomic"
)

// inbound is the receiving half of a stream of ours: what the far end sent for it and nobody has read yet.
type inbound struct {
	flowReader
	queue *messageQueue

	// Whether a medium is wanted; what still comes of an unwanted one is dropped.
	audio, video atomic.Bool
	// newestWins says that unread sound and picture give way to newer; if not, their flows are not read on.
	newestWins bool
	// onStatus, if set, sees each status before it is queued.
	onStatus func(Status)
	// afterStatus, if set, sees each status once it is queued. Its error ends the reading of the flow.
	afterStatus func(Status) error
	// onControl, if set, sees the user control messages of the stream's flows, but for flow synchronization.
	onControl func(UserControl)
}

// init makes in ready to take flows, of which running counts the goroutines.
func (in *inbound) init(ctx context.Context, nc *NetConnection, b *barrier) {
	in.flowReader.ctx, in.running, in.barrier, in.deliver = ctx, &nc.running, b, in.sort
	in.queue = newMessageQueue()
}

// sort queues one message; an error ends the reading of its flow.
func (in *inbound) sort(m Message) error {
	switch m.Type {
	case MessageAudio:
		return in.media(m, &in.audio)
	case MessageVideo:
		return in.media(m, &in.video)
	case MessageData:
		return in.queue.push(in.ctx, m)
	case MessageCommand, MessageCommandExtended:
		if c, err := ParseCommand(m.Type, m.Payload); err == nil && c.Name == CommandOnStatus {
			return in.status(m, c)
		}
	case MessageUserControl:
		if in.onControl != nil {
			in.onControl(m.Control)
		}
	}
	return nil
}

func (in *inbound) media(m Message, wanted *atomic.Bool) error {
	if !wanted.Load() {
		return nil
	}
	if in.newestWins {
		in.queue.pushMedia(m)
		return nil
	}
	return in.queue.push(in.ctx, m)
}

// status passes an onStatus on, which came in m.
func (in *inbound) status(m Message, c Command) error {
	st, ok := c.Status()
	if !ok {
		return nil
	}
	if in.onStatus != nil {
		in.onStatus(st)
	}
	queued := Message{Type: MessageStatus, Timestamp: m.Timestamp, Status: st, held: statusWeight * len(m.Payload)}
	if err := in.queue.push(in.ctx, queued); err != nil {
		return err
	}
	if in.afterStatus != nil {
		return in.afterStatus(st)
	}
	return nil
}
