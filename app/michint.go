package app

import "time"

// micHint is whether somebody speaks into a microphone that is muted.
type micHint struct {
	since time.Time // sound has come from it; zero: it is quiet
	heard time.Time // last
	told  time.Time // the hint was last given
	due   bool
}

const (
	mutedHint = "You are muted. Press M, or hold Space, to be heard."
	// speaksMuted is how long one must speak until it is said: longer than a cough. hintPause is the quiet that ends it.
	speaksMuted = 700 * time.Millisecond
	hintPause   = 400 * time.Millisecond
	// hintStays is how long the hint is there, and hintAgain how long after it comes no other.
	hintStays = 4 * time.Second
	hintAgain = 30 * time.Second
)

// next takes in how loud the microphone is.
func (h micHint) next(muted bool, level float64, now time.Time) micHint {
	if !muted {
		return micHint{told: h.told}
	}
	if level >= speakingLevel {
		if h.since.IsZero() || now.Sub(h.heard) > hintPause {
			h.since = now
		}
		h.heard = now
	}
	speaks := !h.since.IsZero() && now.Sub(h.heard) <= hintPause && h.heard.Sub(h.since) >= speaksMuted
	if speaks && (h.told.IsZero() || now.Sub(h.told) >= hintAgain) {
		h.told = now
	}
	h.due = !h.told.IsZero() && now.Sub(h.told) < hintStays
	return h
}
