package xmpp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Resolver looks SRV records up; *net.Resolver is one.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

// target is an address to try.
type target struct {
	host   string // a name, or an address without brackets
	port   uint16
	direct bool // TLS from the first byte (XEP-0368)
}

func (t target) address() string { return net.JoinHostPort(t.host, strconv.Itoa(int(t.port))) }

// parseHost reads Options.Host: [xmpp://|xmpps://]host[:port], where xmpps means direct TLS.
func parseHost(s string) (target, error) {
	t := target{port: portClient}
	rest, direct := strings.CutPrefix(s, "xmpps://")
	if t.direct = direct; direct {
		t.port = portDirect
	} else {
		rest = strings.TrimPrefix(s, "xmpp://")
	}
	t.host = rest
	if host, port, err := net.SplitHostPort(rest); err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return target{}, fmt.Errorf("the server address %q has no port from 1 to 65535", shortened(s))
		}
		t.host, t.port = host, uint16(n)
	} else if inner, ok := strings.CutPrefix(rest, "["); ok {
		t.host = strings.TrimSuffix(inner, "]")
	}
	if _, err := netip.ParseAddr(t.host); err == nil {
		return t, nil
	}
	d := prepareDomain(t.host)
	if d == "" || strings.HasPrefix(d, "[") {
		return target{}, fmt.Errorf("the server address %q names no host", shortened(s))
	}
	t.host = JID{Domain: d}.ascii()
	return t, nil
}

// errNoService says that a domain's SRV records say that there is no XMPP (a target of ".", RFC 2782).
var errNoService = errors.New("its DNS says that it offers no XMPP")

// findTargets says where a domain's server may be, in the order to try: by the SRV records of both kinds taken together
// (XEP-0368 §5), or else the domain itself (RFC 6120 §3.2.2). LookupSRV has shuffled equal priorities by weight.
func findTargets(ctx context.Context, r Resolver, domain string) ([]target, error) {
	if a, err := netip.ParseAddr(domain); err == nil {
		return []target{{host: a.String(), port: portClient}}, nil
	}
	type record struct {
		target
		priority uint16
	}
	var found []record
	refused := false
	for _, kind := range []struct {
		service string
		direct  bool
	}{{"xmpps-client", true}, {"xmpp-client", false}} {
		_, records, err := r.LookupSRV(ctx, kind.service, "tcp", domain)
		if err != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// A resolver that drops some records reports that with the others. Without any, the domain itself is tried: where
		// the resolver does not work at all, that fails with its own error.
		for _, rec := range records {
			if rec.Target == "." || rec.Target == "" {
				refused = true
				continue
			}
			if host := prepareDomain(rec.Target); host != "" && rec.Port != 0 && !strings.HasPrefix(host, "[") {
				found = append(found, record{target{JID{Domain: host}.ascii(), rec.Port, kind.direct}, rec.Priority})
			}
		}
	}
	if len(found) == 0 {
		if refused {
			return nil, errNoService
		}
		return []target{{host: domain, port: portClient}}, nil
	}
	slices.SortStableFunc(found, func(a, b record) int { return int(a.priority) - int(b.priority) })
	var targets []target
	for _, f := range found[:min(len(found), maxTargets)] {
		targets = append(targets, f.target)
	}
	return targets, nil
}
