package flash

import (
	"context"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
)

// Names of the commands of streams between client and service.
const (
	commandCreateStream = "createStream"
	commandDeleteStream = "deleteStream"
	commandPublish      = "publish"
	commandPlay2        = "play2"
	commandSeek         = "seek"
	commandPause        = "pause"

	handlerSetDataFrame   = "@setDataFrame"
	handlerClearDataFrame = "@clearDataFrame"
)

// PublishKind says what a service is to do with a published stream (the second argument of NetStream.publish).
type PublishKind string

// The kinds of publishing.
const (
	PublishLive   PublishKind = "live"   // pass it on, keep nothing
	PublishRecord PublishKind = "record" // and record it anew
	PublishAppend PublishKind = "append" // and record it behind what is there
)

// Values of PlayOptions.Start.
const (
	StartAny      = -2 // the live stream of the name, else the recorded one, else wait for it
	StartLive     = -1 // the live stream only
	StartRecorded = 0  // the recorded stream from its beginning
)

// PlayOptions are the further arguments of NetStream.play.
type PlayOptions struct {
	// Start is a second of a recorded stream, or one of StartAny, StartLive. The zero value is StartRecorded.
	Start float64
	// Duration is how many seconds to play; 0 or less: to the end. (0 is a single picture in Flash, which we cannot ask for.)
	Duration float64
	// Queue has the stream play after those that play, which end at once otherwise (Flash's reset false).
	Queue bool
}

// Publish publishes a stream under a name (NetStream.publish), and waits for the service's word: nil after NetStream.Publish.Start, a *StatusError
// after a status of level error (NetStream.Publish.BadName: somebody publishes that name). The name may have a
// query that the service understands.
func (s *NetStream) Publish(ctx context.Context, name string, kind PublishKind) error {
	if !fitName(name) {
		return ErrName
	}
	return s.await(ctx, CodePublishStart, func() error { return s.command(commandPublish, name, string(kind)) })
}

// Play plays the live stream of a name (NetStream.play; or the recorded one, or waits for it to be published: StartAny), and
// waits for the service's word: nil after NetStream.Play.Start, a *StatusError after a status of level error.
func (s *NetStream) Play(ctx context.Context, name string) error {
	if !fitName(name) {
		return ErrName
	}
	return s.await(ctx, CodePlayStart, func() error { return s.command(commandPlay, name) })
}

// PlayWith is Play with all its arguments.
func (s *NetStream) PlayWith(ctx context.Context, name string, opt PlayOptions) error {
	if !fitName(name) {
		return ErrName
	}
	duration := opt.Duration
	if duration <= 0 {
		duration = -1
	}
	return s.await(ctx, CodePlayStart, func() error {
		return s.command(commandPlay, name, opt.Start, duration, !opt.Queue)
	})
}

// Transition is how NetStream.play2 goes over from one stream to another (NetStreamPlayTransitions).
type Transition string

// The transitions that services know best.
const (
	TransitionSwitch Transition = "switch" // to another rendition of the same content, without a gap
	TransitionSwap   Transition = "swap"   // one for another in a play list
	TransitionStop   Transition = "stop"
	TransitionReset  Transition = "reset"
	TransitionAppend Transition = "append"
)

// Play2 goes over to another stream (play2). It does not wait: the answers are statuses.
func (s *NetStream) Play2(from, to string, transition Transition, opt PlayOptions) error {
	if !fitName(to) {
		return ErrName
	}
	duration := opt.Duration
	if duration <= 0 {
		duration = -1
	}
	return s.command(commandPlay2, amf.Object{
		{Name: "oldStreamName", Value: from},
		{Name: "streamName", Value: to},
		{Name: "start", Value: opt.Start},
		{Name: "len", Value: duration},
		{Name: "transition", Value: string(transition)},
	})
}

// Seek asks for another place of a recorded stream (NetStream.seek), at a whole ms. It does not wait: the answer is a status.
func (s *NetStream) Seek(position time.Duration) error {
	return s.command(commandSeek, position.Milliseconds())
}

// Pause stops or resumes playing (NetStream.pause, resume); position is where the player stands, at a whole ms. It does not wait: the answer,
// if the service gives one, is a status.
func (s *NetStream) Pause(pause bool, position time.Duration) error {
	return s.command(commandPause, pause, position.Milliseconds())
}

// ReceiveAudio asks the service to start or stop audio (NetStream.receiveAudio). What still comes after a stop is dropped.
func (s *NetStream) ReceiveAudio(on bool) error {
	s.in.audio.Store(on)
	return s.command(commandReceiveAudio, on)
}

// ReceiveVideo asks the service to start or stop video (NetStream.receiveVideo). What still comes after a stop is dropped.
func (s *NetStream) ReceiveVideo(on bool) error {
	s.in.video.Store(on)
	return s.command(commandReceiveVideo, on)
}

// ReceiveVideoFPS asks the service for video of at most so many frames per second (NetStream.receiveVideoFPS).
func (s *NetStream) ReceiveVideoFPS(fps float64) error {
	s.in.video.Store(fps > 0)
	return s.command(commandReceiveVideo, fps)
}

// SetBufferTime tells the service how much the player buffers (NetStream.bufferTime), in whole ms.
func (s *NetStream) SetBufferTime(d time.Duration) error {
	return s.leg.userControl(UserControl{Event: EventSetBufferLength, StreamID: s.id, BufferLength: d})
}

// await sends what ask sends and waits for the status of that code, or for an error.
func (s *NetStream) await(ctx context.Context, code string, ask func() error) error {
	outcome := make(chan Status, 1)
	s.mu.Lock()
	if s.outcome != nil {
		s.mu.Unlock()
		return ErrBusy
	}
	s.outcome = outcome
	s.decides = func(st Status) bool { return st.Code == code || st.Level == LevelError }
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.outcome = nil
		s.mu.Unlock()
	}()
	if err := ask(); err != nil {
		return err
	}
	select {
	case st := <-outcome:
		if st.Code != code {
			return &StatusError{Status: st}
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ctx.Done():
	}
	select {
	case st := <-outcome: // the service refused and rejected the stream
		if st.Code != code {
			return &StatusError{Status: st}
		}
	default:
	}
	if err := s.leg.failure(); err != nil {
		return err
	}
	return rtmfp.ErrClosed
}

// decide hands a status to the Publish or Play that waits for it.
func (s *NetStream) decide(st Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outcome != nil && s.decides(st) {
		s.outcome <- st // capacity one, and once only
		s.outcome = nil
	}
}
