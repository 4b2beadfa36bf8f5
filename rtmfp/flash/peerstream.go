package flash

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// Names of commands between peers.
const (
	commandReceiveAudio = "receiveAudio"
	commandReceiveVideo = "receiveVideo"
	commandCloseStream  = "closeStream"
	commandSampleAccess = "|RtmpSampleAccess"
)

// PeerStream is one subscriber of a PublishStream (an element of NetStream.peerStreams): its control flow, and our three flows in return of it
// (RFC 7425 §5.4.2). Until its play is admitted it waits (UnconnectedPeerStreams).
type PeerStream struct {
	peer    *Peer
	control *rtmfp.RecvFlow
	id      uint32          // the stream ID, which our flows echo
	ctx     context.Context // ends with the subscription
	cancel  context.CancelFunc

	audio, video               atomic.Bool // what the subscriber asked for
	droppedAudio, droppedVideo atomic.Uint64

	mu                             sync.Mutex
	name                           string // asked for; empty before the play command
	stream                         *PublishStream
	ended                          bool
	dataFlow, audioFlow, videoFlow *rtmfp.SendFlow // nil before admission

	receipts deliveries
	syncIDs  atomic.Uint32 // of the barriers across our flows
}

func newPeerStream(p *Peer, control *rtmfp.RecvFlow, id uint32) *PeerStream {
	s := &PeerStream{peer: p, control: control, id: id}
	s.ctx, s.cancel = context.WithCancel(p.ctx)
	s.audio.Store(true)
	s.video.Store(true)
	return s
}

// Peer is the subscriber.
func (s *PeerStream) Peer() *Peer { return s.peer }

// ReceivesAudio tells whether the subscriber wants audio (receiveAudio).
func (s *PeerStream) ReceivesAudio() bool { return s.audio.Load() }

// ReceivesVideo tells whether the subscriber wants video (receiveVideo).
func (s *PeerStream) ReceivesVideo() bool { return s.video.Load() }

// Dropped counts the messages that were not sent since the flow was full. After a dropped video message what follows
// cannot be decoded before the next key frame.
func (s *PeerStream) Dropped() (audio, video uint64) {
	return s.droppedAudio.Load(), s.droppedVideo.Load()
}

// Lost counts the video messages that were sent and abandoned: not acknowledged within their lifetime. As after a
// dropped one, a key frame is needed.
func (s *PeerStream) Lost() uint64 { return s.receipts.lost() }

// Buffered is the number of bytes of audio and video that wait for the subscriber's acknowledgement.
func (s *PeerStream) Buffered() (audio, video int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.audioFlow == nil {
		return 0, 0
	}
	return s.audioFlow.Buffered(), s.videoFlow.Buffered()
}

// Send invokes handler at this subscriber alone (NetStream.send), reliably and in order with PublishStream.Send. ErrFull if it does not
// keep up.
func (s *PeerStream) Send(handler string, args ...amf.Value) error {
	payload, err := AppendData(nil, handler, args...)
	if err != nil {
		return err
	}
	return s.sendData(payload)
}

func (s *PeerStream) sendData(payload []byte) error {
	_, err := writeNow(s.dataFlow, AppendMessage(nil, MessageData, 0, payload), rtmfp.MessageOptions{})
	return err
}

// sync makes a barrier across our flows to the subscriber, without waiting: ErrFull, and no barrier, if one has no room.
func (s *PeerStream) sync() error {
	flows := [media]*rtmfp.SendFlow{mediumData: s.dataFlow, mediumAudio: s.audioFlow, mediumVideo: s.videoFlow}
	for m, f := range flows {
		if f.Buffered() > medium(m).buffer()-syncRoom {
			return ErrFull
		}
	}
	control := AppendUserControl(nil, UserControl{Event: EventFlowSync, SyncID: s.syncIDs.Add(1), Count: uint32(media)})
	message := AppendMessage(nil, MessageUserControl, 0, control)
	for _, f := range flows {
		if _, err := writeNow(f, message, noOptions); err != nil {
			return err
		}
	}
	return nil
}

// sendVideo sends an encoded video message, or drops it.
func (s *PeerStream) sendVideo(timestamp uint32, message []byte, opt rtmfp.MessageOptions) {
	if !s.video.Load() {
		return
	}
	receipt, err := writeNow(s.videoFlow, message, opt)
	switch {
	case errors.Is(err, ErrFull):
		s.droppedVideo.Add(1)
		s.receipts.drop(timestamp)
	case err == nil:
		s.receipts.add(receipt, timestamp)
	}
}

// sendAudio sends encoded audio messages together, or drops those for which there is no room.
func (s *PeerStream) sendAudio(messages [][]byte, opt rtmfp.MessageOptions) {
	if !s.audio.Load() {
		return
	}
	if n, err := s.audioFlow.WriteTogether(messages, opt); err == nil {
		s.droppedAudio.Add(uint64(len(messages) - n))
	}
}

// serve reads the subscriber's control flow until either end closes it. It is the subscription's goroutine.
func (s *PeerStream) serve() {
	defer s.finish()
	for {
		b, err := s.control.Read(s.ctx)
		if err != nil {
			return
		}
		m, err := ParseMessage(b)
		if err != nil || m.Type != MessageCommand && m.Type != MessageCommandExtended {
			continue
		}
		c, err := ParseCommand(m.Type, m.Payload)
		if err != nil {
			continue
		}
		if !s.command(c) {
			return
		}
	}
}

// command carries out one command of the subscriber; false ends the subscription.
func (s *PeerStream) command(c Command) bool {
	switch c.Name {
	case commandPlay:
		name, ok := c.Object.(string) // some programs leave out the null
		if len(c.Args) > 0 && !ok {
			name, ok = c.Args[0].(string)
		}
		return ok && fitName(name) && s.play(name)
	case commandReceiveAudio:
		s.receives(&s.audio, c)
	case commandReceiveVideo:
		s.receives(&s.video, c)
	case commandCloseStream:
		return false
	}
	return true
}

// wanted reads the argument of receiveAudio or receiveVideo: a boolean, or a rate whose zero is none.
func wanted(c Command) (on, ok bool) {
	if len(c.Args) == 0 {
		return false, false
	}
	switch v := c.Args[0].(type) {
	case bool:
		return v, true
	case float64:
		return v > 0, true
	}
	return false, false
}

// receives notes what the subscriber wants.
func (s *PeerStream) receives(medium *atomic.Bool, c Command) {
	on, ok := wanted(c)
	if !ok {
		return
	}
	if medium.Swap(on) == on {
		return
	}
	s.mu.Lock()
	stream := s.stream
	s.mu.Unlock()
	if stream != nil {
		wake(stream.changed)
	}
}

// play asks for a stream by name, once; false ends the subscription.
func (s *PeerStream) play(name string) bool {
	s.mu.Lock()
	first := s.name == ""
	s.name = name
	s.mu.Unlock()
	return first && s.peer.nc.consider(s, name)
}

// begin opens the flows to the subscriber and tells it that the stream begins; false if the subscription has ended.
// The stream's lock is held.
func (s *PeerStream) begin(stream *PublishStream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	if err := s.openFlows(); err != nil {
		s.cancel() // the session is gone
		return false
	}
	s.stream = stream
	control := AppendUserControl(nil, UserControl{Event: EventStreamBegin, StreamID: s.id})
	_, _ = writeNow(s.dataFlow, AppendMessage(nil, MessageUserControl, 0, control), rtmfp.MessageOptions{})
	for _, st := range []Status{
		{Code: CodePlayReset, Level: LevelStatus, Description: "playing and resetting " + stream.name},
		{Code: CodePlayStart, Level: LevelStatus, Description: "started playing " + stream.name},
	} {
		_ = writeCommand(s.dataFlow, StatusCommand(st))
	}
	if access, err := AppendData(nil, commandSampleAccess, true, true); err == nil {
		_ = s.sendData(access)
	}
	return true
}

// openFlows opens the return flows, one for each kind of message, each with its priority.
func (s *PeerStream) openFlows() (err error) {
	open := func(priority rtmfp.Priority, networkOrder bool, buffer int) *rtmfp.SendFlow {
		// Some old clients know no metadata but those of flows in order.
		networkOrder = networkOrder && !s.peer.session.OldClients()
		f, e := s.peer.session.OpenFlow(AppendMetadata(nil, s.id, networkOrder),
			rtmfp.FlowOptions{Priority: priority, ReturnOf: s.control, Buffer: buffer})
		err = errors.Join(err, e)
		return f
	}
	// Text takes turns with pictures: below them it would starve on a path that they fill.
	s.dataFlow = open(rtmfp.PriorityVideo, false, dataBuffer)
	s.audioFlow = open(rtmfp.PriorityAudio, true, audioBuffer)
	s.videoFlow = open(rtmfp.PriorityVideo, true, videoBuffer)
	if err != nil {
		s.closeFlows()
		return fmt.Errorf("flash: opening the flows of a stream: %w", err)
	}
	return nil
}

// closeFlows closes what openFlows opened.
func (s *PeerStream) closeFlows() {
	for _, f := range []*rtmfp.SendFlow{s.dataFlow, s.audioFlow, s.videoFlow} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// unpublish tells the subscriber that the stream has ended, and ends the subscription once it knows.
func (s *PeerStream) unpublish() {
	_ = writeCommand(s.dataFlow, StatusCommand(Status{
		Code: CodeUnpublishNotify, Level: LevelStatus, Description: s.askedName() + " is now unpublished",
	}))
	s.mu.Lock()
	s.closeFlows()
	data := s.dataFlow
	s.mu.Unlock()
	s.peer.nc.start(func() {
		grace := time.NewTimer(unpublishGrace)
		defer grace.Stop()
		select {
		case <-data.Done():
		case <-grace.C:
		case <-s.ctx.Done():
		}
		s.cancel() // serve rejects the control flow
	})
}

// finish lets the subscription go.
func (s *PeerStream) finish() {
	s.mu.Lock()
	s.ended = true
	stream := s.stream
	s.closeFlows()
	s.mu.Unlock()
	s.peer.nc.forgetPending(s)
	if stream != nil {
		stream.detach(s)
	}
	s.control.Reject(rejectCode) // nothing, if the subscriber has closed it
	s.cancel()
	p := s.peer
	p.mu.Lock()
	p.subscriptions--
	p.mu.Unlock()
}
