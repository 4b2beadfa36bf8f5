package rtmfp

import (
	"bytes"
	"crypto/sha256"
	"net/netip"
	"slices"
	"time"
)

// answerKey tells a repeated IIKeying from a new one, so that it is answered
// without new public-key work (RFC 7016 §3.5.1.1.2).
type answerKey struct {
	from      netip.AddrPort
	sessionID uint32
	keying    [sha256.Size]byte // of certificate and component
}

// receiveIHello answers statelessly, or asks the Introducer.
func (e *Endpoint) receiveIHello(c ihello, from netip.AddrPort, size int, now time.Time) {
	if len(c.epd) > maxEPD || len(c.tag) > maxTag {
		e.events.answer(EventIHelloRefused, c.tag, from, "too long", now)
		return
	}
	if !e.crypto.SelectedBy(c.epd) {
		e.introduce(c, from, size, now)
		return
	}
	if e.redirectsOnward(c, from, size, now) {
		return
	}
	if !e.sendBounded(from, e.rhelloPacket(c.tag, from, now), size, now) {
		e.events.answer(EventIHelloRefused, c.tag, from, "shorter than a third of the answer, too many such lately", now)
		return
	}
	e.events.answer(EventRHelloSent, c.tag, from, "", now)
}

// rhelloPacket is an RHello with a cookie for the address.
func (e *Endpoint) rhelloPacket(tag []byte, to netip.AddrPort, now time.Time) []byte {
	var cookie [cookieSize]byte
	return appendRHello(e.startupPacket(now), rhello{tag, e.cookies.bake(cookie[:0], to, now), e.crypto.Certificate()})
}

// receiveIIKeying checks an IIKeying as far as that is cheap, and has a worker do the rest.
func (e *Endpoint) receiveIIKeying(c iikeying, from netip.AddrPort, now time.Time) {
	ours, bound := e.cookies.check(c.cookie, from, now)
	if !ours || c.sessionID == 0 {
		e.events.keying(EventIIKeyingRefused, from, "not our cookie, or one that has expired", now)
		return
	}
	if !bound {
		var cookie [cookieSize]byte
		b := appendCookieChange(e.startupPacket(now), cookieChange{c.cookie, e.cookies.bake(cookie[:0], from, now)})
		e.sendStartup(from, c.sessionID, b)
		e.events.keying(EventCookieChangeSent, from, "", now)
		return
	}
	key := answerKey{from, c.sessionID, keyingHash(c)}
	if s := e.answered[key]; s != nil {
		s.sendRIKeying(now)
		return
	}
	if e.answering[key] {
		return
	}
	if e.jobsFor(from.Addr()) >= maxSourceJobs {
		e.events.limit("maxSourceJobs", Event{Addr: from}, now)
		return
	}
	if e.bySource[sourceNetwork(from.Addr())] >= maxSourceSessions && !from.Addr().IsLoopback() {
		e.events.limit("maxSourceSessions", Event{Addr: from}, now)
		return
	}
	far, err := e.crypto.ParseCertificate(c.certificate)
	if err != nil || bytes.Equal(c.certificate, e.crypto.Certificate()) {
		e.events.keying(EventIIKeyingRefused, from, "unacceptable certificate", now)
		return
	}
	if e.ignoresForGlare(far, from, now) {
		e.events.keying(EventIIKeyingRefused, from, "glare: the session that the near end opens prevails", now)
		return
	}
	c.component, c.signed, c.signature = bytes.Clone(c.component), bytes.Clone(c.signed), bytes.Clone(c.signature)
	if !e.post(func() { e.respond(c, key, far) }) {
		e.events.limit("maxHandshakeJobs", Event{Addr: from}, now)
		return
	}
	e.answering[key] = true
}

func keyingHash(c iikeying) (sum [sha256.Size]byte) {
	h := sha256.New()
	h.Write(c.certificate)
	h.Write(c.component)
	h.Sum(sum[:0])
	return sum
}

// respond is a worker's job: the responder's half of the key agreement.
func (e *Endpoint) respond(c iikeying, key answerKey, far Certificate) {
	var component []byte
	var keys SessionKeys
	err := error(errMalformed)
	if e.crypto.Verify(far, c.signed, c.signature) {
		component, keys, err = e.crypto.Respond(far, c.component)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.answering, key)
	now := time.Now()
	if err != nil {
		e.log.Debug("rtmfp: keying refused", "far", key.from, "error", err) // strangers can cause it at any rate
		e.events.keying(EventIIKeyingRefused, key.from, err.Error(), now)
		return
	}
	if e.closed || e.ignoresForGlare(far, key.from, now) {
		return
	}
	id := e.newID()
	if id == 0 {
		e.events.limit("maxSessions", Event{Addr: key.from}, now)
		return
	}
	s := newSession(e, far, keys, key.from, now)
	s.nearID, s.farID = id, key.sessionID
	s.answer = key
	s.rikeying = appendRIKeying(nil, rikeying{sessionID: id, component: component}, c.component, e.crypto.Sign)
	e.sessions[id] = s
	e.bySource[sourceNetwork(key.from.Addr())]++
	e.answered[key] = s
	if len(e.unconfirmed) >= maxUnconfirmed {
		e.events.limit("maxUnconfirmed", Event{Addr: key.from}, now)
		e.leastUnconfirmed(key.from.Addr()).drop()
	}
	e.unconfirmed = append(e.unconfirmed, s)
	s.sendRIKeying(now)
	s.awaitConfirmation(now)
	e.wake()
}

// jobsFor is how many answers to a source network the workers have before them.
func (e *Endpoint) jobsFor(a netip.Addr) (n int) {
	network := sourceNetwork(a)
	for key := range e.answering {
		if network.Contains(key.from.Addr()) {
			n++
		}
	}
	return n
}

// leaveSource counts a session of a source network out.
func (e *Endpoint) leaveSource(a netip.Addr) {
	network := sourceNetwork(a)
	if e.bySource[network]--; e.bySource[network] == 0 {
		delete(e.bySource, network)
	}
}

// leastUnconfirmed is the unconfirmed session to give up for one from a: the oldest of the same source network, so that
// a flood ends its own sessions, or else the oldest of all, which has had the most time.
func (e *Endpoint) leastUnconfirmed(a netip.Addr) *Session {
	network := sourceNetwork(a)
	for _, s := range e.unconfirmed {
		if network.Contains(s.answer.from.Addr()) {
			return s
		}
	}
	return e.unconfirmed[0]
}

// sendRIKeying sends the RIKeying, as often as it is asked for.
func (s *Session) sendRIKeying(now time.Time) {
	b := append(s.e.startupPacket(now), s.rikeying...)
	s.e.sendStartup(s.answer.from, s.farID, b)
	s.e.events.rikeyingSent(s, now)
}

// awaitConfirmation pings the far end until it has shown the session's keys. A responder's session is open from
// its RIKeying on (RFC 7016 §3.5.1.1.2), but anybody could have sent that certificate.
func (s *Session) awaitConfirmation(now time.Time) {
	if now.Sub(s.created) >= confirmTimeout {
		if !s.initiator {
			s.drop()
		}
		return // an initiator's liveness sees to the rest
	}
	s.ping(now)
	s.confirm.fire = s.awaitConfirmation
	s.e.alarms.set(&s.confirm, now.Add(min(max(now.Sub(s.created), confirmPingInterval), maxConfirmPing)))
}

// confirmed is called at the first authentic packet of a session that the far end opened.
func (s *Session) confirmed(now time.Time) {
	e := s.e
	s.log.up(now)
	e.unconfirmed = slices.DeleteFunc(e.unconfirmed, func(u *Session) bool { return u == s })
	if e.closed || e.install(s, now) != s || s.dialed {
		return
	}
	s.queued = true
	select {
	case e.accepted <- s:
	default:
		e.log.Warn("rtmfp: nobody accepts sessions", "far", s.farAddr)
		s.log.limit("acceptBacklog", now)
		s.closeNear(now)
	}
}
