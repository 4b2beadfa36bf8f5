package http

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	nethttp "net/http"
	"net/url"
	"strings"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
)

// call sends a request of /v1 to one instance after the other until one answers, and decodes its answer. A *v1.Error is what
// the directory says; errNotV1: it is no directory; anything else: none can be reached.
func (c *Client) call(ctx context.Context, method, path string, body, into any) error {
	answer, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	text, err := readReply(answer)
	if errors.Is(err, errUnreadable) {
		return fmt.Errorf("%w: %w", errNotV1, err)
	}
	if err != nil {
		return err
	}
	if err := v1.Decode(bytes.TrimSpace(text), into); err != nil {
		return fmt.Errorf("%w: %w", errNotV1, err)
	}
	return nil
}

// send sends a request to one instance after the other until one says something other than that it cannot serve, and returns the body of an
// answer whose status is 200 or 201. Each instance but the last gets attemptTimeout to begin its answer.
func (c *Client) send(ctx context.Context, method, path string, body any) (answer io.ReadCloser, err error) {
	var text []byte
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	var first error
	order := c.hosts.order(time.Now())
	for i, host := range order {
		answer, err := c.ask(ctx, host, method, path, text, i < len(order)-1)
		if ctx.Err() != nil && err != nil {
			if first == nil {
				first = err
			}
			break
		}
		busy := isBusy(err)
		c.hosts.answered(host, !busy, time.Now())
		if !busy {
			return answer, err
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// ask sends a request to one instance.
func (c *Client) ask(ctx context.Context, host *url.URL, method, path string, body []byte, hurry bool) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	if hurry {
		t := time.AfterFunc(attemptTimeout, cancel)
		defer t.Stop()
	}
	u := *host.JoinPath("v1")
	more, query, _ := strings.Cut(path, "?")
	if more != "" {
		u = *u.JoinPath(more)
	}
	u.RawQuery = query
	req, err := nethttp.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		cancel()
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.opt.Client.Do(req) //nolint:bodyclose // answerBody's Close does
	if err != nil {
		cancel()
		return nil, withoutURL(err)
	}
	answer := &answerBody{resp.Body, cancel}
	if resp.StatusCode == nethttp.StatusOK || resp.StatusCode == nethttp.StatusCreated {
		return answer, nil
	}
	defer func() { _ = answer.Close() }()
	return nil, c.refusal(resp)
}

// answerBody is an answer's body, which ends its request, too.
type answerBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close implements io.Closer.
func (b *answerBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// status says that a server fails without telling why.
type status int

func (s status) Error() string { return fmt.Sprintf("it answers with HTTP status %d", int(s)) }

// refusal is what an answer that is not a success says.
func (c *Client) refusal(resp *nethttp.Response) error {
	var no v1.Error
	text, err := readReply(resp.Body)
	if err == nil && v1.Decode(bytes.TrimSpace(text), &no) == nil && no.Code != "" {
		if no.Time != 0 {
			c.clock.set(no.Time)
		}
		if no.RetryAfterSeconds == 0 && (resp.StatusCode >= 500 || resp.StatusCode == nethttp.StatusTooManyRequests) {
			no.RetryAfterSeconds = 1
		}
		return &no
	}
	if resp.StatusCode >= 500 || resp.StatusCode == nethttp.StatusTooManyRequests {
		return status(resp.StatusCode)
	}
	return fmt.Errorf("%w: %w", errNotV1, status(resp.StatusCode))
}

// isBusy reports whether another instance may do better.
func isBusy(err error) bool {
	if err == nil || errors.Is(err, errNotV1) || errors.Is(err, idmanager.ErrUntrusted) {
		return false
	}
	var no *v1.Error
	if errors.As(err, &no) {
		return no.Code == v1.CodeDraining || no.Code == v1.CodeUnavailable || no.Code == v1.CodeFull
	}
	return true
}

// readReply reads a body that is not too long.
func readReply(body io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxReply+1))
	if err == nil && len(text) > maxReply {
		err = errUnreadable
	}
	return text, err
}

// withoutURL is an error of net/http without the URL, names and all, and with what a bad certificate means.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	if errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) {
		return fmt.Errorf("%w: %w", idmanager.ErrUntrusted, err)
	}
	return err
}

// failed makes a sentence of an error.
func (c *Client) failed(err error) error {
	var no *v1.Error
	switch {
	case errors.Is(err, errUnreadable):
		return fmt.Errorf("there is no directory of names at %s: %w", c.Where(), err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the directory %s does not answer: %w", c.Where(), err)
	case c.ctx.Err() != nil:
		return fmt.Errorf("the directory %s cannot be used: %w", c.Where(), ErrClosed)
	case errors.As(err, &no):
		return fmt.Errorf("the directory %s says: %w", c.Where(), err)
	}
	return fmt.Errorf("the directory %s cannot be used: %w", c.Where(), err)
}
