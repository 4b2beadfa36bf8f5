package rmcat

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"sundog.dev/sundog/rtmfp"
)

// What a call sends.
const (
	videoDeadline   = 400 * time.Millisecond
	audioDeadline   = 200 * time.Millisecond
	audioInterval   = 20 * time.Millisecond
	audioFrame      = int(audioRate / 8 * 20 / 1000) // bytes
	messageInterval = 10 * time.Millisecond
	messageSize     = 200
	bulkMessage     = 32 << 10
	messageHeader   = 8 // bytes of a message that tell its number

	// What packets cost beyond what they carry, for the budget that an encoder gets of the rate of the congestion
	// control: RTMFP's share of full packets, and for each packet of sound.
	packetShare   = 0.95
	audioOverhead = 50 // bytes
)

// streamKind is a flow's metadata.
type streamKind string

const (
	kindVideo    streamKind = "video"
	kindAudio    streamKind = "audio"
	kindBulk     streamKind = "bulk"
	kindMessages streamKind = "messages"
)

// Message is one that was written.
type Message struct {
	Sent    time.Duration // since the case began
	Size    int           // bytes
	Arrived time.Duration // when it was read, whole; 0: never
}

// Stream is the messages of one flow. Skipped counts those for which the sender had no room.
type Stream struct {
	Call     int
	Backward bool
	Kind     streamKind
	Messages []Message
	Skipped  int

	mu sync.Mutex
}

// sender is one end of a call that sends.
type sender struct {
	stand   *stand
	session *rtmfp.Session
	load    Load
	end     time.Duration
	seed    uint64
}

// run sends until the end of the call.
func (s *sender) run(ctx context.Context, call int, backward bool) {
	open := func(kind streamKind, priority rtmfp.Priority) (*rtmfp.SendFlow, *Stream) {
		flow, err := s.session.OpenFlow([]byte(kind), rtmfp.FlowOptions{Priority: priority})
		if err != nil {
			s.stand.fail(err)
			return nil, nil
		}
		return flow, s.stand.stream(call, backward, kind)
	}
	if s.load.Media {
		if flow, stream := open(kindVideo, rtmfp.PriorityVideo); flow != nil {
			enc := newEncoder(s.seed)
			s.stand.goDo(func() {
				s.every(ctx, frameInterval, func() { s.write(flow, stream, enc.next(s.videoBudget()), videoDeadline) })
			})
		}
		if flow, stream := open(kindAudio, rtmfp.PriorityAudio); flow != nil {
			s.stand.goDo(func() {
				s.every(ctx, audioInterval, func() { s.write(flow, stream, audioFrame, audioDeadline) })
			})
		}
	}
	if s.load.Messages {
		if flow, stream := open(kindMessages, rtmfp.PriorityAudio); flow != nil {
			s.stand.goDo(func() {
				s.every(ctx, messageInterval, func() { s.write(flow, stream, messageSize, videoDeadline) })
			})
		}
	}
	if s.load.Bulk {
		if flow, stream := open(kindBulk, rtmfp.PriorityBulk); flow != nil {
			s.stand.goDo(func() { s.bulk(ctx, flow, stream) })
		}
	}
}

// every calls f at an interval while the load is not paused.
func (s *sender) every(ctx context.Context, interval time.Duration, f func()) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		now := s.stand.now()
		if now >= s.end {
			return
		}
		if !s.load.pausedAt(now) {
			f()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// write writes a message if there is room.
func (s *sender) write(flow *rtmfp.SendFlow, stream *Stream, size int, deadline time.Duration) {
	_, err := flow.Write(ended, stream.next(s.stand.now(), size), rtmfp.MessageOptions{DeliverBy: time.Now().Add(deadline)})
	if err != nil {
		stream.skip()
	}
}

// ended is for writes that do not wait.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (s *sender) bulk(ctx context.Context, flow *rtmfp.SendFlow, stream *Stream) {
	for s.stand.now() < s.end {
		if _, err := flow.Write(ctx, stream.next(s.stand.now(), bulkMessage), rtmfp.MessageOptions{}); err != nil {
			return
		}
	}
}

// videoBudget is what the congestion control leaves for the picture, in bit/s.
func (s *sender) videoBudget() float64 {
	const audio = audioRate + audioOverhead*8*float64(time.Second/audioInterval)
	return s.session.Stats().SendRate*packetShare - audio
}

// next makes the message that follows.
func (s *Stream) next(now time.Duration, size int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	size = max(size, messageHeader)
	b := make([]byte, size)
	binary.BigEndian.PutUint64(b, uint64(len(s.Messages)))
	s.Messages = append(s.Messages, Message{Sent: now, Size: size})
	return b
}

func (s *Stream) skip() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Skipped++
}

func (s *Stream) arrived(b []byte, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := binary.BigEndian.Uint64(b); k < uint64(len(s.Messages)) {
		s.Messages[k].Arrived = now
	}
}

// receive reads all flows of a session.
func (st *stand) receive(ctx context.Context, session *rtmfp.Session, call int, backward bool) {
	for {
		flow, err := session.AcceptFlow(ctx)
		if err != nil {
			return
		}
		flow.SetOrder(rtmfp.NetworkOrder)
		stream := st.stream(call, backward, streamKind(flow.Metadata()))
		st.goDo(func() {
			for {
				b, err := flow.Read(ctx)
				if err != nil {
					return
				}
				stream.arrived(b, st.now())
			}
		})
	}
}
