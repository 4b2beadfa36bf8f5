package http

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	nethttp "net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager"
)

// Client speaks to one directory. It implements idmanager.IdManager; its errors
// name the directory's host.
type Client struct {
	url    url.URL
	client *nethttp.Client

	mu   sync.Mutex
	mine *idmanager.Record // what is registered
}

var _ idmanager.IdManager = (*Client)(nil)

// ErrNotRegistered says that there is no registration to refresh.
var ErrNotRegistered = errors.New("nothing is registered yet")

// New makes a client of the directory at base, an http or https URL: that of a
// service (reg.cgi is appended), or the full URL of somebody's old script, told by the dot in its last element.
// A nil client means one of our own that keeps no connections.
func New(base string, client *nethttp.Client) (*Client, error) {
	u, err := url.Parse(strings.TrimSpace(base))
	if err != nil {
		return nil, fmt.Errorf("the directory address %q cannot be read: %w", base, errors.Unwrap(err))
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the directory address %q does not begin with http:// or https:// and a host", base)
	}
	if last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]; !strings.Contains(last, ".") {
		u = u.JoinPath(script)
	}
	u.Fragment = ""
	if client == nil {
		// A request in half an hour and a look-up now and then: nothing to keep open.
		client = &nethttp.Client{Transport: &nethttp.Transport{Proxy: nethttp.ProxyFromEnvironment, DisableKeepAlives: true}}
	}
	return &Client{url: *u, client: client}, nil
}

// Where is the directory's host.
func (c *Client) Where() string { return c.url.Host }

// Register publishes our name and peer ID. The directory believes whoever
// wrote last; ErrRefused when it says that it could not store it. The protocol has no place for r.Rendezvous.
func (c *Client) Register(ctx context.Context, r idmanager.Record) error {
	r.Name = strings.TrimSpace(r.Name)
	switch {
	case r.Name == "" || len(r.Name) > maxName:
		return fmt.Errorf("%w: a name has 1 to %d bytes", idmanager.ErrRefused, maxName)
	case !isPeerID(r.PeerID):
		return fmt.Errorf("%w: %q is no peer ID", idmanager.ErrRefused, r.PeerID)
	}
	r.PeerID = strings.ToLower(r.PeerID)
	if err := c.update(ctx, r.Name, r.PeerID); err != nil {
		return err
	}
	c.mu.Lock()
	c.mine = &r
	c.mu.Unlock()
	return nil
}

// Refresh repeats the registration; it is due every RefreshInterval.
func (c *Client) Refresh(ctx context.Context) error {
	c.mu.Lock()
	mine := c.mine
	c.mu.Unlock()
	if mine == nil {
		return ErrNotRegistered
	}
	return c.update(ctx, mine.Name, mine.PeerID, "time", now())
}

// Unregister withdraws the registration, if there is one. It is forgotten even
// when the directory cannot be told.
func (c *Client) Unregister(ctx context.Context) error {
	c.mu.Lock()
	mine := c.mine
	c.mine = nil
	c.mu.Unlock()
	if mine == nil {
		return nil
	}
	return c.update(ctx, mine.Name, unregistered)
}

func (c *Client) update(ctx context.Context, name, identity string, more ...string) error {
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

// LookUp finds somebody. A name without an identity is ErrUnknownName: never
// registered, or not refreshed for an hour, which the protocol does not tell apart. An identity of "0" (withdrawn)
// or none is ErrOffline.
func (c *Client) LookUp(ctx context.Context, name string) (idmanager.Record, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > maxName {
		return idmanager.Record{}, idmanager.ErrUnknownName
	}
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

// get sends one request, given as names and values in their order.
func (c *Client) get(ctx context.Context, params ...string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	u := c.url
	var query strings.Builder
	query.WriteString(u.RawQuery)
	for i := 0; i < len(params); i += 2 {
		if query.Len() > 0 {
			query.WriteByte('&')
		}
		query.WriteString(params[i] + "=" + url.QueryEscape(params[i+1]))
	}
	u.RawQuery = query.String()
	req, err := nethttp.NewRequestWithContext(ctx, nethttp.MethodGet, u.String(), nil)
	if err != nil {
		return reply{}, c.failed(err)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		var e *url.Error // its text repeats the whole URL, names and all
		if errors.As(err, &e) {
			err = e.Err
		}
		return reply{}, c.failed(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != nethttp.StatusOK {
		return reply{}, c.failed(fmt.Errorf("it answers with HTTP status %d", resp.StatusCode))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return reply{}, c.failed(err)
	}
	if len(body) > maxReply {
		return reply{}, c.failed(errUnreadable)
	}
	r, err := parseReply(body)
	if err != nil {
		return reply{}, c.failed(err)
	}
	return r, nil
}

// failed makes a sentence of an error.
func (c *Client) failed(err error) error {
	switch {
	case errors.Is(err, errUnreadable):
		return fmt.Errorf("there is no directory of names at %s: %w", c.Where(), err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the directory %s does not answer: %w", c.Where(), err)
	}
	return fmt.Errorf("the directory %s cannot be used: %w", c.Where(), err)
}

// now is the parameter that keeps caches from answering.
func now() string { return strconv.FormatInt(time.Now().UnixMilli(), 10) }

func isPeerID(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32
}
