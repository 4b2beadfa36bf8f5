package mesh

import (
	"context"
	"crypto"
	"log/slog"
	"net/netip"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// Config is what an Agent needs.
type Config struct {
	// Name is the user's own name as others see it. Called when a call begins.
	Name func() string
	// Identity is our identity key (Ed25519). With one, each session proves it, and nothing of a far end that speaks our signals
	// counts before it has proved its own. nil proves nothing and asks for nothing: for tests of the rest.
	Identity crypto.Signer
	// Compare begins the comparison of short strings by itself in each call. Without it the phone takes part only once the
	// user has asked for it (Call.CompareAgain); the other end then names us as silent.
	Compare bool
	// Policy decides who may ring, and whom we talk to. nil admits anyone.
	Policy Policy
	// MaxPeers is how many others may be in a conference with us: maxPeerConnections. 0: 8. The NetConnection's own bound must
	// be above it, for somebody more to be told that the conference is full.
	MaxPeers int
	// Uplink is what our uplink is known to carry, in bit/s (Agent.KnownUplink); 0: it is not known.
	Uplink int
	// Media is sound and picture; nil: calls have none.
	Media Media
	// AutoAccept answers admitted calls at once (an answering bot, the echo).
	AutoAccept bool
	// Log receives what an operator may want to know; nil discards it.
	Log *slog.Logger
}

// Policy decides about far ends: callers, and whoever answers our calls. It must not block, and is asked from several goroutines.
type Policy interface {
	// Admit returns "" to go on, or the reason to refuse (Declined, Busy, Blocked, IdentityChanged, TooOld), which the far end
	// is told, or NeedsProof.
	//
	// A caller is put to it before the phone rings, maybe several times: when the relay announces it (not Proved),
	// when its session has proved it (Proved, Identity) and when it turns out to be an old client (Proved, OldClient).
	// We prove our own identity to a caller only after it was admitted with its identity.
	//
	// Whoever answers our call (Called) is put to it once it has proved itself, before anything that it says counts, or when
	// it turns out to be an old client. The name is then the one that was called. It is put to it, too, when it speaks our signals
	// and proves nothing (Proved, no Identity, no OldClient): the call ends in any case, with IdentityChanged if that is the answer.
	//
	// The members of a conference (Member) were let in by others; only somebody who is blocked should be refused.
	Admit(FarEnd) Reason
}

// NeedsProof is a Policy's answer about a caller that the relay announces, or an old client: only who proves its identity may
// ring. An announced caller then has as long as its call can last to do so; an old client is refused as TooOld. No call ends
// with this reason.
const NeedsProof Reason = "needs_proof"

// FarEnd is the other end of a call, as far as it is known.
type FarEnd struct {
	Name      string // of a caller: what it calls itself; of somebody we called: what it was called by
	PeerID    flash.PeerID
	Proved    bool           // the peer session proved the peer ID
	Identity  trust.Identity // proved in this session; zero: none
	OldClient bool           // it speaks none of our signals, or the session has the old cryptography
	Called    bool           // we called them
	Member    bool           // a member of the conference that we are in, or somebody who asks to be let in by an invitation to it
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
