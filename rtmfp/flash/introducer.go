package flash

import (
	"net/netip"
	"slices"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// SetIntroducer makes us introduce peers of ours to each other, as a service does (RFC 7016 §3.5.1.4–6). pick is asked about each
// Initiator Hello that is for somebody else: whom it asks for, and the address that it came from. It returns the peer, or nil
// to stay silent; it must not block. Nobody learns more than the address at which we see that peer, who answers the initiator
// if he takes introductions from us (rtmfp.Session.SetAcceptForwarded). nil introduces nobody, which is how it is at first.
func (nc *NetConnection) SetIntroducer(pick func(id PeerID, from netip.AddrPort) *Peer) {
	if pick == nil {
		nc.cfg.Endpoint.SetIntroducer(nil)
		return
	}
	nc.cfg.Endpoint.SetIntroducer(introducer{pick})
}

type introducer struct {
	pick func(id PeerID, from netip.AddrPort) *Peer
}

// Introduce implements rtmfp.Introducer.
func (i introducer) Introduce(epd []byte, from netip.AddrPort) (rtmfp.Introduction, bool) {
	id, ok := flashcrypto.FingerprintInEPD(epd)
	if !ok || rtmfp.IsDetour(from) {
		return rtmfp.Introduction{}, false
	}
	p := i.pick(id, from)
	if p == nil {
		return rtmfp.Introduction{}, false
	}
	at := p.session.FarAddr()
	if rtmfp.IsDetour(at) {
		return rtmfp.Introduction{}, false // we do not know where it is ourselves
	}
	return rtmfp.Introduction{
		Redirect: []rtmfp.Address{{AddrPort: at, Origin: rtmfp.OriginObserved}},
		Forward:  p.session,
	}, true
}

// Suggest adds candidate addresses to an OpenPeer that goes on; without one it does nothing.
func (nc *NetConnection) Suggest(id PeerID, candidates ...netip.AddrPort) {
	nc.cfg.Endpoint.Suggest(id.EPD(), reachable(nc.LocalAddr(), slices.Clone(candidates))...)
}

// OpenDetour opens a detour of the endpoint (rtmfp.Endpoint.OpenDetour); OpenPeer takes its address as a candidate.
func (nc *NetConnection) OpenDetour(rate float64, send func(packet []byte)) (*rtmfp.Detour, error) {
	return nc.cfg.Endpoint.OpenDetour(rate, send)
}
