package uplink

import "time"

// Steady divides an uplink so that what people see does not flap: sizes, layers and the mode follow at once when the uplink or a
// path falls, and only after a while when one rises, by more than it varies by itself. Bitrates, which nobody sees change, follow
// at once both ways. When something else changes (who is there, what they show, who speaks) so does the division at once, by
// what is known to last. It belongs to one goroutine.
type Steady struct {
	uplink held
	paths  map[string]*held
}

// NewSteady is a Steady that has seen nothing yet.
func NewSteady() *Steady { return &Steady{paths: map[string]*held{}} }

// Divide is Divide, with sizes, layers and the mode decided by what has lasted until now, since any epoch.
func (s *Steady) Divide(now time.Duration, r Request) Division {
	r.withDefaults()
	r.Carries = s.uplink.follow(now, r.Carries)
	r.paths = make([]float64, len(r.Receivers))
	there := make(map[string]bool, len(r.Receivers))
	for i, v := range r.Receivers {
		there[v.ID] = true
		if v.Path <= 0 {
			continue
		}
		h := s.paths[v.ID]
		if h == nil {
			h = &held{}
			s.paths[v.ID] = h
		}
		r.paths[i] = h.follow(now, v.Path)
	}
	for id := range s.paths {
		if !there[id] {
			delete(s.paths, id)
		}
	}
	return Divide(r)
}

// held is a rate that falls at once and rises late.
//
//	  rate   ╭╮  ╭─╮       ╭──╮   ╭───────────────
//	 ╭─╮    ╭╯╰──╯ ╰╮ ╭╮  ╭╯  ╰───╯
//	─╯ ╰────╯       ╰─╯╰──╯            ╭──────────   riseAfter later, by the least since then
//	───╮                               │
//	   ╰───────────────────────────────╯   held
type held struct {
	value  float64
	above  time.Duration // since when the rate has been so much higher; 0: it is not
	least  float64       // of it since then
	wait   time.Duration
	rose   time.Duration
	before float64 // it rose
}

// follow takes in the rate at a moment and returns the one to decide by.
func (h *held) follow(now time.Duration, rate float64) float64 {
	switch {
	case h.value == 0:
		h.value, h.wait, h.rose = rate, riseAfter, now
	case rate < h.value:
		if h.before > 0 && now-h.rose < riseTrial && rate < h.value*(1-riseShare) {
			h.wait = min(2*h.wait, riseMost)
			h.before = 0
		}
		h.value, h.above = rate, 0
	case rate < h.value*(1+riseShare):
		h.above = 0
	case h.above == 0:
		h.above, h.least = now, rate
	default:
		h.least = min(h.least, rate)
		if now-h.above >= h.wait {
			h.before, h.value, h.rose, h.above = h.value, h.least, now, 0
		}
	}
	if h.wait > riseAfter && now-h.rose > riseKept {
		h.wait = riseAfter
	}
	return h.value
}
