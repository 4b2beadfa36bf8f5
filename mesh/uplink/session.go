package uplink

import (
	"slices"
	"time"
)

// Session is what the congestion control of the session with one member says at a moment.
type Session struct {
	ID string // the same for the same session
	// Bytes and Datagrams have been sent so far, as UDP payload; DataBytes are those of Bytes that the far end reports about.
	Bytes, DataBytes, Datagrams uint64
	Headers                     int           // what IP and UDP add to each, in bytes; 0: HeadersIPv4
	Grant                       float64       // what the session may send, in bit/s of UDP payload
	Delivered                   float64       // what has arrived of late of its DataBytes, in bit/s; 0: not known
	Queue                       time.Duration // how much longer than at best packets take
	Feedback                    bool          // the far end reports arrivals; else only what was sent is known
	Silent                      time.Duration // since when nothing has come from there
}

// flow is a session between two observations.
type flow struct {
	Session
	link    float64 // bit/s on the link of late
	data    float64 // of that, what the far end reports about, in UDP payload
	arrives float64 // the part of that which arrives; more than 1 while a queue drains
	before  []Session
	at      []time.Duration
}

// observe takes in a session's figures.
func (f *flow) observe(now time.Duration, s Session) {
	if s.Headers <= 0 {
		s.Headers = HeadersIPv4
	}
	f.Session = s
	if n := len(f.before); n > 0 && s.Bytes < f.before[n-1].Bytes {
		f.before, f.at = nil, nil // another session under the same name
	}
	f.before, f.at = append(f.before, s), append(f.at, now)
	for len(f.at) > 2 && now-f.at[1] >= useWindow {
		f.before, f.at = slices.Delete(f.before, 0, 1), slices.Delete(f.at, 0, 1)
	}
	f.link, f.data = 0, 0
	span := (now - f.at[0]).Seconds()
	if span <= 0 {
		return
	}
	first := f.before[0]
	bytes := float64(s.Bytes - first.Bytes)
	f.link = (bytes + float64(s.Datagrams-first.Datagrams)*float64(s.Headers)) * 8 / span
	f.data = float64(s.DataBytes-first.DataBytes) * 8 / span
	f.arrives = 1
	if s.Feedback && s.Delivered > 0 && f.data > 0 {
		f.arrives = min(s.Delivered/f.data, 2)
	}
}

// live reports whether what the session says is about now.
func (f *flow) live() bool { return f.Feedback && f.Silent < silentAfter && f.data > 0 }

// grant is what the session may send, on the link.
func (f *flow) grant() float64 {
	if f.data <= 0 {
		return f.Grant
	}
	return f.Grant * f.link / f.data
}

// carried is what is sent to all, and what of it the uplink carries, in bit/s on the link. That is the part which arrives in the
// middle one of the sessions: what does not arrive in some only is lost behind the uplink.
func carried(flows []*flow) (used, delivered float64) {
	var parts []float64
	for _, f := range flows {
		used += f.link
		if f.live() {
			parts = append(parts, f.arrives)
		}
	}
	if len(parts) == 0 {
		return used, used
	}
	return used, used * upperMedian(parts)
}

// sharedQueue is the queue that more than half of the sessions see: it stands where they all go, at our uplink. What fewer of
// them see is on the way to those receivers alone. With a single session there is no telling, and it does not matter.
func sharedQueue(flows []*flow) time.Duration {
	var queues []time.Duration
	for _, f := range flows {
		if f.live() {
			queues = append(queues, f.Queue)
		}
	}
	if len(queues) == 0 {
		return 0
	}
	slices.Sort(queues)
	return queues[(len(queues)-1)/2]
}

// giveWay reports whether more than half of the sessions may send no more than they do: so something that they have in common
// limits them, though there may be no queue (a short buffer that overflows, marks).
func giveWay(flows []*flow) bool {
	limited, live := 0, 0
	for _, f := range flows {
		if !f.live() {
			continue
		}
		live++
		if f.grant() < f.link*limitedShare {
			limited++
		}
	}
	return live > 0 && 2*limited > live
}

// grants is what the sessions may send of what they do send, and what they may send in all, in bit/s on the link.
func grants(flows []*flow) (used, all float64) {
	for _, f := range flows {
		used += min(f.grant(), f.link)
		all += f.grant()
	}
	return used, all
}
