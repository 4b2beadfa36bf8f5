package rendezvous

import (
	"net/netip"
	"slices"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// introducer answers for the clients of a service (RFC 7016 §3.5.1.4). It runs on
// the endpoint's goroutine and takes no lock that is ever held for long.
type introducer struct{ *Service }

// Introduce implements rtmfp.Introducer. An IHello for a client that has sent
// setPeerInfo is redirected to the address at which the service sees the
// client, then to those that it reported, and forwarded to it. One for somebody who is not here is put to the other instances. Any
// other is met with silence, so that nobody learns who is here without being introduced.
func (s introducer) Introduce(epd []byte, from netip.AddrPort) (rtmfp.Introduction, bool) {
	id, ok := flashcrypto.FingerprintInEPD(epd)
	if !ok {
		return rtmfp.Introduction{}, false
	}
	now := time.Now()
	s.mu.Lock()
	c := s.clients[id]
	if c == nil && s.link != nil {
		defer s.mu.Unlock()
		return s.link.ask(id, from, now)
	}
	if c == nil || !c.introducible {
		s.mu.Unlock()
		s.counters.unknown.Add(1)
		return rtmfp.Introduction{}, false
	}
	allowed := s.sources.Take(from.Addr(), 1, now) == 0 && c.forwards.Take(1, forwardRate, forwardBurst, now) == 0
	reported := c.reported // never changed in place
	replyTo := s.initiator(id, from, now).replyTo(c.observed.Addr())
	s.mu.Unlock()
	if !allowed {
		s.counters.throttled.Add(1)
		return rtmfp.Introduction{}, false
	}
	s.counters.introductions.Add(1)
	return rtmfp.Introduction{
		Redirect: s.candidates(c.session.FarAddr(), reported, from.Addr().Unmap()),
		Forward:  c.session,
		ReplyTo:  replyTo,
	}, true
}

// redirect is rtmfp.Config's: it sends clients on to other instances. Whoever asks for this instance by its fingerprint
// means no other.
func (s introducer) redirect(epd []byte, from netip.AddrPort) []rtmfp.Address {
	if _, ours := flashcrypto.FingerprintInEPD(epd); ours {
		return nil
	}
	s.mu.Lock()
	instances := s.drained // replaced, never changed
	s.mu.Unlock()
	if len(instances) == 0 && s.cfg.Redirect != nil {
		instances = s.cfg.Redirect(from)
	}
	if len(instances) == 0 {
		return nil
	}
	s.counters.redirected.Add(1)
	out := make([]rtmfp.Address, len(instances))
	for i, a := range instances {
		out[i] = rtmfp.Address{AddrPort: a, Origin: rtmfp.OriginRelay}
	}
	return out
}

// candidates lists where an initiator may find a client: the observed address first, then the
// reported ones. Loopback addresses mean something to initiators on this host only.
func (s *Service) candidates(observed netip.AddrPort, reported []netip.AddrPort, initiator netip.Addr) []rtmfp.Address {
	observed = unmap(observed)
	if observed.Addr().IsLoopback() && !initiator.IsLoopback() && s.cfg.Advertise.IsValid() {
		observed = netip.AddrPortFrom(s.cfg.Advertise, observed.Port())
	}
	out := []rtmfp.Address{{AddrPort: observed, Origin: rtmfp.OriginObserved}}
	for _, a := range reported {
		if a != observed && (!a.Addr().IsLoopback() || initiator.IsLoopback()) {
			out = append(out, rtmfp.Address{AddrPort: a, Origin: rtmfp.OriginReported})
		}
	}
	return out
}

// parsePeerInfo reads the addresses of setPeerInfo; what is no address, or none that a packet could be sent to, is left out.
func parsePeerInfo(addresses []string) []netip.AddrPort {
	var out []netip.AddrPort
	for _, text := range addresses {
		a, err := netip.ParseAddrPort(text)
		if err != nil {
			continue
		}
		a = unmap(a)
		if !sendable(a) || a.Addr().IsLinkLocalUnicast() || slices.Contains(out, a) {
			continue
		}
		if out = append(out, a); len(out) == maxPeerInfo {
			break
		}
	}
	return out
}

// sendable reports whether a packet could be sent to an address.
func sendable(a netip.AddrPort) bool {
	return a.Port() != 0 && !a.Addr().IsUnspecified() && !a.Addr().IsMulticast()
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}
