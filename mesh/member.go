package mesh

import (
	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp/flash"
)

// Member is another member of a call.
type Member struct {
	Name      string // of a dialled one: what it was called by; else what it calls itself
	PeerID    flash.PeerID
	Identity  trust.Identity // proved in the session; zero: none
	State     State          // of our connection to him
	Rings     bool           // we are calling, and it rings there
	Proved    bool           // a session has proved the peer ID
	OldClient bool           // it speaks none of our signals, or has the old cryptography: it can prove no identity
	Session   SessionProof   // what its identity is proved by; zero without Identity
}

// SessionProof is the RTMFP session that a proof binds an identity to, for experts. Two phones with a session between them
// show the same values, near and far exchanged.
type SessionProof struct {
	Initiator           bool         // the near end opened the session
	NearNonce, FarNonce [32]byte     // RFC 7425 §4.6.5
	Near, Far           flash.PeerID // the fingerprints of the certificates
}

// Members are the other members of the call, and those who are being called.
func (c *Call) Members() []Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []Member
	for _, g := range c.legs {
		if !g.absent || g.status.State != joining {
			all = append(all, g.memberNow())
		}
	}
	return all
}

// asMember is the far end.
func (g *leg) asMember() Member {
	g.call.mu.Lock()
	defer g.call.mu.Unlock()
	return g.memberNow()
}

// memberNow is asMember with the call's mu held.
func (g *leg) memberNow() Member {
	m := g.member
	m.Name, m.PeerID, m.Proved, m.State = g.name, g.peerID, g.proved, g.status.State
	m.Rings = m.State == Calling && g.status.Detail == DetailRinging
	if m.State == joining {
		m.State = Connecting
	}
	return m
}
