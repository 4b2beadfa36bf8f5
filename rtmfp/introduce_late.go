package rtmfp

import (
	"net/netip"
	"time"
)

// LateIntroduction is an IHello that an Introducer redirects later, since it has to ask somebody else.
type LateIntroduction struct {
	e     *Endpoint
	tag   []byte
	from  netip.AddrPort
	size  int       // of the packet
	until time.Time // an initiator that was not answered by then has asked again

	answered bool // guarded by e.mu
}

// Tag is the IHello's, by which the initiator knows the answers.
func (l *LateIntroduction) Tag() []byte { return l.tag }

// From is where the IHello came from.
func (l *LateIntroduction) From() netip.AddrPort { return l.from }

// Redirect sends the Responder Redirect, once, and reports whether it did: not if it is too late, or the endpoint is closed, or too
// many were sent lately that are more than three times as long as the IHello.
func (l *LateIntroduction) Redirect(list []Address) bool {
	e := l.e
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if l.answered || e.closed || now.After(l.until) {
		return false
	}
	l.answered = true
	sent := e.sendRedirect(l.tag, list, l.from, l.size, now)
	e.wake()
	return sent
}
