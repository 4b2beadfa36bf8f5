package uplink

import (
	"cmp"
	"slices"
	"time"
)

// Steady divides an uplink so that what people see does not flap: sizes, layers and the mode follow at once when the uplink or a
// path falls, and only after a while when one rises, by more than it varies by itself. Bitrates, which nobody sees change, follow
// at once both ways. When something else changes (who is there, what they show, who speaks) so does the division at once, by
// what is known to last. It belongs to one goroutine.
type Steady struct {
	uplink held
	paths  map[string]*path
}

// path is what is known of the path to one receiver.
type path struct {
	held
	since   time.Duration // it has been there
	limited bool          // it kept the receiver from more
	probe   time.Duration // since when, or from when on, more is tried of it
}

// NewSteady is a Steady that has seen nothing yet.
func NewSteady() *Steady { return &Steady{paths: map[string]*path{}} }

// Divide is Divide, with sizes, layers and the mode decided by what has lasted until now, since any epoch.
func (s *Steady) Divide(now time.Duration, r Request) Division {
	r.withDefaults()
	r.Carries = s.uplink.follow(now, r.Carries, r.Beginning)
	r.paths = make([]float64, len(r.Receivers))
	r.probes = make([]bool, len(r.Receivers))
	there := make(map[string]bool, len(r.Receivers))
	for i, v := range r.Receivers {
		there[v.ID] = true
		p := s.paths[v.ID]
		if p == nil {
			p = &path{since: now}
			s.paths[v.ID] = p
		}
		if v.Path > 0 {
			r.paths[i] = p.follow(now, v.Path, now-p.since < pathBegins)
		}
		r.probes[i] = p.isProbed(now)
	}
	for id := range s.paths {
		if !there[id] {
			delete(s.paths, id)
		}
	}
	d := Divide(r)
	for i, sh := range d.Shares {
		p := s.paths[r.Receivers[i].ID]
		if sh.PathLimited && !p.limited {
			p.probe = now + probePathAfter
		}
		p.limited = sh.PathLimited
	}
	return d
}

// isProbed reports whether it is time to try more of a path that keeps its receiver from more.
func (p *path) isProbed(now time.Duration) bool {
	if !p.limited || now < p.probe {
		return false
	}
	if now-p.probe >= probePathFor {
		p.probe = now + probePathEvery
		return false
	}
	return true
}

// held is a rate that falls at once and rises late: to the least of the last riseAfter, if that is enough more.
//
//	  rate   ╭╮  ╭─╮       ╭──╮   ╭───────────────
//	 ╭─╮    ╭╯╰──╯ ╰╮ ╭╮  ╭╯  ╰───╯
//	─╯ ╰────╯       ╰─╯╰──╯            ╭──────────
//	───╮                               │
//	   ╰───────────────────────────────╯   held
type held struct {
	value  float64
	late   []moment // since the value's last fall, of the time that a rise waits
	wait   time.Duration
	rose   time.Duration
	before float64 // it rose
}

// moment is a rate and when it was so.
type moment struct {
	at   time.Duration
	rate float64
}

// follow takes in the rate at a moment and returns the one to decide by. begins says that it is only about to be found out: it rises at
// once.
func (h *held) follow(now time.Duration, rate float64, begins bool) float64 {
	if h.value == 0 || begins && rate > h.value {
		h.value, h.wait, h.rose = rate, riseAfter, now
	}
	if h.wait > riseAfter && now-h.rose > riseKept {
		h.wait = riseAfter
	}
	if rate < h.value {
		if h.before > 0 && now-h.rose < riseTrial && rate < h.value*(1-riseShare) && rate > h.before*(1-2*riseShare) {
			h.wait = min(2*h.wait, riseMost)
			h.before = 0
		}
		h.value, h.late = rate, h.late[:0]
		return rate
	}
	for len(h.late) > 1 && now-h.late[1].at >= h.wait {
		h.late = slices.Delete(h.late, 0, 1)
	}
	h.late = append(h.late, moment{now, rate})
	if now-h.late[0].at < h.wait {
		return h.value
	}
	least := slices.MinFunc(h.late, func(a, b moment) int { return cmp.Compare(a.rate, b.rate) }).rate
	if least >= h.value*(1+riseShare) {
		h.before, h.value, h.rose = h.value, least, now
	}
	return h.value
}
