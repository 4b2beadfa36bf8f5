package http

import (
	"context"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	nethttp "net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
)

// Options of a client. The zero value is one that can look up and watch, and registers as old clients do.
type Options struct {
	// Signer is the user's identity key, an Ed25519 one, by which names are registered where the directory has /v1. Nil:
	// they are registered by reg.cgi.
	Signer crypto.Signer
	// Client sends the requests; nil: one of our own that keeps no connections.
	Client *nethttp.Client
	// Log receives what nobody waits for; nil discards it.
	Log *slog.Logger
}

// Client speaks to one directory. It implements idmanager.IdManager; its errors
// name the directory's host. Where the directory has /v1, a goroutine of the client's keeps a stream open while
// something is registered or watched, which keeps the registration alive. Close ends it.
type Client struct {
	opt    Options
	script url.URL // of reg.cgi
	hosts  hosts   // of /v1
	log    *slog.Logger
	broken chan struct{}

	ctx     context.Context // of the client's life
	cancel  context.CancelFunc
	running sync.WaitGroup // Add only under mu, and not when ctx has ended

	dialects dialects
	clock    clock
	changed  chan struct{} // a value: the stream is to carry something else
	held     bool          // the last stream that was opened kept our registration, and Broken was not told of its end; stream's own

	mu        sync.Mutex
	mine      *own                // what is registered
	followers map[*follower]bool  // those who watch by the stream
	known     map[string]v1.Name  // what the stream has told, by folded name
	carried   map[string]struct{} // the folded names that the open stream carries
	live      string              // the token that the open stream keeps alive; "": none
	streaming bool                // the stream's goroutine runs
}

// own is our registration.
type own struct {
	record   idmanager.Record
	key      string // folded name
	token    string // of /v1; "": registered by reg.cgi, or to be registered anew
	old      bool   // by reg.cgi
	replaced bool   // another device of ours has taken our place
}

var _ idmanager.IdManager = (*Client)(nil)

// Errors of a client beside idmanager's.
var (
	// ErrNotRegistered says that there is no registration to refresh.
	ErrNotRegistered = errors.New("nothing is registered yet")
	// ErrClosed says that the client has been closed.
	ErrClosed = errors.New("the directory is no longer in use")
	// ErrNoRelay says that the directory's service has no relay.
	ErrNoRelay = errors.New("the service has no relay")
)

// New makes a client of the directory at base, an http or https URL: that of a
// service (which has /v1, or else reg.cgi), or the full URL of somebody's old script, told by the dot in its last element. It does not
// connect.
func New(base string, opt Options) (*Client, error) {
	u, err := url.Parse(strings.TrimSpace(base))
	if err != nil {
		return nil, fmt.Errorf("the directory address %q cannot be read: %w", base, errors.Unwrap(err))
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("the directory address %q does not begin with http:// or https:// and a host", base)
	}
	u.Fragment = ""
	if opt.Client == nil {
		// A stream, and a request now and then: nothing to keep open beside it.
		opt.Client = &nethttp.Client{Transport: &nethttp.Transport{Proxy: nethttp.ProxyFromEnvironment, DisableKeepAlives: true}}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{
		opt: opt, log: opt.Log.With("directory", u.Host), broken: make(chan struct{}, 1), changed: make(chan struct{}, 1),
		followers: make(map[*follower]bool), known: make(map[string]v1.Name), carried: make(map[string]struct{}),
	}
	c.dialects.probing = make(chan struct{}, 1)
	if last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]; strings.Contains(last, ".") {
		c.script, c.dialects.now, c.dialects.fixed = *u, dialectOld, true
	} else {
		c.script = *u.JoinPath(script)
	}
	c.hosts.base = u
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// Where is the directory's host.
func (c *Client) Where() string { return c.script.Host }

// Broken has a value whenever the stream that keeps our registration alive has broken, or the directory has told that it has ended: the
// service may have gone, and whoever has a session with it does well to see whether that lives. The client connects and registers again
// by itself. Directories that have only reg.cgi never tell.
func (c *Client) Broken() <-chan struct{} { return c.broken }

// Close ends watches and the stream, and waits. What is registered ends soon; Unregister does so at once.
func (c *Client) Close() error {
	c.mu.Lock()
	c.cancel()
	c.mu.Unlock()
	c.running.Wait()
	return nil
}

// start runs f in a goroutine that Close waits for. False after Close.
func (c *Client) start(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.startLocked(f)
}

func (c *Client) startLocked(f func()) bool {
	if c.ctx.Err() != nil {
		return false
	}
	c.running.Go(f)
	return true
}

// bound is a context for one call: it ends with ctx, after requestTimeout, and by Close.
func (c *Client) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	stop := context.AfterFunc(c.ctx, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// Register publishes our name and peer ID. Where the directory has /v1, the record is signed, and the name is ours from then on: ErrNameTaken
// when it belongs to another key. Otherwise the directory believes whoever
// wrote last; ErrRefused when it says that it could not store it; reg.cgi has no place for r.Rendezvous.
func (c *Client) Register(ctx context.Context, r idmanager.Record) error {
	name, err := v1.Normalise(r.Name)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", idmanager.ErrRefused, err)
	case !isPeerID(r.PeerID):
		return fmt.Errorf("%w: %q is no peer ID", idmanager.ErrRefused, r.PeerID)
	}
	r.Name, r.PeerID = name, strings.ToLower(r.PeerID)
	ctx, cancel := c.bound(ctx)
	defer cancel()
	old, err := c.registersByOld(ctx)
	if err != nil {
		return err
	}
	if old {
		if err := c.updateOld(ctx, r.Name, r.PeerID); err != nil {
			return err
		}
		c.setOwn(&own{record: r, old: true})
		return nil
	}
	return c.register(ctx, r)
}

// registersByOld reports whether names are registered by reg.cgi.
func (c *Client) registersByOld(ctx context.Context) (bool, error) {
	d, err := c.dialect(ctx)
	return d == dialectOld || c.opt.Signer == nil, err
}

// Refresh repeats the registration. By reg.cgi it is due every RefreshInterval; otherwise the client does by itself what has to be done, and Refresh
// sees to it that it is.
func (c *Client) Refresh(ctx context.Context) error {
	c.mu.Lock()
	mine := c.mine
	c.mu.Unlock()
	if mine == nil {
		return ErrNotRegistered
	}
	ctx, cancel := c.bound(ctx)
	defer cancel()
	if err := c.usable(ctx); err != nil {
		return err
	}
	if mine.old {
		return c.updateOld(ctx, mine.record.Name, mine.record.PeerID, "time", now())
	}
	return c.refresh(ctx)
}

// usable says why a call cannot be made: the client is closed, or the context has ended.
func (c *Client) usable(ctx context.Context) error {
	if c.ctx.Err() != nil {
		return c.failed(ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return c.failed(err)
	}
	return nil
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
	c.restream()
	ctx, cancel := c.bound(ctx)
	defer cancel()
	if err := c.usable(ctx); err != nil {
		return err
	}
	if mine.old {
		return c.updateOld(ctx, mine.record.Name, unregistered)
	}
	return c.withdraw(ctx, mine)
}

// setOwn notes what is registered, and has the stream keep it alive.
func (c *Client) setOwn(o *own) {
	c.mu.Lock()
	c.mine = o
	c.mu.Unlock()
	if !o.old {
		c.restream()
	}
}

// LookUp finds somebody. ErrUnknownName: nobody has that name; by reg.cgi also, when it was not refreshed for an hour. ErrOffline: it is
// somebody's who is not there. Record.Identity is set only if the key has signed the record.
func (c *Client) LookUp(ctx context.Context, name string) (idmanager.Record, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > maxName {
		return idmanager.Record{}, idmanager.ErrUnknownName
	}
	ctx, cancel := c.bound(ctx)
	defer cancel()
	d, err := c.dialect(ctx)
	if err != nil {
		return idmanager.Record{}, err
	}
	if d == dialectOld {
		return c.lookUpOld(ctx, name)
	}
	return c.lookUp(ctx, name)
}

func isPeerID(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32
}

// clock is the directory's, as far as we know.
type clock struct {
	mu     sync.Mutex
	ahead  time.Duration // of ours
	signed int64         // the latest time that we have signed, ms since 1970
}

// set notes the directory's time, ms since 1970.
func (c *clock) set(ms int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = time.Until(time.UnixMilli(ms))
}

// after has the next signature be later than that, ms since 1970, unless the directory asks for the far future.
func (c *clock) after(ms int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ms < time.Now().Add(c.ahead+maxAhead).UnixMilli() {
		c.signed = max(c.signed, ms)
	}
}

// sign is the time for a signature: now by the directory's clock, and later than any before.
func (c *clock) sign() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ahead := time.Now().Add(c.ahead + maxAhead).UnixMilli(); c.signed > ahead {
		c.signed = 0 // our clock, or the directory's, was put back
	}
	c.signed = max(c.signed+1, time.Now().Add(c.ahead).UnixMilli())
	return time.UnixMilli(c.signed)
}
