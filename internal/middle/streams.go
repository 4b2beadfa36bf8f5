package middle

import (
	"context"
	"errors"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

const (
	// mediaLifetime is how long sound and pictures are worth sending: he adds no delay that would be noticed.
	mediaLifetime = time.Second
	// publishPause is between attempts to publish under a name that an earlier call has not given back yet.
	publishPause = 100 * time.Millisecond
)

// The names of a call's streams, by who publishes them.
const (
	callerStream = "media-caller"
	calleeStream = "media-callee"
)

// streams carries what one phone sends, sound, picture and text, over to the other. Its goroutine belongs to the call.
type streams struct{ cancel context.CancelFunc }

func (s *streams) close() { s.cancel() }

// carry plays a phone's stream, and publishes the same to the other phone.
func (c *Call) carry(l *leg, p *flash.Peer) *streams {
	ctx, cancel := context.WithCancel(c.ctx)
	name := calleeStream
	if l.caller {
		name = callerStream
	}
	o := l.other()
	c.wg.Go(func() {
		defer cancel()
		var out *flash.PublishStream
		for {
			var err error
			out, err = o.face.nc.Publish(name, func(to *flash.Peer) bool { return to.ID() == o.far })
			if err == nil {
				break
			}
			pause := time.NewTimer(publishPause)
			select {
			case <-pause.C:
			case <-ctx.Done():
				pause.Stop()
				return
			}
		}
		defer out.Close() //nolint:errcheck // it may have ended by itself
		in, err := p.Play(name)
		if err != nil {
			return
		}
		defer in.Close() //nolint:errcheck // it may have ended by itself
		for {
			m, err := in.Read(ctx)
			if err != nil {
				return
			}
			if err := passOn(out, m); err != nil && !errors.Is(err, flash.ErrFull) {
				c.m.log.Info("not passed on", "stream", name, "error", err)
			}
		}
	})
	return &streams{cancel}
}

// passOn publishes a message that came.
func passOn(out *flash.PublishStream, m flash.Message) error {
	switch m.Type {
	case flash.MessageAudio, flash.MessageVideo:
		return out.Write(m, mediaLifetime)
	case flash.MessageData:
		handler, args, err := m.Data()
		if err != nil {
			return err
		}
		return out.Send(handler, args...)
	}
	return nil
}
