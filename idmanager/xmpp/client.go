package xmpp

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"sundog.dev/sundog/idmanager"
)

// Client is signed in to one account, or trying to be, from New to Close. It implements idmanager.IdManager.
//
// One goroutine (run) signs in and reads; each session has one that writes and one that watches over it; each watch has one. Close
// ends them all and waits for them.
type Client struct {
	opts  Options
	jid   JID // bare
	fixed *target
	log   *slog.Logger
	login *login // used by run only

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup // run, watches, repairs
	kick   chan struct{}  // somebody waits: do not pause longer than need be
	turn   chan struct{}  // holds one token: who registers or withdraws does so alone

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced when what wait looks at changes
	online   *session      // nil: not signed in
	failures int           // attempts that have failed
	err      error         // of the last of them
	refused  time.Time     // when the password was refused, with which nobody tries again by itself; zero: it was not
	closing  bool
	resource string
	redirect *target
	resume   *resumption // what to resume; nil: nothing

	requests map[string]*request
	arrivals chan struct{} // somebody is in people.arrived
	people   people
	own      own
}

var _ idmanager.IdManager = (*Client)(nil)

// New makes a client and begins to sign in. Its errors are about the options only; what the server says is told to
// whoever registers or looks up.
func New(o Options) (*Client, error) {
	jid, err := ParseJID(o.JID)
	if err != nil {
		return nil, err
	}
	if jid.Local == "" {
		return nil, fmt.Errorf("%q is %w: it names no user", o.JID, errJID)
	}
	if o.Signer == nil {
		return nil, errors.New("xmpp: no identity key to sign registrations by")
	}
	if _, ok := o.Signer.Public().(ed25519.PublicKey); !ok {
		return nil, errors.New("xmpp: the identity key is not an Ed25519 key")
	}
	if len(jid.Bare().String()) > idmanager.MaxName {
		return nil, fmt.Errorf("the XMPP address is longer than %d bytes", idmanager.MaxName)
	}
	c := &Client{
		opts: o, jid: jid.Bare(), log: o.Log,
		login:    newLogin(jid.Local, o.Password, o.AllowPlain),
		kick:     make(chan struct{}, 1),
		turn:     make(chan struct{}, 1),
		arrivals: make(chan struct{}, 1),
		changed:  make(chan struct{}),
		resource: o.Resource,
		requests: make(map[string]*request),
	}
	if o.Host != "" {
		t, err := parseHost(o.Host)
		if err != nil {
			return nil, err
		}
		c.fixed = &t
	}
	if c.resource == "" {
		c.resource = jid.Resource
	}
	if c.resource == "" {
		c.resource = "sundog-" + randomID()
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.log = c.log.With("directory", c.jid.String())
	if c.opts.Dial == nil {
		c.opts.Dial = (&net.Dialer{}).DialContext
	}
	if c.opts.Resolver == nil {
		c.opts.Resolver = net.DefaultResolver
	}
	c.people.init(c.jid.String())
	c.turn <- struct{}{}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.wg.Go(c.run)
	return c, nil
}

// Where is the account's domain.
func (c *Client) Where() string { return c.jid.Domain }

// Close withdraws the record, signs out and ends all watches; it takes a few seconds at most.
func (c *Client) Close() error {
	c.mu.Lock()
	first := !c.closing
	c.closing = true
	online, registered := c.online, c.own.record != nil
	c.mu.Unlock()
	if first && online != nil {
		ctx, cancel := context.WithTimeout(c.ctx, goodbyeTimeout)
		if registered {
			if err := c.publishOn(ctx, online, idmanager.Record{}); err != nil {
				c.log.Debug("not withdrawn before signing out", "err", err)
			}
		}
		online.goodbye(ctx)
		cancel()
	}
	c.cancel()
	c.wg.Wait()
	return nil
}

// run signs in, serves the session until it breaks, and begins again.
func (c *Client) run() {
	defer c.failRequests(ErrClosed)
	backoff, redirects, lost := firstBackoff, 0, time.Now()
	for c.ctx.Err() == nil {
		begin := time.Now()
		err := c.session()
		if c.ctx.Err() != nil {
			return
		}
		if time.Since(begin) > steadyAfter {
			backoff, redirects, lost = firstBackoff, 0, time.Now()
		}
		redirected := c.policy(err, &redirects)
		c.log.Info("not signed in", "err", err)
		c.mu.Lock()
		c.failures++
		c.err = c.failed(err)
		c.refused = time.Time{}
		if errors.Is(err, idmanager.ErrLogin) {
			c.refused = time.Now()
		}
		select {
		case <-c.kick: // who waited is told now
		default:
		}
		c.announce()
		c.mu.Unlock()
		if !redirected {
			c.pause(backoff, errors.Is(err, idmanager.ErrLogin))
			backoff = min(2*backoff, lastBackoff)
			if time.Since(lost) < restartTime {
				backoff = min(backoff, restartBackoff)
			}
		}
	}
}

// policy draws conclusions from a stream's end; true: try again at once.
func (c *Client) policy(err error, redirects *int) bool {
	var ended *streamError
	c.mu.Lock()
	defer c.mu.Unlock()
	redirected := c.redirect != nil
	c.redirect = nil
	for _, bad := range []error{errRestricted, errMalformed, errTooLarge, errProtocol} {
		if errors.Is(err, bad) {
			c.resume = nil // or what we could not take would be sent again
		}
	}
	if !errors.As(err, &ended) {
		return redirected && c.online == nil && *redirects <= maxRedirects // back to where we came from
	}
	c.resume = nil // RFC 6120 §4.9.1.1: the session is gone
	switch ended.condition {
	case "conflict": // another client has taken our resource; taking it back would go on for ever
		c.resource = "sundog-" + randomID()
	case "see-other-host":
		if *redirects++; *redirects > maxRedirects {
			return false
		}
		t, err := parseHost(ended.host)
		if err != nil {
			return false
		}
		c.redirect = &t // the certificate there must be the JID's domain's as well
		return true
	}
	return false
}

// pause waits before the next attempt: for about the time given, or less when somebody wants something; after a refused
// password until somebody registers.
func (c *Client) pause(backoff time.Duration, refused bool) {
	begin := time.Now()
	timer := time.NewTimer(backoff/2 + randomTime(backoff/2))
	defer timer.Stop()
	if refused {
		timer.Stop()
	}
	for {
		select {
		case <-timer.C:
			return
		case <-c.kick:
			if refused {
				return
			}
			timer.Reset(max(0, min(backoff, firstBackoff)-time.Since(begin)))
		case <-c.ctx.Done():
			return
		}
	}
}

// announce wakes those who wait; c.mu is held.
func (c *Client) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// wait waits until we are signed in, or until the attempt under way or the next one has failed. Only who insists makes
// a refused password be tried again.
func (c *Client) wait(ctx context.Context, insist bool) (*session, error) {
	c.mu.Lock()
	begin := c.failures
	for {
		changed, online := c.changed, c.online
		var err error
		switch {
		case c.closing || c.ctx.Err() != nil:
			err = ErrClosed
		case ctx.Err() != nil:
			err = ctx.Err()
		case online != nil:
		case c.failures != begin:
			err = c.err
		case !c.refused.IsZero() && (!insist || time.Since(c.refused) < loginPause):
			err = c.err
		}
		if err == nil && online == nil {
			select {
			case c.kick <- struct{}{}:
			default:
			}
		}
		c.mu.Unlock()
		if err != nil || online != nil {
			return online, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
		case <-c.ctx.Done():
		}
		c.mu.Lock()
	}
}

// session signs in once and serves the session until its end, for which it returns the reason.
func (c *Client) session() error {
	ctx, cancel := context.WithTimeout(c.ctx, signInTimeout)
	defer cancel()
	s, resumed, err := c.connect(ctx)
	if err != nil {
		return err
	}
	if !resumed {
		c.failRequests(errStreamLost)
	}
	s.start(!resumed)
	setUp := make(chan struct{})
	go func() {
		defer close(setUp)
		if !resumed {
			if err := c.setUp(ctx, s); err != nil {
				s.fail(err)
				return
			}
		}
		c.mu.Lock()
		c.online = s
		c.announce()
		c.mu.Unlock()
		c.log.Info("signed in", "server", s.conn.RemoteAddr(), "resumed", resumed)
	}()
	err = s.serve()
	cancel()
	<-setUp
	c.mu.Lock()
	if c.online != nil {
		c.online = nil
		c.announce()
	}
	if errors.Is(err, io.EOF) { // it closed the stream in good order, which cannot be resumed
		c.resume = nil
		err = errors.New("it has signed us out")
	}
	c.mu.Unlock()
	return err
}

func randomID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
