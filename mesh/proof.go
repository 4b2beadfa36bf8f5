package mesh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sundog.dev/sundog/mesh/trust"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
)

// The proofs of identity on a session, one each way, once (package trust). The caller's comes right before its first invite in
// the session, the callee's when its policy has admitted the caller. Until the far end's has come and is right, nothing counts
// of what it says about calls; see believed.

// What goes over the wire as the reason of a reject or bye, besides the Reasons: see Trouble.
const (
	wireProofRefused Reason = "proof_refused"
	wireSameKey      Reason = "same_key"
)

// Errors about proofs, for a call's Detail.
const (
	errSecondProof   = meshError("mesh: a second proof in one session")
	errProofMissing  = meshError("the other program speaks this one's signals but did not prove who it is")
	errOldClient     = meshError("the other program speaks none of this one's signals, so it cannot prove who it is")
	errNoRooms       = meshError("the other program cannot be in a conference with this one")
	errOtherIdentity = meshError("another identity than before in this call")
	errRemembered    = meshError("another identity than the remembered one")
	errSameKey       = meshError("both phones have the same identity key: one profile is used on both")
	errTheyRefused   = meshError("the other phone refused the proof of our identity")
	errTheyRemember  = meshError("the other phone remembers another identity for us")
)

// proofs are both proofs of a link.
type proofs struct {
	sent     bool           // ours went
	message  []byte         // theirs
	identity trust.Identity // what it proves; zero: nothing yet
}

// proves reports whether proofs go over this link: not without a key, and not with the cryptography of old clients.
func (l *link) proves() bool { return l.agent.cfg.Identity != nil && !l.old }

// identity is what the far end has proved; zero: nothing.
func (l *link) identity() trust.Identity {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.proofs.identity
}

// believed reports whether what the far end says about calls counts.
func (l *link) believed() bool { return !l.proves() || l.identity() != trust.Identity{} }

// trustSession is what proofs on this link are bound to.
func (l *link) trustSession() trust.Session {
	s := l.peer.Session()
	return trust.Session{
		Initiator: s.Initiator(), NearNonce: s.NearNonce(), FarNonce: s.FarNonce(),
		Near: s.NearCertificate(), Far: s.FarCertificate(), Own: l.agent.certificatesBut(l.at),
	}
}

// certificatesBut are those of our other endpoints.
func (a *Agent) certificatesBut(at *attachment) []rtmfp.Certificate {
	a.mu.Lock()
	defer a.mu.Unlock()
	var own []rtmfp.Certificate
	for nc, other := range a.attached {
		if other != at {
			own = append(own, nc.NearCertificate())
		}
	}
	return own
}

// prove sends our proof, once in a session. It is nobody's business to call it before the policy has admitted a caller.
func (l *link) prove() error {
	if !l.proves() {
		return nil
	}
	s := l.trustSession()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.proofs.sent {
		return nil
	}
	message, err := trust.Prove(s, l.agent.cfg.Identity)
	if err != nil {
		return err
	}
	if err := l.write(signal{kind: sigProof, message: message}); err != nil {
		return err
	}
	l.proofs.sent = true
	return nil
}

// takeProof takes the far end's proof. After an error there is no use for the session.
func (l *link) takeProof(message []byte) error {
	if !l.proves() {
		return nil
	}
	l.mu.Lock()
	before := l.proofs.message
	l.mu.Unlock()
	if before != nil {
		if bytes.Equal(before, message) {
			return nil
		}
		return errSecondProof
	}
	identity, err := trust.Verify(l.trustSession(), l.agent.identity, message)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.proofs.message, l.proofs.identity = slices.Clone(message), identity
	l.mu.Unlock()
	close(l.trusted) // a second proof does not get here
	return nil
}

// farProved tells the calls with a peer that it has proved its identity.
func (a *Agent) farProved(ctx context.Context, l *link) {
	for _, g := range a.legsWith(l.id) {
		g.post(ctx, input{link: l, proof: true})
	}
}

// refuseProof ends the calls with a peer whose proof is wrong, answers the invite that is on its way, and closes the session.
func (l *link) refuseProof(ctx context.Context, f *rtmfp.RecvFlow, why error) {
	l.agent.log.Warn("a proof of identity was refused", "peer", l.id.String(), "error", why)
	trouble := ProofRefused
	if errors.Is(why, trust.ErrOwnIdentity) {
		trouble, why = SameKey, errSameKey
	}
	for _, g := range l.agent.legsWith(l.id) {
		g.post(ctx, refusal{IdentityChanged, trouble, why}.input(l))
	}
	wait, cancel := context.WithTimeout(ctx, refusalWait)
	defer cancel()
	for range signalsBurst {
		b, err := f.Read(wait)
		if err != nil {
			break
		}
		if s, err := parseSignal(b); err == nil && s.kind == sigInvite {
			_ = l.send(signal{kind: sigReject, call: s.call, reason: wireReason(IdentityChanged, trouble)})
			break
		}
	}
	l.flush()
	_ = l.peer.Close()
}

// wireReason is how a far end is told why.
func wireReason(r Reason, t Trouble) Reason {
	switch {
	case r != IdentityChanged:
		return r
	case t == SameKey:
		return wireSameKey
	case t == ProofRefused:
		return wireProofRefused
	case t == ProofMissing:
		return TooOld // it is not we who know another key
	}
	return r
}

// farTrouble takes a far end's reason for the trouble that it means, and what to tell of it.
func farTrouble(r Reason) (Trouble, error) {
	switch r {
	case IdentityChanged:
		return OurKeyChanged, errTheyRemember
	case wireSameKey:
		return SameKey, errSameKey
	case wireProofRefused:
		return ProofRefused, errTheyRefused
	}
	return "", nil
}

// farEnd is who is at the other end of the link.
func (l *link) farEnd(name string) FarEnd {
	return FarEnd{Name: name, PeerID: l.id, Proved: true, Identity: l.identity()}
}

// sessionProof is what the identity is proved by.
func (l *link) sessionProof() SessionProof {
	s := l.peer.Session()
	p := SessionProof{Initiator: s.Initiator(), Near: flash.PeerID(s.NearCertificate().Fingerprint()), Far: l.id}
	copy(p.NearNonce[:], s.NearNonce())
	copy(p.FarNonce[:], s.FarNonce())
	return p
}

// surelyOld reports whether the far end is refused, if old clients are.
func (l *link) surelyOld(now time.Time) bool {
	if l.isReady() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.old || l.refused || now.Sub(l.opened) >= oldClientWait
}

// refusalOf is the policy's answer, as a call may end with it.
func (a *Agent) refusalOf(f FarEnd) refusal {
	r := refusal{reason: a.admit(f)}
	switch {
	case r.reason == NeedsProof, r.reason == TooOld && f.OldClient:
		r.reason, r.err = TooOld, errOldClient
	case r.reason == IdentityChanged:
		r.trouble, r.err = TheirKeyChanged, fmt.Errorf("%w: %s", errRemembered, f.Identity)
	}
	return r
}
