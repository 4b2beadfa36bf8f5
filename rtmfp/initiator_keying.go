package rtmfp

import (
	"bytes"
	"fmt"
	"net/netip"
	"time"
)

// sign makes the IIKeying chunk.
func (o *opening) sign() {
	o.signed = appendIIKeying(nil, iikeying{
		sessionID:   o.nearID,
		cookie:      o.cookie,
		certificate: o.e.crypto.Certificate(),
		component:   o.key.Component(),
	}, o.e.crypto.Sign)
}

// sendIIKeying sends the IIKeying and schedules the next attempt. After enough of them it looks for another
// responder; a late RIKeying still counts.
func (o *opening) sendIIKeying(now time.Time) {
	if o.sent++; o.sent > maxIIKeyings {
		if o.refused != nil && o.answeredBy(o.far) {
			o.finish(nil, o.failure(ErrKeying))
			return
		}
		o.e.events.openingLimit("maxIIKeyings", o, o.addr, now)
		o.signed = nil
		o.shunned = now.Add(helloInterval + helloIncrement)
		for _, c := range o.candidates {
			o.e.alarms.set(&c.alarm, now)
		}
		return
	}
	b := append(o.e.startupPacket(now), o.signed...)
	o.e.sendStartup(o.addr, 0, b)
	o.e.events.opening(o, Event{Kind: EventIIKeyingSent, Addr: o.addr, Session: o.nearID, Attempt: o.sent}, now)
	o.resend.next(o.e, now)
}

// receive handles a datagram for the session ID that the opening has reserved.
func (o *opening) receive(b []byte, from netip.AddrPort, now time.Time) {
	e := o.e
	opened, err := e.defaultCipher.Open(e.opened[:0], b[sessionIDSize:])
	if err != nil {
		if len(o.early) < maxEarlyPackets {
			o.early = append(o.early, earlyPacket{bytes.Clone(b), from})
		} else {
			e.events.openingLimit("maxEarlyPackets", o, from, now)
		}
		return
	}
	e.opened = opened
	if h, chunks, err := parseHeader(opened); err == nil && h.mode() == modeStartup {
		o.receiveChunks(chunks, from, false, now)
	}
}

// receiveChunks handles the chunks of a packet. inPieces says that it came in fragments.
func (o *opening) receiveChunks(chunks []byte, from netip.AddrPort, inPieces bool, now time.Time) {
	for {
		typ, payload, rest, ok := nextChunk(chunks)
		if !ok {
			return
		}
		chunks = rest
		switch typ {
		case chunkRIKeying:
			if c, err := parseRIKeying(bytes.Clone(payload)); err == nil {
				o.receiveRIKeying(c)
			}
		case chunkCookieChange:
			if c, err := parseCookieChange(payload); err == nil {
				o.receiveCookieChange(c, now)
			}
		case chunkFragment:
			c, err := parsePacketFragment(payload)
			if err != nil || inPieces {
				continue
			}
			if whole := o.pieces.add(c, from, now); whole != nil {
				if h, chunks, err := parseHeader(whole); err == nil && h.mode() == modeStartup {
					o.receiveChunks(chunks, from, true, now)
				}
			}
		}
	}
}

// receiveCookieChange signs again with another cookie, once (RFC 7016 §3.5.1.2).
func (o *opening) receiveCookieChange(c cookieChange, now time.Time) {
	if o.changed || o.working || o.signed == nil || !bytes.Equal(c.old, o.cookie) || len(c.new) == 0 || len(c.new) > maxCookie {
		return
	}
	o.changed, o.cookie = true, bytes.Clone(c.new)
	o.e.events.opening(o, Event{Kind: EventCookieChanged, Addr: o.addr, Session: o.nearID}, now)
	o.sign()
	o.sent, o.resend.interval = 0, 0
	o.sendIIKeying(now)
}

// receiveRIKeying has a worker complete the key agreement.
func (o *opening) receiveRIKeying(c rikeying) {
	e := o.e
	if o.working || c.sessionID == 0 {
		return
	}
	far, key := o.far, o.key
	o.working = e.post(func() {
		var keys SessionKeys
		authentic := e.crypto.Verify(far, signedRIKeying(c.portion, key.Component()), c.signature)
		err := error(errMalformed)
		if authentic {
			keys, err = key.Complete(c.component)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		o.working = false
		if err != nil {
			e.log.Info("rtmfp: keying refused", "far", o.addr, "error", err)
			e.events.opening(o, Event{Kind: EventRIKeyingRefused, Addr: o.addr, Session: o.nearID, Reason: err.Error()}, time.Now())
			o.refused = err // not the end yet: it may be forged
			return
		}
		if o.isDone() {
			return
		}
		o.opened(keys, c.sessionID, time.Now())
		e.wake()
	})
}

// opened makes the session of a completed opening.
func (o *opening) opened(keys SessionKeys, farID uint32, now time.Time) {
	e := o.e
	s := newSession(e, o.far, keys, o.addr, now)
	s.initiator = true
	s.nearID, s.farID = o.nearID, farID
	delete(e.keying, o.nearID)
	e.sessions[s.nearID] = s
	o.nearID = 0
	early := o.early
	s.log.up(now)
	winner := e.install(s, now)
	o.finish(winner, nil)
	if winner != s {
		return
	}
	if !e.crypto.OldClients() { // an old service ends the session if it is pinged before the first message
		s.awaitConfirmation(now) // shows the responder our keys at once, and measures the round trip
	}
	for _, p := range early {
		s.receive(p.data, p.from, now)
	}
}

// failure is the error of an opening that fails so, with the reason why the far end was refused, if it was.
func (o *opening) failure(err error) error {
	if o.refused == nil {
		return err
	}
	return fmt.Errorf("%w: %w", err, o.refused)
}

func (o *opening) isDone() bool { return o.session != nil || o.err != nil }

// finish ends the opening with a session or an error.
func (o *opening) finish(s *Session, err error) {
	if o.isDone() {
		return
	}
	e := o.e
	o.session, o.err = s, err
	if s != nil && o.waiters > 0 {
		s.dialed = true
	}
	e.events.openingEnded(o)
	close(o.done)
	delete(e.openings, o.tag)
	delete(e.openingsByEPD, string(o.epd))
	if o.nearID != 0 {
		delete(e.keying, o.nearID)
		delete(e.sessions, o.nearID)
	}
	e.alarms.drop(&o.giveUp)
	e.alarms.drop(&o.resend.alarm)
	for _, c := range o.candidates {
		e.alarms.drop(&c.alarm)
	}
	o.early = nil
}
