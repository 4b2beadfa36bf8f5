package flash


import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// PeerID names a peer: the fingerprint of its certificate.
type PeerID = flashcrypto.Fingerprint

// Config is what a NetConnection needs.
type Config struct {
	// Endpoint carries the service leg and all peer sessions; the NetConnection owns it.
	Endpoint *rtmfp.Endpoint
	// NearID is the endpoint's own peer ID.
	NearID PeerID
	// MaxPeerConnections bounds peers, in + out together; 0 means 8. Lowering hits only new inbound peers.
	MaxPeerConnections int
	Log                *slog.Logger
}

// NetConnection is the connection to a rendezvous service and the home of all
// peer sessions of one endpoint. Peers outlive the service leg (a departure from RFC 7425 §5.3).
type NetConnection struct{}

// NewNetConnection takes over the endpoint: it accepts its sessions from now on.
func NewNetConnection(cfg Config) *NetConnection { panic("stub") }

// Connect connects to rtmfp://host[:port][/app…]: it resolves, opens the session, sends
// connect with args (a developer key, say) and setPeerInfo, and obeys keep-alive (user control 41).
// After a Closed or Failed status it may be called again. A refusal is a *StatusError;
// an unreachable service is rtmfp.ErrNoAnswer or ctx's error.
func (nc *NetConnection) Connect(ctx context.Context, uri string, args ...amf.Value) error {
	panic("stub")
}

// Connected reports whether the service leg is up.
func (nc *NetConnection) Connected() bool { panic("stub") }

// Disconnect closes the service leg alone; peers stay.
func (nc *NetConnection) Disconnect() { panic("stub") }

// NearID is our own peer ID.
func (nc *NetConnection) NearID() PeerID { panic("stub") }

// Call invokes a command at the service and waits for its _result (the values after the command object).
func (nc *NetConnection) Call(ctx context.Context, command string, args ...amf.Value) ([]amf.Value, error) {
	panic("stub")
}

// Invoke sends a command without a responder (transaction 0), like "relay".
func (nc *NetConnection) Invoke(command string, args ...amf.Value) error { panic("stub") }

// Next returns the next event of the service leg: an Invocation by the service
// (onRelay) or a Status (NetConnection.Connect.Closed …). The queue is bounded: beyond it
// invocations are dropped.
func (nc *NetConnection) Next(ctx context.Context) (Event, error) { panic("stub") }

// OpenPeer returns the session with a peer, or opens one: through the connected service as
// introducer, and at the candidate addresses, if any. ErrTooManyPeers beyond MaxPeerConnections.
func (nc *NetConnection) OpenPeer(ctx context.Context, id PeerID, candidates ...netip.AddrPort) (*Peer, error) {
	panic("stub")
}

// AcceptPeer returns the next peer that opened a session to us.
func (nc *NetConnection) AcceptPeer(ctx context.Context) (*Peer, error) { panic("stub") }

// SetMaxPeerConnections changes the bound on peers.
func (nc *NetConnection) SetMaxPeerConnections(n int) { panic("stub") }

// Publish offers a stream to peers under a name. onPeerConnect decides, if not nil, about each
// subscriber, on the NetConnection's goroutine (it must not block). Plays that wait for the name are considered at once.
func (nc *NetConnection) Publish(name string, onPeerConnect func(*Peer) bool) (*PublishStream, error) {
	panic("stub")
}

// UnconnectedPeerStreams are the plays that wait for a name nobody publishes yet.
func (nc *NetConnection) UnconnectedPeerStreams() []PendingPlay { panic("stub") }

// Close closes everything, the endpoint too, and waits.
func (nc *NetConnection) Close() error { panic("stub") }

// PendingPlay is a play whose stream is not published yet.
type PendingPlay struct {
	Peer *Peer
	Name string
}

// Peer is a session with another peer.
type Peer struct{}

// ID is the far end's peer ID, proved by the handshake.
func (p *Peer) ID() PeerID { panic("stub") }

// Session is the RTMFP session: nonces, stats, keep-alive, Done.
func (p *Peer) Session() *rtmfp.Session { panic("stub") }

// Inbound reports whether the far end opened the session.
func (p *Peer) Inbound() bool { panic("stub") }

// AcceptFlow returns the next flow from the peer whose metadata begins with another signature than "TC" (calls use one for
// their signals). The backlog is bounded; flows beyond it are rejected.
func (p *Peer) AcceptFlow(ctx context.Context) (*rtmfp.RecvFlow, error) { panic("stub") }

// Play subscribes to a stream of the peer and returns at once; the publisher's answers arrive as messages.
func (p *Peer) Play(name string) (*PlayStream, error) { panic("stub") }

// Close closes the session.
func (p *Peer) Close() error { panic("stub") }

// PublishStream is a NetStream that publishes directly to peers.
type PublishStream struct{}

// Send invokes handler at all subscribers, reliably and in order.
func (s *PublishStream) Send(handler string, args ...amf.Value) error { panic("stub") }

// Write sends an audio or video message to every subscriber that receives that
// medium. It never blocks: where a subscriber's flow is full the message is
// dropped there. Messages not delivered within lifetime are abandoned (0: never). The payload is copied.
func (s *PublishStream) Write(m Message, lifetime time.Duration) error { panic("stub") }

// PeerStreams are the subscribers.
func (s *PublishStream) PeerStreams() []*PeerStream { panic("stub") }

// Changed gets a value (capacity one, coalesced) when the subscribers or what they receive have changed.
func (s *PublishStream) Changed() <-chan struct{} { panic("stub") }

// Close unpublishes: subscribers get NetStream.Play.UnpublishNotify and the flows close.
func (s *PublishStream) Close() error { panic("stub") }

// PeerStream is one subscriber of a PublishStream.
type PeerStream struct{}

// Peer is the subscriber.
func (s *PeerStream) Peer() *Peer { panic("stub") }

// ReceivesAudio and ReceivesVideo tell what the subscriber asked for (receiveAudio, receiveVideo).
func (s *PeerStream) ReceivesAudio() bool { panic("stub") }

// ReceivesVideo tells whether the subscriber wants video.
func (s *PeerStream) ReceivesVideo() bool { panic("stub") }

// PlayStream is a NetStream that plays from a peer.
type PlayStream struct{}

// Read returns the next message: audio and video in network order (newest wins: the oldest media are
// dropped when the reader is slow), data and status in order. io.EOF when the publisher ended the stream.
func (s *PlayStream) Read(ctx context.Context) (Message, error) { panic("stub") }

// ReceiveAudio and ReceiveVideo ask the publisher to start or stop that medium.
func (s *PlayStream) ReceiveAudio(on bool) error { panic("stub") }

// ReceiveVideo asks the publisher to start or stop video.
func (s *PlayStream) ReceiveVideo(on bool) error { panic("stub") }

// Close ends the subscription.
func (s *PlayStream) Close() error { panic("stub") }
