package flash

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"sundog.dev/sundog/rtmfp"
)

// medium tells the flows of a stream apart.
type medium int

const (
	mediumData medium = iota // commands and status, too
	mediumAudio
	mediumVideo
	media
)

func mediumOf(t MessageType) medium {
	switch t {
	case MessageAudio:
		return mediumAudio
	case MessageVideo:
		return mediumVideo
	}
	return mediumData
}

// priority is that of a medium's flow. Text takes turns with pictures: below them it would starve on a path that they fill.
func (m medium) priority() rtmfp.Priority {
	if m == mediumAudio {
		return rtmfp.PriorityAudio
	}
	return rtmfp.PriorityVideo
}

// buffer is the buffer of a medium's flow, in bytes.
func (m medium) buffer() int {
	switch m {
	case mediumAudio:
		return audioBuffer
	case mediumVideo:
		return videoBuffer
	}
	return dataBuffer
}

// streamFlows are the near end's flows of one stream between client and service (RFC 7425 §5.3.5): one for each medium,
// opened with its first message and associated to the far end's control flow. Their receivers are asked to keep the
// original order, since a service may record or pass on what comes.
type streamFlows struct {
	session  *rtmfp.Session
	returnOf *rtmfp.RecvFlow
	id       uint32
	syncIDs  *atomic.Uint32 // of the association tree

	mu     sync.Mutex
	closed bool
	flows  [media]*rtmfp.SendFlow
}

// write writes a message to the flow of its medium, and waits for room until ctx ends.
func (s *streamFlows) write(ctx context.Context, m medium, message []byte, opt rtmfp.MessageOptions) (*rtmfp.Receipt, error) {
	f, err := s.flow(m)
	if err != nil {
		return nil, err
	}
	return f.Write(ctx, message, opt)
}

// writeNow writes without ever waiting; ErrFull if the flow has no room.
func (s *streamFlows) writeNow(m medium, message []byte, opt rtmfp.MessageOptions) (*rtmfp.Receipt, error) {
	f, err := s.flow(m)
	if err != nil {
		return nil, err
	}
	return writeNow(f, message, opt)
}

// flow returns the flow of a medium. One that the far end has rejected is not replaced (RFC 7425 §5.3.5.3).
func (s *streamFlows) flow(m medium) (*rtmfp.SendFlow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, rtmfp.ErrClosed
	case s.flows[m] != nil:
		return s.flows[m], nil
	}
	opt := rtmfp.FlowOptions{Priority: m.priority(), ReturnOf: s.returnOf, Buffer: m.buffer()}
	f, err := s.session.OpenFlow(AppendMetadata(nil, s.id, false), opt)
	if err != nil {
		return nil, fmt.Errorf("flash: opening a flow of stream %d: %w", s.id, err)
	}
	s.flows[m] = f
	return f, nil
}

// sync makes a barrier across the flows that are open (RFC 7425 §5.2): what is written afterwards is not delivered
// before what was written until now. With one flow there is nothing to do. It waits for room until ctx ends; the far end
// may then hold some flows for a while, since it has not heard of the barrier in all.
func (s *streamFlows) sync(ctx context.Context) error {
	open := s.open()
	if len(open) < 2 {
		return nil
	}
	message := s.barrier(len(open))
	for _, f := range open {
		if _, err := f.Write(ctx, message, noOptions); err != nil {
			return err
		}
	}
	return nil
}

// syncNow is sync without waiting: ErrFull, and no barrier, if a flow has no room. Nobody else must write meanwhile.
func (s *streamFlows) syncNow() error {
	for m := range media {
		if s.buffered(m) > m.buffer()-syncRoom {
			return ErrFull
		}
	}
	return s.sync(now)
}

// open lists the flows that can be written to: pictures first, theirs is the flow that may be full.
func (s *streamFlows) open() []*rtmfp.SendFlow {
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []*rtmfp.SendFlow
	for _, f := range slices.Backward(s.flows[:]) {
		if f != nil && f.Err() == nil {
			open = append(open, f)
		}
	}
	return open
}

// barrier is the message that makes one across n flows.
func (s *streamFlows) barrier(n int) []byte {
	control := AppendUserControl(nil, UserControl{Event: EventFlowSync, SyncID: s.syncIDs.Add(1), Count: uint32(n)})
	return AppendMessage(nil, MessageUserControl, 0, control)
}

// buffered is the number of bytes of a medium that wait for the far end's acknowledgement.
func (s *streamFlows) buffered(m medium) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flows[m] == nil {
		return 0
	}
	return s.flows[m].Buffered()
}

// close closes the flows after what was written, and returns them.
func (s *streamFlows) close() []*rtmfp.SendFlow {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var flows []*rtmfp.SendFlow
	for _, f := range s.flows {
		if f != nil {
			_ = f.Close()
			flows = append(flows, f)
		}
	}
	return flows
}
