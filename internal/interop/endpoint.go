package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"sundog.dev/sundog/rtmfp"
	"sundog.dev/sundog/rtmfp/flashcrypto"
	"sundog.dev/sundog/rtmfp/turn"
)

// identity is what the flags say about an endpoint.
type identity struct {
	listen     string
	groups     string
	oldClients bool
	server     bool
	name       string
	relay      string
	verbose    bool
	events     bool
}

// flags declares the flags; listen is where the endpoint listens unless told.
func (id *identity) flags(f *flag.FlagSet, listen string) {
	f.StringVar(&id.listen, "listen", listen, "the UDP `address` of the endpoint")
	f.StringVar(&id.groups, "groups", "31,14", "Diffie-Hellman `groups` in order of preference")
	f.BoolVar(&id.oldClients, "old-clients", false, "be there for old clients: weak groups, no HMAC or session sequence numbers required, no -groups or -name")
	f.BoolVar(&id.server, "server", id.server, "have a server's certificate, with ephemeral keys")
	f.StringVar(&id.name, "name", id.name, "the host `name` in the certificate")
	f.StringVar(&id.relay, "relay", "", "be reached by a TURN relay at this `address` (turn:user:password@host:port) and not by -listen")
	f.BoolVar(&id.verbose, "v", false, "log to the standard error")
	f.BoolVar(&id.events, "events", false, "write the event log to the standard error")
}

// profile makes a fresh identity.
func (id *identity) profile() (*flashcrypto.Profile, error) {
	if id.oldClients {
		return flashcrypto.NewProfile(flashcrypto.Options{Server: id.server, OldClients: true})
	}
	var groups []flashcrypto.Group
	for text := range strings.SplitSeq(id.groups, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 16)
		if err != nil {
			return nil, fmt.Errorf("groups: %w", err)
		}
		groups = append(groups, flashcrypto.Group(n))
	}
	return flashcrypto.NewProfile(flashcrypto.Options{
		Server: id.server, Groups: groups, Hostname: id.name,
	})
}

// endpoint opens a socket and an endpoint on it.
func (id *identity) endpoint(cfg rtmfp.Config) (*rtmfp.Endpoint, *flashcrypto.Profile, error) {
	profile, err := id.profile()
	if err != nil {
		return nil, nil, err
	}
	conn, err := id.packetConn()
	if err != nil {
		return nil, nil, err
	}
	cfg.Crypto, cfg.Log = profile, id.log()
	if id.events {
		cfg.Events = os.Stderr
	}
	end, err := rtmfp.NewEndpoint(conn, cfg)
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return end, profile, nil
}

// packetConn is a socket, or a relayed address.
func (id *identity) packetConn() (rtmfp.PacketConn, error) {
	if id.relay == "" {
		return id.socket()
	}
	return turn.Dial(context.Background(), id.relay)
}

func (id *identity) socket() (*net.UDPConn, error) {
	addr, err := netip.ParseAddrPort(id.listen)
	if err != nil {
		return nil, err
	}
	return net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
}

func (id *identity) log() *slog.Logger {
	if !id.verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// target is whom the flags say to open a session with.
type target struct{ fingerprint, name, uri string }

func (t *target) flags(f *flag.FlagSet) {
	f.StringVar(&t.fingerprint, "to-fingerprint", "", "require this `fingerprint`")
	f.StringVar(&t.name, "to-name", "", "require this host `name`")
	f.StringVar(&t.uri, "to-uri", "rtmfp:", "else ask for any server, by this `URI`")
}

// epd is the endpoint discriminator.
func (t *target) epd() ([]byte, error) {
	switch {
	case t.fingerprint != "":
		id, err := flashcrypto.ParseFingerprint(t.fingerprint)
		return id.EPD(), err
	case t.name != "":
		return flashcrypto.HostnameEPD(t.name), nil
	}
	return flashcrypto.AncillaryEPD(t.uri), nil
}

// answerWait is how long the other program may take to answer at first. An opening goes on for 95 s by itself; nobody who
// tries programs against each other wants to wait for that.
const answerWait = 15 * time.Second

// dial opens a session.
func dial(ctx context.Context, end *rtmfp.Endpoint, epd []byte, addr netip.AddrPort) (*rtmfp.Session, error) {
	trying, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	session, err := end.Dial(trying, epd, addr)
	return session, unanswered(err, addr.String())
}

// unanswered says what a failure to reach somebody means.
func unanswered(err error, who string) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer from %s for %v: see that it is running, and that UDP gets through to there: %w", who, answerWait, err)
	}
	return err
}

// fingerprint is the far end's, in hexadecimal.
func fingerprint(s *rtmfp.Session) string {
	return flashcrypto.Fingerprint(s.FarCertificate().Fingerprint()).String()
}
