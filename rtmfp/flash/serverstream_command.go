package flash

import (
	"context"
	"sync/atomic"
)

// ErrNoStreams is why a service without a Broker refuses to publish and to play.
const ErrNoStreams = flashError("flash: this service carries no streams")

// command carries out one command of the client on the stream; an error rejects the flow.
func (s *ServerStream) command(c Command) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	if s.ended {
		return context.Canceled
	}
	switch c.Name {
	case commandPublish:
		s.publish(c)
	case commandPlay:
		s.play(c)
	case commandPlay2:
		s.refuse(flashError("flash: one stream is not exchanged for another here; play it"), CodePlayFailed)
	case commandSeek:
		s.refuse(flashError("flash: what is live cannot be sought in"), CodeSeekFailed)
	case commandPause, "pauseRaw":
		s.pause(c)
	case commandReceiveAudio:
		s.receives(&s.audio, c)
	case commandReceiveVideo:
		s.receives(&s.video, c)
	case commandCloseStream:
		s.closeStream()
	}
	return nil
}

// publish begins to take what the client sends. Without a name, or false in its place, it stops.
func (s *ServerStream) publish(c Command) {
	s.closeStream()
	name, ok := textArgument(c)
	if !ok {
		return
	}
	kind := PublishLive
	if k, ok := argument[string](c, 1); ok && k != "" {
		kind = PublishKind(k)
	}
	var p Publication
	err := error(ErrName)
	switch broker := s.streams.cfg.Broker; {
	case broker == nil:
		// The code that every program knows for a refusal.
		s.refuse(ErrNoStreams, CodePublishBadName)
		return
	case fitName(name):
		p, err = broker.Publish(s, name, kind)
	}
	if err != nil {
		s.refuse(err, CodePublishDenied)
		return
	}
	s.publication.Store(&p)
	_ = s.Status(Status{Code: CodePublishStart, Level: LevelStatus, Description: name + " is now published"})
}

// play begins to send to the client. Without a name, or false in its place, it stops.
func (s *ServerStream) play(c Command) {
	opt := PlayOptions{Start: StartAny}
	if start, ok := argument[float64](c, 1); ok {
		opt.Start = start
	}
	if duration, ok := argument[float64](c, 2); ok {
		opt.Duration = duration
	}
	if reset, ok := argument[bool](c, 3); ok {
		opt.Queue = !reset
	}
	s.stop()
	name, ok := textArgument(c)
	if !ok {
		return
	}
	var p Subscription
	err := error(ErrName)
	switch broker := s.streams.cfg.Broker; {
	case broker == nil:
		err = ErrNoStreams
	case fitName(name):
		p, err = broker.Play(s, name, opt)
	}
	if err != nil {
		s.refuse(err, CodePlayFailed)
		return
	}
	s.subscription = p
	s.paused.Store(false)
	_ = s.UserControl(EventStreamBegin)
	_ = s.Status(Status{Code: CodePlayReset, Level: LevelStatus, Description: "playing and resetting " + name})
	_ = s.Status(Status{Code: CodePlayStart, Level: LevelStatus, Description: "started playing " + name})
	if access, err := AppendDataMessage(nil, AMF0, 0, commandSampleAccess, true, true); err == nil {
		_, _ = s.Send(MessageData, access, noOptions)
	}
	p.Start()
}

// pause notes that the client has paused, or goes on, and says so.
func (s *ServerStream) pause(c Command) {
	pause, ok := argument[bool](c, 0)
	if !ok || s.subscription == nil {
		return
	}
	if s.paused.Swap(pause) != pause {
		s.subscription.Changed()
	}
	st := Status{Code: CodeUnpauseNotify, Level: LevelStatus, Description: "playing again"}
	if pause {
		st.Code, st.Description = CodePauseNotify, "paused"
	}
	_ = s.Status(st)
}

// receives notes whether the client wants a medium.
func (s *ServerStream) receives(medium *atomic.Bool, c Command) {
	on, ok := wanted(c)
	if ok && medium.Swap(on) != on && s.subscription != nil {
		s.subscription.Changed()
	}
}

// closeStream stops what is published or played, and says so.
func (s *ServerStream) closeStream() {
	published, played := s.stop()
	if published {
		_ = s.Status(Status{Code: CodeUnpublishSuccess, Level: LevelStatus, Description: "unpublished"})
	}
	if played {
		_ = s.Status(Status{Code: CodePlayStop, Level: LevelStatus, Description: "stopped"})
	}
}
