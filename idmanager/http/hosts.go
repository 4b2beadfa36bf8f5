package http

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager/http/v1"
)

// hosts are the URLs under which the directory's /v1 is: the one that the user gave, and its instances.
type hosts struct {
	base *url.URL

	mu    sync.Mutex
	more  []*url.URL
	rtmfp []string             // where the instances' introduction services are
	avoid map[string]time.Time // until when, since it did not answer
	last  string               // the one that answered last
}

// set notes the instances that live. They must be as safe as the base.
func (h *hosts) set(instances []v1.Instance) {
	var more []*url.URL
	var rtmfp []string
	for _, i := range instances {
		if room := maxInstances - len(rtmfp); !i.Draining && room > 0 {
			rtmfp = append(rtmfp, i.RTMFP[:min(len(i.RTMFP), room)]...)
		}
		u, err := url.Parse(i.HTTP)
		if err != nil || i.HTTP == "" || i.Draining || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || h.base.Scheme == "https") {
			continue
		}
		u.RawQuery, u.Fragment, u.Path = "", "", strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/v1")
		if len(more) < maxInstances {
			more = append(more, u)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.more, h.rtmfp = more, rtmfp
}

// Rendezvous are the addresses (rtmfp://host[:port]) of the introduction services that belong to the directory's instances, as
// the directory has told last; none while it has told nothing.
func (c *Client) Rendezvous() []string {
	c.hosts.mu.Lock()
	defer c.hosts.mu.Unlock()
	return slices.Clone(c.hosts.rtmfp)
}

// order is the order in which to ask them: the one that answered last, the base, the others; those that did not answer lately come last.
func (h *hosts) order(now time.Time) []*url.URL {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := []*url.URL{h.base}
	for _, u := range h.more {
		if !slices.ContainsFunc(all, func(o *url.URL) bool { return o.String() == u.String() }) {
			all = append(all, u)
		}
	}
	rank := func(u *url.URL) int {
		switch s := u.String(); {
		case h.avoid[s].After(now):
			return 2
		case s == h.last:
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b *url.URL) int { return rank(a) - rank(b) })
	return all
}

// answered notes whether a host did.
func (h *hosts) answered(u *url.URL, ok bool, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ok {
		h.last = u.String()
		delete(h.avoid, h.last)
		return
	}
	if h.avoid == nil || len(h.avoid) > 4*maxInstances {
		h.avoid = make(map[string]time.Time)
	}
	h.avoid[u.String()] = now.Add(avoidFor)
}
