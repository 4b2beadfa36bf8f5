package http

import (
	"context"
	"errors"
	"fmt"
	nethttp "net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
)

// updateOld registers by reg.cgi.
func (c *Client) updateOld(ctx context.Context, name, identity string, more ...string) error {
	r, err := c.get(ctx, append([]string{"username", name, "identity", identity}, more...)...)
	switch {
	case err != nil:
		return err
	case !r.hasUpdate:
		return c.failed(errUnreadable)
	case !r.updated:
		return c.failed(idmanager.ErrRefused)
	}
	return nil
}

// lookUpOld finds somebody by reg.cgi. A name without an identity is ErrUnknownName: never
// registered, or not refreshed for an hour, which the protocol does not tell apart. An identity of "0" (withdrawn)
// or none is ErrOffline.
func (c *Client) lookUpOld(ctx context.Context, name string) (idmanager.Record, error) {
	r, err := c.get(ctx, "friends", name, "time", now())
	if err != nil {
		return idmanager.Record{}, err
	}
	if f, ok := r.find(name); ok {
		record, err := f.record(name)
		if err != nil && !errors.Is(err, idmanager.ErrUnknownName) && !errors.Is(err, idmanager.ErrOffline) {
			err = c.failed(err)
		}
		return record, err
	}
	if r.hasUpdate { // a clone's way to say that it does not know the name
		return idmanager.Record{}, idmanager.ErrUnknownName
	}
	return idmanager.Record{}, c.failed(errUnreadable)
}

// find returns what a reply says of a name. A reply that speaks of one friend only means the one asked for.
func (r reply) find(name string) (friend, bool) {
	for _, f := range r.friends {
		if strings.EqualFold(f.user, name) {
			return f, true
		}
	}
	if len(r.friends) == 1 {
		return r.friends[0], true
	}
	return friend{}, false
}

// record turns a friend into a Record, ErrUnknownName or ErrOffline.
func (f friend) record(asked string) (idmanager.Record, error) {
	switch {
	case !f.known:
		return idmanager.Record{}, idmanager.ErrUnknownName
	case f.identity == "" || f.identity == unregistered || f.identity == "null":
		return idmanager.Record{}, idmanager.ErrOffline
	case !isPeerID(f.identity):
		return idmanager.Record{}, fmt.Errorf("%w: it knows %q by something that is no peer ID", errUnreadable, asked)
	}
	r := idmanager.Record{Name: asked, PeerID: strings.ToLower(f.identity)}
	if f.registered != "" {
		r.Name = f.registered
	}
	return r, nil
}

// get sends one request to reg.cgi, given as names and values in their order.
func (c *Client) get(ctx context.Context, params ...string) (reply, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	if err := c.usable(ctx); err != nil {
		return reply{}, err
	}
	u := c.script
	var query strings.Builder
	query.WriteString(u.RawQuery)
	for i := 0; i < len(params); i += 2 {
		if query.Len() > 0 {
			query.WriteByte('&')
		}
		query.WriteString(params[i] + "=" + url.QueryEscape(params[i+1]))
	}
	u.RawQuery = query.String()
	r, err := c.getURL(ctx, u.String())
	if err != nil {
		if c.dialects.get() == dialectOld {
			c.dialects.set(dialectUnknown) // it may have become another
		}
		return reply{}, c.failed(err)
	}
	if c.dialects.get() == dialectUnknown {
		c.dialects.set(dialectOld)
	}
	return r, nil
}

func (c *Client) getURL(ctx context.Context, u string) (reply, error) {
	req, err := nethttp.NewRequestWithContext(ctx, nethttp.MethodGet, u, nil)
	if err != nil {
		return reply{}, err
	}
	resp, err := c.opt.Client.Do(req)
	if err != nil {
		return reply{}, withoutURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != nethttp.StatusOK {
		return reply{}, status(resp.StatusCode)
	}
	body, err := readReply(resp.Body)
	if err != nil {
		return reply{}, err
	}
	return parseReply(body)
}

// now is the parameter that keeps caches from answering.
func now() string { return strconv.FormatInt(time.Now().UnixMilli(), 10) }
