package flash

import (
	"context"
	"sync"
	"sync/atomic"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// ServerStreamsConfig is what the streams of a client need.
type ServerStreamsConfig struct {
	// Session is the client's.
	Session *rtmfp.Session
	// Control is the client's control flow, to which ours are associated, Reply our canonical control flow, to which the
	// client's flows for its streams are to be associated (RFC 7425 §5.3.5).
	Control *rtmfp.RecvFlow
	Reply   *rtmfp.SendFlow
	// Encoding is what connect has agreed upon.
	Encoding ObjectEncoding
	// Broker decides what becomes of streams; nil refuses to publish and to play.
	Broker Broker
	// Pace, if set, is called before each command and each data message of a stream is looked at. It may wait, which holds the
	// flow; its error rejects it.
	Pace func(context.Context) error
}

// ServerStreams has the NetStreams of one client of a service (RFC 7425 §5.3.5). The service keeps the connection's control
// flows to itself and hands over the commands about streams, and the flows for them. It owns a goroutine for each of
// these flows; Close ends them and waits.
type ServerStreams struct {
	cfg     ServerStreamsConfig
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup
	barrier *barrier
	syncIDs atomic.Uint32

	mu      sync.Mutex
	closed  bool
	last    uint32 // stream ID
	streams map[uint32]*ServerStream
}

// NewServerStreams makes the streams of a client that has connected; there is none at first.
func NewServerStreams(cfg ServerStreamsConfig) *ServerStreams {
	if cfg.Pace == nil {
		cfg.Pace = func(context.Context) error { return nil }
	}
	s := &ServerStreams{cfg: cfg, barrier: newBarrier(), streams: make(map[uint32]*ServerStream)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Command carries out a command of the connection that is about streams: createStream, deleteStream, and those by which
// encoders announce what they will publish. Others are not handled. The answer is to be sent if the command has a transaction.
func (s *ServerStreams) Command(c Command) (answer Command, handled bool) {
	answer = Command{Name: CommandResult, Transaction: c.Transaction, Args: []amf.Value{nil}}
	switch c.Name {
	case commandCreateStream:
		id, err := s.create()
		if err != nil {
			refusal := Status{Code: CodeCallFailed, Level: LevelError, Description: "too many streams"}
			return Command{Name: CommandError, Transaction: c.Transaction, Args: []amf.Value{refusal.Info()}}, true
		}
		answer.Args[0] = id
	case commandDeleteStream:
		if id, ok := firstNumber(c); ok {
			s.delete(id)
		}
	case "getStreamLength":
		answer.Args[0] = 0.0 // live
	case "releaseStream", "FCPublish", "FCUnpublish", "FCSubscribe", "FCUnsubscribe":
	default:
		return Command{}, false
	}
	return answer, true
}

// firstNumber is the first argument, if that is a whole number; some programs leave out the null before it.
func firstNumber(c Command) (uint32, bool) {
	for _, v := range append([]amf.Value{c.Object}, c.Args...) {
		if n, ok := v.(float64); ok {
			return uint32(n), n >= 0 && n < 1<<32 && n == float64(uint32(n))
		}
	}
	return 0, false
}

func (s *ServerStreams) create() (uint32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.streams) >= maxServerStreams {
		return 0, rtmfp.ErrTooMany
	}
	s.last++
	s.streams[s.last] = newServerStream(s, s.last)
	return s.last, nil
}

func (s *ServerStreams) delete(id uint32) {
	s.mu.Lock()
	stream := s.streams[id]
	delete(s.streams, id)
	s.mu.Unlock()
	if stream != nil {
		stream.end()
	}
}

// reject ends a stream, on a goroutine of its own.
func (s *ServerStreams) reject(stream *ServerStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[stream.ID()] == stream {
		delete(s.streams, stream.ID())
		s.running.Go(stream.end)
	}
}

// AcceptFlow takes a flow of the client for one of its streams. If it is none, or there are too many, that is false, and the
// flow is to be rejected.
func (s *ServerStreams) AcceptFlow(f *rtmfp.RecvFlow) bool {
	id, networkOrder, err := ParseMetadata(f.Metadata())
	if err != nil || f.ReturnOf() == nil || f.ReturnOf() != s.cfg.Reply {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stream := s.streams[id]
	return !s.closed && stream != nil && stream.in.add(f, networkOrder)
}

// Synchronize holds the reading of a control flow at a barrier (RFC 7425 §5.2): to be called with the Flow Synchronization
// messages that come on one. Its error is ctx's.
func (s *ServerStreams) Synchronize(ctx context.Context, u UserControl) error {
	return s.barrier.arrive(ctx, u.SyncID, u.Count, true)
}

// UserControl notes a user control message of the connection that is about a stream (set buffer length).
func (s *ServerStreams) UserControl(u UserControl) {
	if u.Event != EventSetBufferLength {
		return
	}
	s.mu.Lock()
	stream := s.streams[u.StreamID]
	s.mu.Unlock()
	if stream != nil {
		stream.buffer.Store(int64(u.BufferLength))
	}
}

// Close ends all streams and waits. It must not be called from a Broker.
func (s *ServerStreams) Close() {
	s.mu.Lock()
	s.closed = true
	streams := s.streams
	s.streams = nil
	s.mu.Unlock()
	for _, stream := range streams {
		stream.end()
	}
	s.cancel()
	s.running.Wait()
}
