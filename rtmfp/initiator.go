package rtmfp

import (
	"bytes"
	"crypto/rand"
	"net/netip"
	"slices"
	"time"
)

// opening is a session that the near end is opening: S_IHELLO_SENT until iikeying is
// set, then S_KEYING_SENT (RFC 7016 §3.5.1.1.1). Guarded by Endpoint.mu.
type opening struct {
	e          *Endpoint
	epd        []byte
	tag        [tagSize]byte
	candidates []*candidate
	waiters    int // Dials
	giveUp     alarm

	done    chan struct{}
	session *Session // when done
	err     error    // when done

	working bool // a worker computes for it
	far     Certificate
	addr    netip.AddrPort // DESTADDR
	nearID  uint32
	key     InitiatorKeying
	cookie  []byte
	changed bool   // the cookie, once
	signed  []byte // the IIKeying chunk; nil in S_IHELLO_SENT
	resend  candidate
	sent    int           // IIKeyings since the RHello
	refused error         // why keys could not be agreed on with whoever answered; nil: nobody has been refused
	shunned time.Time     // until when RHellos from addr are ignored, since its IIKeyings were
	early   []earlyPacket // came before the keys were there
	pieces  packetPieces  // of what comes for nearID
}

// candidate is an address with its own schedule.
type candidate struct {
	addr     netip.AddrPort
	interval time.Duration // to the next attempt
	atLeast  time.Duration // the first interval
	last     time.Time     // when the last attempt was made
	attempts int
	alarm    alarm
}

// earlyPacket is a datagram that cannot be opened yet.
type earlyPacket struct {
	data []byte
	from netip.AddrPort
}

// next schedules the attempt after this one.
func (c *candidate) next(e *Endpoint, now time.Time) {
	switch {
	case c.interval == 0:
		c.interval = max(helloInterval, c.atLeast)
	case c.interval < helloIncrement:
		c.interval = c.interval * 5 / 4
	default:
		c.interval += helloIncrement
	}
	c.last = now
	e.alarms.set(&c.alarm, now.Add(c.interval))
}

// openingFor is the opening for the discriminator, a new one if there is none.
func (e *Endpoint) openingFor(epd []byte) (*opening, error) {
	if o := e.openingsByEPD[string(epd)]; o != nil {
		return o, nil
	}
	if len(e.openings) >= maxOpenings {
		e.events.limit("maxOpenings", Event{}, time.Now())
		return nil, ErrTooMany
	}
	o := &opening{e: e, epd: bytes.Clone(epd), done: make(chan struct{})}
	rand.Read(o.tag[:])
	o.giveUp.fire = func(time.Time) { o.finish(nil, o.failure(ErrNoAnswer)) }
	o.resend.alarm.fire = o.sendIIKeying
	e.alarms.set(&o.giveUp, time.Now().Add(openTimeout))
	e.openings[o.tag], e.openingsByEPD[string(epd)] = o, o
	e.events.openingStarted(o, time.Now())
	return o, nil
}

// addCandidate adds an address and sends to it at once.
func (o *opening) addCandidate(a netip.AddrPort, now time.Time) {
	a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
	if !reachable(a) && !IsDetour(a) || slices.ContainsFunc(o.candidates, func(c *candidate) bool { return c.addr == a }) {
		return
	}
	if len(o.candidates) >= maxCandidates {
		o.e.events.openingLimit("maxCandidates", o, a, now)
		return
	}
	c := &candidate{addr: a}
	c.alarm.fire = func(now time.Time) { o.sendIHello(c, now) }
	o.candidates = append(o.candidates, c)
	o.e.alarms.set(&c.alarm, now)
}

// sendIHello sends an IHello, padded so that the responder may answer at length.
func (o *opening) sendIHello(c *candidate, now time.Time) {
	if o.signed != nil {
		return
	}
	c.attempts++
	size := ihelloSize
	if c.attempts >= longIHelloNumber {
		size = longIHello
	}
	o.e.sendStartup(c.addr, 0, padIHello(appendIHello(o.e.startupPacket(now), ihello{o.epd, o.tag[:]}), size))
	o.e.events.opening(o, Event{Kind: EventIHelloSent, Addr: c.addr, Attempt: c.attempts}, now)
	c.next(o.e, now)
}

// padIHello makes a plain packet so long that its answer may be: the datagram will have size bytes at least.
func padIHello(b []byte, size int) []byte {
	for len(b) < size-sessionIDSize {
		b = append(b, 0xff) // padding, since no chunk of that length follows (RFC 7016 §2.2.4)
	}
	return b
}

// openingByTag is the opening whose tag this is.
func (e *Endpoint) openingByTag(tag []byte) *opening {
	if len(tag) != tagSize {
		return nil
	}
	return e.openings[[tagSize]byte(tag)]
}

// receiveRedirect adds the addresses of a Responder Redirect.
func (e *Endpoint) receiveRedirect(c redirect, from netip.AddrPort, now time.Time) {
	o := e.openingByTag(c.tag)
	if o == nil || o.signed != nil {
		return
	}
	e.events.redirectReceived(o, c, from, now)
	if len(c.destinations) == 0 {
		o.addCandidate(from, now)
	}
	for _, d := range c.destinations {
		if reachable(d.AddrPort) {
			o.addCandidate(d.AddrPort, now)
		}
	}
}

// receiveRHello takes the first correct RHello and has a worker begin the key agreement.
func (e *Endpoint) receiveRHello(c rhello, from netip.AddrPort, now time.Time) {
	o := e.openingByTag(c.tag)
	if o == nil || o.signed != nil || o.working || len(c.cookie) > maxCookie ||
		from == o.addr && now.Before(o.shunned) {
		return
	}
	far, err := e.crypto.ParseCertificate(c.certificate)
	if err != nil || !far.SelectedBy(o.epd) || bytes.Equal(far.Bytes(), e.crypto.Certificate()) {
		e.events.opening(o, Event{Kind: EventRHelloRefused, Addr: from, Reason: "a certificate that was not dialled"}, now)
		return
	}
	e.events.rhelloReceived(o, from, far, now)
	if s := e.byEPD[string(far.CanonicalEPD())]; s != nil {
		o.finish(s, nil) // a duplicate
		return
	}
	if o.duplicates(far) {
		return
	}
	if o.nearID == 0 {
		if o.nearID = e.newID(); o.nearID == 0 {
			return
		}
	}
	o.far, o.addr, o.cookie = far, from, bytes.Clone(c.cookie)
	o.resend.atLeast = o.roundTrip(from, now)
	o.working = e.post(func() {
		key, err := e.crypto.Initiate(far)
		e.mu.Lock()
		defer e.mu.Unlock()
		o.working = false
		if err != nil {
			e.log.Info("rtmfp: cannot agree on keys", "far", from, "error", err)
			e.events.opening(o, Event{Kind: EventRHelloRefused, Addr: from, Reason: err.Error()}, time.Now())
			if o.refused = err; o.answeredBy(far) {
				o.finish(nil, o.failure(ErrKeying)) // it is the one, and will not have another certificate
			}
			return
		}
		if o.isDone() {
			return
		}
		o.key, o.sent, o.resend.interval = key, 0, 0
		o.sign()
		delete(e.sessions, o.nearID)
		e.keying[o.nearID] = o
		for _, c := range o.candidates {
			e.alarms.drop(&c.alarm)
		}
		o.sendIIKeying(time.Now())
		e.wake()
	})
}

// duplicates reports whether another opening is agreeing on keys with the same identity, and whoever that is would do
// here too (RFC 7016 §3.5.1.1.1). Should the other one fail, a later RHello is taken.
func (o *opening) duplicates(far Certificate) bool {
	for _, other := range o.e.openings {
		if other != o && (other.working || other.signed != nil) && other.far.SelectedBy(o.epd) &&
			bytes.Equal(other.far.CanonicalEPD(), far.CanonicalEPD()) {
			return true
		}
	}
	return false
}

// roundTrip is how long to wait for the answer to an IIKeying, going by that to the last IHello.
func (o *opening) roundTrip(from netip.AddrPort, now time.Time) time.Duration {
	for _, c := range o.candidates {
		if c.addr == from {
			return min(2*now.Sub(c.last), time.Second)
		}
	}
	return 0
}
