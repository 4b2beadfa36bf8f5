package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
	"sundog.dev/sundog/internal/cluster"
	"sundog.dev/sundog/rtmfp/turn"
)

const (
	// relaySecret is where the secret is kept that all instances make credentials with, so that each accepts the others'.
	relaySecretBucket, relaySecretKey = "secrets", "turn"

	// relayCredentials is how long they last. What is relayed goes on after that.
	relayCredentials = time.Hour

	// maxRelayConnections and maxSourceRelayConnections bound the TCP connections to the relay.
	maxRelayConnections       = 1024
	maxSourceRelayConnections = 128
)

// startRelay brings up the relay, if one is wanted.
func (d *daemon) startRelay(ctx context.Context) error {
	if d.opt.turn == "" {
		return nil
	}
	secret, err := relaySecret(ctx, d.cluster)
	if err != nil {
		return fmt.Errorf("the relay's secret cannot be had: %w", err)
	}
	udp, err := listenUDP(d.opt.turn)
	if err != nil {
		return err
	}
	at := udp.LocalAddr().(*net.UDPAddr).AddrPort()
	tcp, err := listenTCP(netip.AddrPortFrom(at.Addr().Unmap(), at.Port()).String())
	if err != nil {
		_ = udp.Close()
		return err
	}
	public, bind := relayAddresses(d.opt.advertise.Addr(), at.Addr().Unmap(), outboundAddress())
	limited := limitConnections(tcp, maxRelayConnections, maxSourceRelayConnections, nil)
	d.relay, err = turn.NewServer(udp, limited, turn.ServerConfig{
		Relay: public, Bind: bind, Realm: "sundog", Secret: secret, Peers: d.opt.turnPeers, Log: d.log,
	})
	if err != nil {
		_, _ = udp.Close(), tcp.Close()
		return errors.New("the relay needs a public IPv4 address of this host: tell it by --advertise")
	}
	d.onClose(d.relay.Close)
	host := netip.AddrPortFrom(public, at.Port())
	d.self.Relay = []string{"turn:" + host.String(), "turn:" + host.String() + "?transport=tcp"}
	d.relaySecret = secret
	return nil
}

// relaySecret reads the secret that the instances share, or makes it.
func relaySecret(ctx context.Context, c *cluster.Cluster) ([]byte, error) {
	bucket, err := c.Bucket(ctx, cluster.BucketConfig{Name: relaySecretBucket})
	if err != nil {
		return nil, err
	}
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails
	if _, err := bucket.Create(ctx, relaySecretKey, fresh, 0); err == nil {
		return fresh, nil
	} else if !errors.Is(err, cluster.ErrExists) {
		return nil, err
	}
	e, err := bucket.Get(ctx, relaySecretKey)
	return e.Value, err
}

// relayAddresses are the address that clients of the relay are told, and the host's own one for relayed packets. They differ
// behind a NAT, as clouds have.
func relayAddresses(advertised, listening, outbound netip.Addr) (public, bind netip.Addr) {
	bind = listening
	if !bind.Is4() || bind.IsUnspecified() {
		bind = outbound
	}
	if public = advertised; !public.Is4() {
		public = bind
	}
	return public, bind
}

// outboundAddress is the IPv4 address from which this host reaches others. Nothing is sent to find out.
func outboundAddress() netip.Addr {
	conn, err := net.Dial("udp4", "192.0.2.1:9")
	if err != nil {
		return netip.Addr{}
	}
	defer func() { _ = conn.Close() }()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}

// relayFor makes credentials for the owner of an identity key. The relay learns a digest of the key only.
func (d *daemon) relayFor(_ context.Context, identity ed25519.PublicKey) (v1.Relay, error) {
	digest := sha256.Sum256(identity)
	expires := time.Now().Add(relayCredentials)
	user, password := turn.Issue(d.relaySecret, hex.EncodeToString(digest[:8]), expires)
	return v1.Relay{URLs: d.instances.relays(), Username: user, Password: password, Expires: expires.UnixMilli()}, nil
}
