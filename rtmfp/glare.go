package rtmfp

import (
	"bytes"
	"net/netip"
	"time"
)

// nearPrevails reports whether the near end's certificate is ordered before the far end's or equal, so that
// in glare the near end is the initiator (RFC 7425 §4.3.6).
func (e *Endpoint) nearPrevails(far Certificate) bool {
	return bytes.Compare(e.crypto.Certificate(), far.Bytes()) <= 0
}

// nearPrevailsByID reports whether the near end's peer ID is the greater one. Some old clients go by that instead of the
// certificates (and one of those that prevails so ignores us). An endpoint for old clients cannot know which it has met: it
// insists on being the initiator only where both rules say so, and otherwise answers, as the far end may be waiting for that.
func (e *Endpoint) nearPrevailsByID(far Certificate) bool {
	near, theirs := e.nearFingerprint, far.Fingerprint()
	return bytes.Compare(near[:], theirs[:]) > 0
}

// answeredBy reports whether a session that far opens to us is as good as the one that is being opened to it. Only the
// discriminator of just that identity will do: to others, such as a service's URI, anybody's certificate may fit, and a
// stranger could take the place of the service.
func (o *opening) answeredBy(far Certificate) bool {
	return far.ProvesIdentity() && bytes.Equal(o.epd, far.CanonicalEPD())
}

// ignoresForGlare reports whether an IIKeying of far is to be ignored since the near end is
// opening a session to it, or has just opened one, and prevails (RFC 7016 §3.5.1.3). Glare is found by
// identity rather than by address: several identities may share an address.
func (e *Endpoint) ignoresForGlare(far Certificate, from netip.AddrPort, now time.Time) bool {
	if !e.nearPrevails(far) || e.crypto.OldClients() && !e.nearPrevailsByID(far) {
		return false
	}
	if s := e.byEPD[string(far.CanonicalEPD())]; s != nil {
		return s.initiator && now.Sub(s.created) < glarePeriod
	}
	for _, o := range e.openings {
		if !o.answeredBy(far) {
			continue
		}
		if o.signed == nil {
			o.addCandidate(from, now) // where the far end can be reached, evidently
			e.wake()
		}
		return true
	}
	return false
}

// install makes s the session with its far identity and returns the one that is from now on: s, or an older one
// that prevails. Dials for the identity get it; the other one is closed.
func (e *Endpoint) install(s *Session, now time.Time) *Session {
	if !s.initiator && !s.far.ProvesIdentity() {
		return s // it may be anybody: it neither replaces nor answers anything
	}
	winner, loser := s, e.byEPD[s.epd]
	if loser != nil {
		switch {
		case loser.initiator && s.initiator:
			winner, loser = loser, s // two Dials by different discriminators
		case loser.initiator != s.initiator && now.Sub(loser.created) < glarePeriod:
			// Glare: both sessions got through. The prevailing end's own stays; both ends decide alike.
			if e.nearPrevails(s.far) != s.initiator {
				winner, loser = loser, s
			}
		}
		// Otherwise the far end has forgotten the old session (RFC 7425 §4.3.7): it opened another
		// with the same certificate and has shown the keys.
	}
	e.byEPD[s.epd] = winner
	if loser != nil {
		loser.log.replaced(winner, "another session with the same far end", now)
		loser.closeNear(now)
		e.byEPD[s.epd] = winner // closeNear has removed it if it was the loser's
	}
	for _, o := range e.openings {
		if winner.initiator && winner.far.SelectedBy(o.epd) || o.answeredBy(winner.far) {
			o.finish(winner, nil)
		}
	}
	return winner
}
