package mesh


import (
	"context"
	"net/netip"
	"time"

	"sundog.dev/sundog/rtmfp/flash"
)

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

// Dial calls somebody. The call is in state Calling at once; the resolver runs in the background.
// ErrBusy while another call is not ended (a call that is Reconnecting does not count: it stays and another may be made).
func (a *Agent) Dial(name string, resolve Resolver) (*Call, error) { panic("stub") }

// NextIncoming returns the next call that rings.
func (a *Agent) NextIncoming(ctx context.Context) (*Call, error) { panic("stub") }

// Close ends all calls (hangup) and waits. The NetConnections stay open.
func (a *Agent) Close() error { panic("stub") }

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

// Stats describes the path of a call.
type Stats struct {
	RTT      time.Duration
	Loss     float64 // share of data packets lost since the previous snapshot, 0..1
	SendKbps float64 // UDP payload since the previous snapshot
	RecvKbps float64
	Path     string // "direct", "relay", ""
	FarAddr  netip.AddrPort
}

