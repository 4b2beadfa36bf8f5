package phone

import (
	"time"

	"sundog.dev/sundog/media"
	"sundog.dev/sundog/mesh"
)

const (
	// doorbellRest is the least between two equal tones of one call: of several people who come together, one is heard.
	doorbellRest = 2 * time.Second
	// thereBefore is how long after we have come into a call those who appear in it were there before, and are no news.
	thereBefore = 3 * time.Second
)

// doorbell lets the user of a phone that rings hear that somebody has come into a call or has gone. It belongs to whoever reads the
// call's events.
type doorbell struct{ joined, left time.Time } // when each tone was heard last

// tell is told an event of a call, and plays its tone on the loudspeaker of that call.
func (d *doorbell) tell(c *Call, ev Event) {
	r := c.phone.ringer
	if r == nil {
		return
	}
	if tone := d.tone(r, ev, c.Status().Established, time.Now()); tone != nil {
		if s := c.phone.media.session(c.call); s != nil && audible(c.phone.media.speaker()) {
			s.hearing.play(tone)
		}
	}
}

// tone is what is to be heard of an event; nil: nothing.
func (d *doorbell) tone(r *ringer, ev Event, established, now time.Time) *media.Ring {
	if r.quiet.Load() {
		return nil
	}
	due := func(last *time.Time, tone *media.Ring) *media.Ring {
		if now.Sub(*last) < doorbellRest {
			return nil
		}
		*last = now
		return tone
	}
	switch ev := ev.(type) {
	case MemberJoined:
		if now.Sub(established) >= thereBefore {
			return due(&d.joined, r.join)
		}
	case MemberLeft:
		switch ev.Reason {
		case mesh.Hangup, mesh.Removed, mesh.PeerLost: // others have never come
			return due(&d.left, r.leave)
		}
	}
	return nil
}

// play plays a tone once, beside those who are heard.
func (h *hearing) play(tone *media.Ring) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.player != nil {
		h.player.Play(tone)
	}
}

// SetTones says whether it is to be heard that somebody comes into a call or goes. It is, at first, on a phone that rings.
func (p *Phone) SetTones(on bool) {
	if p.ringer != nil {
		p.ringer.quiet.Store(!on)
	}
}
