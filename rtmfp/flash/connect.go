package flash

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/amf"
	"sundog.dev/sundog/rtmfp/flashcrypto"
)

// flashVersion is what we call ourselves in the connect command.
const flashVersion = "Sundog"

// Connect connects to rtmfp://host[:port][/app…] (NetConnection.connect, RFC 7425 §5.3.1): it resolves, opens the session, sends
// connect with args (a developer key, say) and setPeerInfo, and obeys keep-alive (user control 41).
// After a Closed status, or a failure, it may be called again. A refusal is a *StatusError;
// an unreachable service is rtmfp.ErrNoAnswer or ctx's error (with flashcrypto.ErrOldClient if it answers, but only knows
// weak cryptography); a bad address is ErrURI; a host that is not to be found is
// a *net.DNSError; ErrConnected while connected.
func (nc *NetConnection) Connect(ctx context.Context, uri string, args ...amf.Value) error {
	u, err := parseURI(uri)
	if err != nil {
		return err
	}
	nc.mu.Lock()
	switch {
	case nc.closed:
		err = rtmfp.ErrClosed
	case nc.connecting || nc.leg != nil:
		err = ErrConnected
	default:
		nc.connecting = true
	}
	nc.mu.Unlock()
	if err != nil {
		return err
	}
	defer func() {
		nc.mu.Lock()
		nc.connecting = false
		nc.mu.Unlock()
	}()

	addrs, err := nc.resolve(ctx, u)
	if err != nil {
		return err
	}
	session, err := nc.cfg.Endpoint.Dial(ctx, flashcrypto.AncillaryEPD(u.public), addrs...)
	if err != nil {
		return fmt.Errorf("flash: connecting to %s: %w", u.public, err)
	}
	leg, err := nc.newServiceLeg(session)
	if err != nil {
		_ = session.Close()
		return fmt.Errorf("flash: connecting to %s: %w", u.public, err)
	}
	connect := Command{Name: commandConnect, Args: args, Object: append(amf.Object{
		{Name: "app", Value: u.app},
		{Name: "flashVer", Value: flashVersion},
		{Name: "tcUrl", Value: u.public},
		{Name: "objectEncoding", Value: float64(nc.cfg.ObjectEncoding)},
	}, nc.cfg.ConnectInfo...)}
	result, err := leg.call(ctx, connect)
	if err != nil {
		leg.end(rtmfp.ErrClosed)
		return fmt.Errorf("flash: connecting to %s: %w", u.public, refusal(err))
	}
	leg.agree(nc.cfg.ObjectEncoding, result)
	if err := leg.send(SetPeerInfo(nc.peerInfo())); err != nil {
		leg.end(rtmfp.ErrClosed)
		return fmt.Errorf("flash: connecting to %s: %w", u.public, err)
	}
	return nc.adopt(leg)
}

// adopt makes leg the NetConnection's, unless it has ended meanwhile.
func (nc *NetConnection) adopt(leg *serviceLeg) error {
	nc.mu.Lock()
	if leg.ctx.Err() == nil {
		nc.leg = leg
		nc.mu.Unlock()
		return nil
	}
	nc.mu.Unlock()
	leg.end(rtmfp.ErrClosed) // waits until its error is set
	return leg.failure()
}

// refusal makes the rejection of the control flow, a refusal without words, a *StatusError too.
func refusal(err error) error {
	var exception *rtmfp.FlowException
	if errors.As(err, &exception) {
		return &StatusError{Status: Status{Code: CodeConnectRejected, Level: LevelError}}
	}
	return err
}

// resolve finds the candidate addresses of a service: all IPv4 and IPv6 addresses that our socket can send to.
func (nc *NetConnection) resolve(ctx context.Context, u serviceURI) ([]netip.AddrPort, error) {
	var ips []netip.Addr
	if ip, err := netip.ParseAddr(u.host); err == nil {
		ips = []netip.Addr{ip}
	} else if ips, err = nc.cfg.Resolver.LookupNetIP(ctx, "ip", u.host); err != nil {
		return nil, fmt.Errorf("flash: looking up %s: %w", u.host, err)
	}
	var addrs []netip.AddrPort
	for _, ip := range ips {
		if a := netip.AddrPortFrom(ip.Unmap(), u.port); !slices.Contains(addrs, a) && len(addrs) < maxAddresses {
			addrs = append(addrs, a)
		}
	}
	if addrs = reachable(nc.LocalAddr(), addrs); len(addrs) == 0 {
		return nil, fmt.Errorf("flash: connecting to %s: %w", u.public, rtmfp.ErrNoAnswer)
	}
	return addrs, nil
}

// OwnAddresses are the addresses of this machine at which peers may find us, as the service is told them. NATs change them.
func (nc *NetConnection) OwnAddresses() []netip.AddrPort {
	return ownAddresses(nc.LocalAddr(), nc.cfg.Interfaces)
}

// peerInfo lists our own addresses for setPeerInfo.
func (nc *NetConnection) peerInfo() []string {
	var out []string
	for _, a := range nc.OwnAddresses() {
		out = append(out, a.String())
	}
	return out
}

// Connected reports whether the service leg is up (NetConnection.connected).
func (nc *NetConnection) Connected() bool { return nc.serviceLeg() != nil }

func (nc *NetConnection) serviceLeg() *serviceLeg {
	nc.mu.Lock()
	defer nc.mu.Unlock()
	return nc.leg
}

// Service is the session with the service, or nil: its nonces (NetConnection.nearNonce and farNonce), the fingerprint of
// its certificate (farID) and its path.
func (nc *NetConnection) Service() *rtmfp.Session {
	if leg := nc.serviceLeg(); leg != nil {
		return leg.session
	}
	return nil
}

// Disconnect closes the service leg alone (RFC 7425 §5.3.6); peers stay. There is no Closed status for it.
func (nc *NetConnection) Disconnect() {
	nc.mu.Lock()
	leg := nc.leg
	nc.leg = nil
	nc.mu.Unlock()
	if leg != nil {
		leg.end(rtmfp.ErrClosed)
	}
}

// ServiceInfo is the info object of the service's answer to connect (connectionID, serverFingerprint …), or nil without a
// service.
func (nc *NetConnection) ServiceInfo() amf.Object {
	if leg := nc.serviceLeg(); leg != nil {
		_, info := leg.agreed()
		return info
	}
	return nil
}

// Encoding is the object encoding that is agreed upon with the service; AMF0 without one.
func (nc *NetConnection) Encoding() ObjectEncoding {
	if leg := nc.serviceLeg(); leg != nil {
		encoding, _ := leg.agreed()
		return encoding
	}
	return AMF0
}

// SendPeerInfo tells the service our own addresses again, after the machine's have changed (setPeerInfo, RFC 7425 §5.3.3). It
// is sent by itself after connecting, and when the service has noted a change of our address.
func (nc *NetConnection) SendPeerInfo() error {
	leg := nc.serviceLeg()
	if leg == nil {
		return ErrNotConnected
	}
	return leg.send(SetPeerInfo(nc.peerInfo()))
}
