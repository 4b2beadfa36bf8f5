package rendezvous

import (
	"context"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// newStreams makes the client's streams at the service, of which Config.Streams decides what becomes. Without it a client may
// create streams, and is refused when it wants to publish or to play: the service carries nobody's sound and picture.
func (c *client) newStreams(canonical *rtmfp.RecvFlow, reply *rtmfp.SendFlow, encoding flash.ObjectEncoding) *flash.ServerStreams {
	return flash.NewServerStreams(flash.ServerStreamsConfig{
		Session: c.session, Control: canonical, Reply: reply, Encoding: encoding,
		Broker: c.service.cfg.Streams,
		Pace:   func(ctx context.Context) error { return c.streamPacer.wait(ctx, streamRate, streamBurst) },
	})
}

// ofStreams carries out a command about streams; false if it is none.
func (c *client) ofStreams(command flash.Command) (handled bool, err error) {
	answer, handled := c.clientStreams().Command(command)
	// Some old clients ask for a stream without a transaction, and wait for the answer all the same.
	if !handled || command.Transaction == 0 && command.Name != "createStream" {
		return handled, nil
	}
	return true, c.send(answer)
}

// clientStreams are the client's streams, or nil before connect.
func (c *client) clientStreams() *flash.ServerStreams {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.streams
}

// userControl obeys a user control message on a control flow; an unknown one is ignored.
func (c *client) userControl(u flash.UserControl) error {
	streams := c.clientStreams()
	switch {
	case streams == nil:
	case u.Event == flash.EventFlowSync:
		return streams.Synchronize(c.ended, u)
	case u.Event == flash.EventPingRequest:
		return c.write(flash.MessageUserControl, flash.AppendUserControl(nil, flash.UserControl{
			Event: flash.EventPingResponse, Timestamp: u.Timestamp,
		}))
	default:
		streams.UserControl(u)
	}
	return nil
}
