package rtmfp

import (
	"net/netip"
	"time"
)

// AnswerAs has the endpoint answer the IIKeying of a far end with a certificate and key component, as though it had come
// from an address, and takes its session as confirmed. For tests that need more far ends than could have a socket.
func (e *Endpoint) AnswerAs(certificate, component []byte, id uint32, from netip.AddrPort) (*Session, error) {
	far, err := e.crypto.ParseCertificate(certificate)
	if err != nil {
		return nil, err
	}
	key := answerKey{from: from, sessionID: id}
	e.respond(iikeying{
		sessionID:   id,
		certificate: certificate,
		component:   component,
		signature:   e.crypto.Sign(nil),
	}, key, far)
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.answered[key]
	if s == nil {
		return nil, ErrTooMany
	}
	s.shown = true
	e.alarms.drop(&s.confirm)
	s.confirmed(time.Now())
	return s, nil
}

// Sessions is how many sessions there are, and how many of those are open.
func (e *Endpoint) Sessions() (all, open int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sessions {
		if s != nil && s.state == stateOpen {
			open++
		}
	}
	return len(e.sessions), open
}
