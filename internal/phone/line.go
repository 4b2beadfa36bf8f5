package phone

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	"sundog.dev/sundog/mesh"
	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flash"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// roomToRefuse are sessions beyond the people whom the user talks to, so that whoever is one too many is told so: as many as a conference
// lets in at once. Each stays for some seconds.
const roomToRefuse = 16

// line is one way of calls into and out of the phone: a socket with a certificate, and so a peer ID, of its own. Each service has
// one, and the local network has one, so that who knows us here cannot tell that it is us there. It stays the same while a service
// comes and goes, and so do the calls on it.
type line struct {
	phone *Phone
	nc    *flash.NetConnection
	addr  netip.AddrPort // local
}

// newLine opens a line bound to an address or, for the zero value, to any.
func (p *Phone) newLine(bind netip.AddrPort) (*line, error) {
	var local *net.UDPAddr
	if bind.IsValid() {
		local = net.UDPAddrFromAddrPort(bind)
	}
	nc, addr, err := p.newConnection(local)
	if err != nil {
		return nil, err
	}
	return &line{phone: p, nc: nc, addr: addr}, nil
}

// newConnection opens a socket with an identity of its own, and returns its local address too.
func (p *Phone) newConnection(bind *net.UDPAddr) (*flash.NetConnection, netip.AddrPort, error) {
	identity, err := flashcrypto.NewProfile(flashcrypto.Options{})
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	conn, err := net.ListenUDP("udp", bind)
	if err != nil {
		return nil, netip.AddrPort{}, fmt.Errorf("no UDP socket could be opened: %w", err)
	}
	ep, err := rtmfp.NewEndpoint(conn, rtmfp.Config{Crypto: identity, Events: p.events.Writer(), Log: p.log})
	if err != nil {
		return nil, netip.AddrPort{}, errors.Join(err, conn.Close())
	}
	nc := flash.NewNetConnection(flash.Config{
		Endpoint: ep, NearID: identity.Fingerprint(), MaxPeerConnections: cmp.Or(p.cfg.MaxPeers, mesh.DefaultMaxPeers) + roomToRefuse, Log: p.log,
	})
	return nc, ep.LocalAddr(), nil
}

// peerID is the line's peer ID in hex, "" for no line.
func (l *line) peerID() string {
	if l == nil {
		return ""
	}
	return l.nc.NearID().String()
}

// attach takes calls on the line from now on; onStatus is told what becomes of its service.
func (l *line) attach(onStatus func(flash.Status)) { l.phone.agent.Attach(l.nc, onStatus) }

// close ends the calls over the line, and waits.
func (l *line) close(log *slog.Logger) {
	l.phone.agent.Detach(l.nc)
	if err := l.nc.Close(); err != nil {
		log.Warn("closing a line", "error", err)
	}
}
