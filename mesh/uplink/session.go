package uplink

import (
	"cmp"
	"slices"
	"time"
)

// Session is what the session with one member says at a moment (rtmfp.Stats).
type Session struct {
	ID string // the same for the same session
	// Bytes have been sent so far, as UDP payload in so many Datagrams; of them DataBytes in DataDatagrams that the far end
	// reports about, and of those ArrivedBytes have arrived.
	Bytes, DataBytes, ArrivedBytes uint64
	Datagrams, DataDatagrams       uint64
	Headers                        int           // what IP and UDP add to each, in bytes; 0: HeadersIPv4
	Grant                          float64       // what the session may send, in bit/s of UDP payload
	Delivered                      float64       // what has arrived in the last moment, in bit/s of UDP payload; 0: not known
	Queue                          time.Duration // how much longer than at best packets take
	Feedback                       bool          // the far end reports arrivals; else only what was sent is known
	Silent                         time.Duration // since when nothing has come from there
}

// flow is a session between two observations. Rates are in bit/s on the link unless said otherwise.
type flow struct {
	Session
	link    float64 // what was sent of late
	arrived float64 // what has arrived of late
	moment  float64 // likewise in the last moment, which is less certain
	ratio   float64 // of the link's bytes to payload
	before  []Session
	at      []time.Duration
	since   time.Duration // when the session was new
	age     time.Duration
}

// observe takes in a session's figures.
func (f *flow) observe(now time.Duration, s Session) {
	if s.Headers <= 0 {
		s.Headers = HeadersIPv4
	}
	f.Session = s
	if n := len(f.before); n > 0 && !s.follows(f.before[n-1]) {
		f.before, f.at = nil, nil // another session under the same name, or the same on another path
	}
	if len(f.at) == 0 {
		f.since = now
	}
	f.age = now - f.since
	f.before, f.at = append(f.before, s), append(f.at, now)
	for len(f.at) > 2 && now-f.at[1] >= useWindow {
		f.before, f.at = slices.Delete(f.before, 0, 1), slices.Delete(f.at, 0, 1)
	}
	f.link, f.arrived, f.moment = 0, 0, 0
	span := (now - f.at[0]).Seconds()
	if span <= 0 {
		return
	}
	first := f.before[0]
	perSecond := func(bytes, datagrams uint64) float64 {
		return (float64(bytes) + float64(datagrams)*float64(s.Headers)) * 8 / span
	}
	f.link = perSecond(s.Bytes-first.Bytes, s.Datagrams-first.Datagrams)
	f.arrived, f.moment, f.ratio = f.link, f.link, 1
	payload := float64(s.DataBytes-first.DataBytes) * 8 / span
	if !s.Feedback || payload == 0 {
		return
	}
	data := perSecond(s.DataBytes-first.DataBytes, s.DataDatagrams-first.DataDatagrams)
	f.ratio = data / payload
	// What nobody reports about, acknowledgements, goes the same way.
	f.arrived = float64(s.ArrivedBytes-first.ArrivedBytes)*8/span*f.ratio + f.link - data
	f.moment = f.arrived
	if s.Delivered > 0 {
		f.moment = s.Delivered*f.ratio + f.link - data
	}
}

// follows reports whether all that is counted has grown since.
func (s Session) follows(before Session) bool {
	return s.Bytes >= before.Bytes && s.DataBytes >= before.DataBytes && s.ArrivedBytes >= before.ArrivedBytes &&
		s.Datagrams >= before.Datagrams && s.DataDatagrams >= before.DataDatagrams
}

// live reports whether what the session says is about now.
func (f *flow) live() bool { return f.Feedback && f.Silent < silentAfter && f.link > 0 }

// grant is what the session may send, on the link.
func (f *flow) grant() float64 { return f.Grant * max(f.ratio, 1) }

// sharedQueue is the queue that more than half of the sessions see: it stands where they all go, at our uplink. What fewer of
// them see is on the way to those receivers alone. With a single session there is no telling, and it does not matter. Who is newer knows
// less: a session that was opened while there was a queue takes that for its path, so that each counts by its age, up to knowsAfter.
func sharedQueue(flows []*flow) time.Duration {
	var seen []*flow
	var all, sees time.Duration
	for _, f := range flows {
		if f.live() {
			seen = append(seen, f)
			all += f.knows()
		}
	}
	slices.SortFunc(seen, func(a, b *flow) int { return cmp.Compare(b.Queue, a.Queue) })
	for _, f := range seen {
		if sees += f.knows(); 2*sees > all {
			return f.Queue
		}
	}
	return 0
}

// knows is how much a session knows of its path: as much as its age, at least a little.
func (f *flow) knows() time.Duration { return min(max(f.age, ms), knowsAfter) }

// traffic is what is sent to all together, and what of it the uplink carries, in bit/s on the link.
type traffic struct {
	sent    float64
	arrives float64
	moment  float64 // what arrived in the last moment, which is less certain
}

// carried is the traffic of all. What is lost on the way to those whose queue is longer than the one that all share, or who are
// gone, has passed the uplink: of what is sent to them the same part does as of the others'. What most say bounds what a single one
// may: who reports far less than arrives, or more, takes little from what is known, and adds little.
func carried(flows []*flow, shared time.Duration) traffic {
	var all, known traffic
	var heard []*flow
	var arrives, moments []float64 // as parts of what is sent
	for _, f := range flows {
		all.sent += f.link
		if f.live() && f.Queue <= shared+ownQueue {
			heard = append(heard, f)
			arrives, moments = append(arrives, f.arrived/f.link), append(moments, f.moment/f.link)
		}
	}
	usual, now := upperMedian(slices.Clone(arrives)), upperMedian(slices.Clone(moments))
	for i, f := range heard {
		if len(heard) > 2 {
			arrives[i] = min(max(arrives[i], usual*(1-tellsOther)), usual*(1+tellsOther))
			moments[i] = min(max(moments[i], now/tellsMoment), now*tellsMoment)
		}
		known.sent += f.link
		known.arrives += f.link * arrives[i]
		known.moment += f.link * moments[i]
	}
	if known.sent == 0 {
		return traffic{all.sent, all.sent, all.sent}
	}
	scale := all.sent / known.sent
	return traffic{all.sent, known.arrives * scale, known.moment * scale}
}

// giveWay reports whether more than half of the sessions may send no more than they do: so something that they have in common
// limits them, though there may be no queue (a short buffer that overflows, marks). A single session has nothing in common with
// others: what limits it is its path's, and known as that.
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
	return live > 1 && 2*limited > live
}

// grants is what the sessions may send of what they do send, and what they may send in all, in bit/s on the link.
func grants(flows []*flow) (used, all float64) {
	for _, f := range flows {
		used += min(f.grant(), f.link)
		all += f.grant()
	}
	return used, all
}
