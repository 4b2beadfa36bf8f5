package xmpp

import (
	"context"
	"crypto"
	"crypto/tls"
	"log/slog"
	"net"
)

// Options say whose account it is and how to reach it.
type Options struct {
	// JID is the account, ann@example.org; Password proves that it is ours.
	JID, Password string
	// Signer is the identity key, an Ed25519 one, by which registrations are signed.
	Signer crypto.Signer

	// Host is where the server is, [xmpp://|xmpps://]host[:port], xmpps meaning TLS from the first byte; empty: where the
	// domain's SRV records say. The certificate is the domain's, whatever the host.
	Host string
	// Resource names this client among the account's; empty: one made at random.
	Resource string
	// AllowPlain allows sending the password itself, inside verified TLS, to a server that can do nothing better. The
	// server, and whoever breaks into it, learns it.
	AllowPlain bool
	// TLSConfig holds roots, if not the system's. The certificate is verified for the JID's domain whatever it says.
	TLSConfig *tls.Config

	// Dial and Resolver are the network; nil: the system's.
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	Resolver Resolver
	// Log hears what goes wrong without anybody waiting for it; nil: nobody does. Passwords are not logged.
	Log *slog.Logger
}
