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
	probe   time.Duration // when more is tried of it next; while it is, when what it granted was looked at last
	granted float64       // what it granted then; 0: no more is tried
}

// NewSteady is a Steady that has seen nothing yet.
func NewSteady() *Steady { return &Steady{paths: map[string]*path{}} }

// Divide is Divide, with sizes, layers and the mode decided by what has lasted until now, since any epoch.
func (s *Steady) Divide(now time.Duration, r Request) Division {
	r.withDefaults()
	r.Carries = s.uplink.follow(now, r.Carries, r.Afresh)
	r.paths = make([]float64, len(r.Receivers))
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
	}
	r.probes = s.tries(now, &r)
	for id := range s.paths {
		if !there[id] {
			delete(s.paths, id)
		}
	}
	d := Divide(r)
	for i, sh := range d.Shares {
		p := s.paths[r.Receivers[i].ID]
		if sh.PathLimited && !p.limited {
			p.probe, p.granted = now+probePathAfter, 0
		}
		p.limited = sh.PathLimited
	}
	return d
}

// tries says of which paths more is tried: of those that have waited longest, for no more than tryShare of the uplink, but for one
// in any case.
func (s *Steady) tries(now time.Duration, r *Request) []bool {
	tried, sum := make([]bool, len(r.Receivers)), 0.0
	for i, v := range r.Receivers {
		p := s.paths[v.ID]
		if !p.goesOn(now, v.Path) {
			continue
		}
		if sum > 0 && sum+v.Path > tryShare*r.Uplink {
			p.probe, p.granted = now, 0 // the others have come to take so much: it waits
			continue
		}
		tried[i] = true
		sum += v.Path
	}
	for {
		next := -1
		for i, v := range r.Receivers {
			p := s.paths[v.ID]
			if p.limited && p.granted == 0 && now >= p.probe && v.Path > 0 && (next < 0 || p.probe < s.paths[r.Receivers[next].ID].probe) {
				next = i
			}
		}
		if next < 0 || sum > 0 && sum+r.Receivers[next].Path > tryShare*r.Uplink {
			return tried
		}
		p := s.paths[r.Receivers[next].ID]
		p.probe, p.granted = now, r.Receivers[next].Path
		tried[next] = true
		sum += p.granted
	}
}

// goesOn reports whether more is still tried of a path: as long as it comes to grant more.
func (p *path) goesOn(now time.Duration, grant float64) bool {
	switch {
	case p.granted == 0:
		return false
	case !p.limited:
		p.granted = 0
		return false
	case now-p.probe < probePathFor:
		return true
	case grant < p.granted*probePathGain:
		p.probe, p.granted = now+probePathEvery, 0
		return false
	}
	p.probe, p.granted = now, grant
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
	risen  float64 // then
	most   float64 // the greatest value since it began
}

// moment is a rate and when it was so.
type moment struct {
	at   time.Duration
	rate float64
}

// follow takes in the rate at a moment and returns the one to decide by. begins says that it is only about to be found out: it rises at
// once, until it has fallen.
func (h *held) follow(now time.Duration, rate float64, begins bool) float64 {
	if h.value == 0 || begins && rate > h.value && h.value >= h.most*(1-2*riseShare) {
		h.value, h.wait, h.rose = rate, riseAfter, now
	}
	if h.most = max(h.most, h.value); !begins {
		h.most = 0
	}
	if h.wait > riseAfter && now-h.rose > riseKept {
		h.wait = riseAfter
	}
	if rate < h.value {
		if h.before > 0 && now-h.rose < riseTrial && rate < h.risen*(1-riseShare) && rate > h.before*(1-2*riseShare) {
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
		h.before, h.value, h.risen, h.rose = h.value, least, least, now
	}
	return h.value
}
