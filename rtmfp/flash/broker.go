package flash

// Broker is what a service does with the streams of its clients; package live has one. Its methods are called from
// goroutines of ServerStreams, and must not wait for the network.
type Broker interface {
	// Publish is asked when a client wants to publish under a name (which may have a query). An error refuses: a *StatusError in
	// its own words, any other as NetStream.Publish.Denied.
	Publish(s *ServerStream, name string, kind PublishKind) (Publication, error)
	// Play is asked when a client wants to play. An error refuses: a *StatusError in its own words, any other as
	// NetStream.Play.Failed.
	Play(s *ServerStream, name string, opt PlayOptions) (Subscription, error)
}

// Publication is what a broker makes of a published stream.
type Publication interface {
	// Message takes an audio, video or data message, whose payload is the publication's to keep. Each of the client's flows has a
	// goroutine of its own, so several may come at once.
	Message(m Message)
	// Close says that the client has stopped, or is gone. Nothing is called after it begins but Messages that were under way.
	Close()
}

// Subscription is what a broker makes of a stream that is played. It sends by the ServerStream's methods.
type Subscription interface {
	// Start says that the client knows that it plays (NetStream.Play.Start): messages may be sent.
	Start()
	// Changed says that ServerStream.ReceivesAudio, ReceivesVideo or Paused has changed.
	Changed()
	// Close says that the client has stopped, or is gone.
	Close()
}
