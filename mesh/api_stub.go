// Package mesh is calls: the call state machine, its signals and policies.
package mesh


import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

// State of a call.
type State string

// The states: Calling | Ringing → Connecting → InCall ⇄ Reconnecting → Ended.
const (
	Calling      State = "calling"
	Ringing      State = "ringing"
	Connecting   State = "connecting"
	InCall       State = "in_call"
	Reconnecting State = "reconnecting"
	Ended        State = "ended"
)

// Reason is why a call ended.
type Reason string

// The reasons.
const (
	Hangup             Reason = "hangup"
	Declined           Reason = "declined"
	Busy               Reason = "busy"
	NoAnswer           Reason = "no_answer"
	Cancelled          Reason = "cancelled"
	UnknownName        Reason = "unknown_name"
	Offline            Reason = "offline"
	ServiceUnreachable Reason = "service_unreachable"
	NoPath             Reason = "no_path"
	Blocked            Reason = "blocked"
	TooOld             Reason = "too_old"
	IdentityChanged    Reason = "identity_changed"
	PeerLost           Reason = "peer_lost"
	Removed            Reason = "removed"
	Full               Reason = "full"
)

// Sentence says to the user what happened, what was tried and what to do. name is the other person,
// where the directory's or service's host ("" if none).
func (r Reason) Sentence(name, where string) string { panic("stub") }

// Config is what an Agent needs.
type Config struct {
	// Name is the user's own name as others see it. Called when a call begins.
	Name func() string
	// Policy decides who may ring. nil admits anyone.
	Policy Policy
	// Media is sound and picture.
	Media Media
	// AutoAccept answers admitted calls at once (an answering bot, the echo).
	AutoAccept bool
	Log        *slog.Logger
}

// Policy decides about callers. It must not block.
type Policy interface {
	// Admit returns "" to let the caller ring, or the reason to refuse (Declined, Busy, Blocked).
	Admit(Caller) Reason
}

// Caller is somebody who calls.
type Caller struct {
	Name   string
	PeerID flash.PeerID
	Proved bool // the peer session proved the peer ID
}

// Agent makes and takes calls over one or more NetConnections (one for each service).
// It is the phone's user agent; one call at a time in this version.
type Agent struct{}

// NewAgent starts an agent.
func NewAgent(cfg Config) *Agent { panic("stub") }

// Attach lets the agent take calls on a NetConnection: it reads its events (Next) and peers (AcceptPeer) from now on,
// until Detach, the connection's Close, or the agent's. Status events of the service leg are passed to onStatus.
func (a *Agent) Attach(nc *flash.NetConnection, onStatus func(flash.Status)) { panic("stub") }

// Detach ends Attach and waits. Calls over the connection end.
func (a *Agent) Detach(nc *flash.NetConnection) { panic("stub") }

// Target is where somebody can be reached.
type Target struct {
	Conn       *flash.NetConnection
	PeerID     flash.PeerID
	Candidates []netip.AddrPort // addresses to try besides the introduction by the service
}

// Resolver finds somebody; its error tells why not: idmanager.ErrUnknownName, idmanager.ErrOffline,
// flash.ErrNotConnected, or anything else for an unreachable directory.
type Resolver func(ctx context.Context) (Target, error)

// Dial calls somebody. The call is in state Calling at once; the resolver runs in the background.
// ErrBusy while another call is not ended (a call that is Reconnecting does not count: it stays and another may be made).
func (a *Agent) Dial(name string, resolve Resolver) (*Call, error) { panic("stub") }

// NextIncoming returns the next call that rings.
func (a *Agent) NextIncoming(ctx context.Context) (*Call, error) { panic("stub") }

// Close ends all calls (hangup) and waits. The NetConnections stay open.
func (a *Agent) Close() error { panic("stub") }

type meshError string

func (e meshError) Error() string { return string(e) }

// Errors that callers may act on.
const (
	ErrBusy  = meshError("mesh: another call is going on")
	ErrEnded = meshError("mesh: the call has ended")
)

// Call is one call of two.
type Call struct{}

// Name is the other person's name.
func (c *Call) Name() string { panic("stub") }

// PeerID is the other end, zero until resolved.
func (c *Call) PeerID() flash.PeerID { panic("stub") }

// Incoming reports whether the other side called.
func (c *Call) Incoming() bool { panic("stub") }

// Proved reports whether the peer session has proved the other end's peer ID. A ring without proof says so.
func (c *Call) Proved() bool { panic("stub") }

// Status is the present state.
func (c *Call) Status() Status { panic("stub") }

// Next returns the next event of the call, in order, from the first state on; one reader. io.EOF after Ended was read.
func (c *Call) Next(ctx context.Context) (Event, error) { panic("stub") }

// Accept takes a ringing call.
func (c *Call) Accept() error { panic("stub") }

// HangUp ends the call in any state: cancel, decline or bye, as the state says. It does not wait for the other side.
func (c *Call) HangUp() { panic("stub") }

// SendChat sends a line of text in an established call.
func (c *Call) SendChat(text string) error { panic("stub") }

// SetSending tells the other side whether we now send sound and picture (mute, camera off), so that it can show it.
func (c *Call) SetSending(audio, video bool) { panic("stub") }

// Stats is a snapshot of the path to the other side.
func (c *Call) Stats() Stats { panic("stub") }

// Status is a call's state with what belongs to it.
type Status struct {
	State       State
	Reason      Reason        // when Ended
	Why         string        // when Reconnecting: a sentence
	Detail      string        // when Ended: what was tried, for the log and the JSON event; may be empty
	Established time.Time     // when InCall was first reached
	Silent      time.Duration // when Reconnecting: since when nothing was heard
}

// Event is a StateChanged, ChatLine or FarSending.
type Event interface{ meshEvent() }

// StateChanged says that the call has a new state.
type StateChanged struct{ Status Status }

// ChatLine is a line of text from the other side.
type ChatLine struct{ From, Text string }

// FarSending says whether the other side sends sound and picture.
type FarSending struct{ Audio, Video bool }

func (StateChanged) meshEvent() {}
func (ChatLine) meshEvent()     {}
func (FarSending) meshEvent()   {}

// Stats describes the path of a call.
type Stats struct {
	RTT      time.Duration
	Loss     float64 // share of data packets lost since the previous snapshot, 0..1
	SendKbps float64 // UDP payload since the previous snapshot
	RecvKbps float64
	Path     string // "direct", "relay", ""
	FarAddr  netip.AddrPort
}

// FrameKind is audio or video.
type FrameKind uint8

// The kinds of frame.
const (
	AudioFrame FrameKind = iota // one Opus packet, 20 ms
	VideoFrame                  // one H.264 access unit, Annex B
)

// Frame is an encoded frame on its way.
type Frame struct {
	Kind FrameKind
	Key  bool      // video: a key frame
	Due  time.Time // when the source frame was due, on the sender's clock (ms on the wire)
	Data []byte
}

// Media is what calls ask of sound and picture. A session is opened after both sides have accepted,
// never before: nothing is captured, sent or decoded until then.
type Media interface {
	OpenMedia(c *Call, out MediaOut) (MediaSession, error)
}

// MediaOut takes encoded frames of the near end; its methods never block.
type MediaOut interface {
	// SendFrame sends a frame. Data is copied.
	SendFrame(Frame)
	// RequestKeyFrame asks the far end for a key frame; repeated calls are rate-limited.
	RequestKeyFrame()
}

// MediaSession is the media side of one call. Its methods must not block.
type MediaSession interface {
	// ReceiveFrame takes a frame of the far end; Data belongs to the session.
	ReceiveFrame(Frame)
	// KeyFrameRequested says that the far end needs a key frame.
	KeyFrameRequested()
	// SetBudget says how much video and audio may be sent from now on, in bit/s.
	SetBudget(bitsPerSecond int)
	// Close ends capture, encoding and decoding, and waits for them.
	Close() error
}
