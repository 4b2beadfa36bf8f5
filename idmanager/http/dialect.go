package http

import (
	"context"
	"errors"
	"fmt"
	nethttp "net/http"
	"sync"

	"sundog.dev/sundog/idmanager/http/v1"
)

// dialect is how a directory is spoken to.
type dialect int

const (
	dialectUnknown dialect = iota
	dialectOld             // reg.cgi
	dialectV1
)

// dialects is what we know of the directory's.
type dialects struct {
	fixed   bool          // the user gave the URL of an old script
	probing chan struct{} // a value: somebody finds out

	mu  sync.Mutex
	now dialect
}

func (d *dialects) get() dialect {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *dialects) set(now dialect) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.fixed {
		d.now = now
	}
}

// errNotV1 says that somebody answers who is not a directory with /v1.
var errNotV1 = errors.New("the answer is not that of a directory with /v1")

// dialect finds out how to speak to the directory, and remembers it. Where /v1 does not exist (another status than 200, a
// web page) it is reg.cgi, but that is remembered only once reg.cgi has answered: who answers may be a hotel's login page. A server that
// merely fails (5xx, too many requests) is asked again next time.
func (c *Client) dialect(ctx context.Context) (dialect, error) {
	if err := c.usable(ctx); err != nil {
		return dialectUnknown, err
	}
	if d := c.dialects.get(); d != dialectUnknown {
		return d, nil
	}
	select {
	case c.dialects.probing <- struct{}{}:
		defer func() { <-c.dialects.probing }()
	case <-ctx.Done():
		return dialectUnknown, c.failed(ctx.Err())
	}
	if d := c.dialects.get(); d != dialectUnknown {
		return d, nil
	}
	err := c.describe(ctx)
	if errors.Is(err, errNotV1) {
		return dialectOld, nil
	}
	if err != nil {
		return dialectUnknown, c.failed(err)
	}
	c.dialects.set(dialectV1)
	return dialectV1, nil
}

// describe asks what the directory is, and notes its clock and its instances.
func (c *Client) describe(ctx context.Context) error {
	var d v1.Directory
	if err := c.call(ctx, nethttp.MethodGet, "", nil, &d); err != nil {
		var no *v1.Error
		if errors.As(err, &no) && no.RetryAfterSeconds == 0 {
			err = errors.Join(errNotV1, err)
		}
		return err
	}
	if d.API < v1.Version {
		return fmt.Errorf("%w: version %d", errNotV1, d.API)
	}
	c.hosts.set(d.Instances)
	c.clock.set(d.Time)
	return nil
}
