package main

import (
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the networks from which X-Forwarded-For is believed: those of --proxies, and loopback.
type proxies []netip.Prefix

// trust reports whether a is a proxy's address.
func (p proxies) trust(a netip.Addr) bool {
	a = a.Unmap()
	if a.IsLoopback() {
		return true
	}
	for _, network := range p {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// handler lets h see the client's address in RemoteAddr, and not that of the proxy that has passed the request on. Of
// X-Forwarded-For only what trusted proxies have written counts: the rightmost address that is none of theirs. What stands to
// the left of it could be anybody's invention.
func (p proxies) handler(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if client, ok := p.client(r); ok {
			r2 := *r
			r2.RemoteAddr = netip.AddrPortFrom(client, 0).String()
			r = &r2
		}
		h.ServeHTTP(w, r)
	})
}

// client is the address that X-Forwarded-For tells, if it does.
func (p proxies) client(r *http.Request) (client netip.Addr, ok bool) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !p.trust(from.Addr()) {
		return netip.Addr{}, false
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			return client, ok
		}
		client, ok = a, true
		if !p.trust(a) {
			break
		}
	}
	return client, ok
}

// parseHop accepts an address as proxies write it: alone, or with a port.
func parseHop(s string) (netip.Addr, error) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap(), nil
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap(), err
}
