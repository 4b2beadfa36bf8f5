package mesh

import (
	"context"
	"log/slog"
	"net/netip"

	"sundog.dev/sundog/rtmfp/flash"
)

// Config is what an Agent needs.
type Config struct {
	// Name is the user's own name as others see it. Called when a call begins.
	Name func() string
	// Policy decides who may ring. nil admits anyone.
	Policy Policy
	// Media is sound and picture; nil: calls have none.
	Media Media
	// AutoAccept answers admitted calls at once (an answering bot, the echo).
	AutoAccept bool
	// Log receives what an operator may want to know; nil discards it.
	Log *slog.Logger
}

// Policy decides about callers. It must not block.
type Policy interface {
	// Admit returns "" to let the caller ring, or the reason to refuse (Declined, Busy, Blocked). A caller may be
	// put to it twice: unproved, when the relay announces it, and again when its session has proved it.
	Admit(Caller) Reason
}

// Caller is somebody who calls.
type Caller struct {
	Name   string
	PeerID flash.PeerID
	Proved bool // the peer session proved the peer ID
}

// Target is where somebody can be reached.
type Target struct {
	Name       string // as registered, to take the place of what the user typed; "": keep that
	Conn       *flash.NetConnection
	PeerID     flash.PeerID
	Candidates []netip.AddrPort // addresses to try besides the introduction by the service
}

// Resolver finds somebody; its error tells why not: idmanager.ErrUnknownName, idmanager.ErrOffline,
// flash.ErrNotConnected, an UnresolvedError, or anything else for an unreachable directory.
type Resolver func(ctx context.Context) (Target, error)
