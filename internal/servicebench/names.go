package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"sundog.dev/sundog/idmanager"
	"sundog.dev/sundog/idmanager/http/v1"
)

// requests is how many requests are under way at a time.
const requests = 32

// owner is the directory side of one client.
type owner struct {
	name, peerID string
	key          ed25519.PrivateKey
	token        string
}

func newOwners(ids []string) ([]owner, error) {
	owners := make([]owner, len(ids))
	for i, id := range ids {
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			return nil, err
		}
		owners[i] = owner{name: fmt.Sprintf("person %d", i), peerID: id, key: key}
	}
	return owners, nil
}

// client makes requests over connections that are kept.
var client = http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: requests, MaxConnsPerHost: requests}, Timeout: patience}

// post sends an object and reads the answer.
func (b *bench) post(ctx context.Context, path string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+b.service.http+path, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return do(r, into)
}

func do(r *http.Request, into any) error {
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %s", r.Method, r.URL.Path, answer.Status, bytes.TrimSpace(text))
	}
	if raw, ok := into.(*[]byte); ok {
		*raw = text
		return nil
	}
	return json.Unmarshal(text, into)
}

// sign makes a client's registration.
func (o *owner) sign(now time.Time) (v1.Registration, error) {
	reg, err := idmanager.Sign(o.key, idmanager.Record{Name: o.name, PeerID: o.peerID}, now)
	return v1.FromRegistration(reg), err
}

// each calls f for clients, some at a time, and returns how many calls succeeded. The first error ends it.
func (b *bench) each(ctx context.Context, n int, f func(ctx context.Context, i int) error) (count int, took time.Duration, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var succeeded atomic.Int64
	began := time.Now()
	each(ctx, n, requests, func(i int) {
		if err := f(ctx, i); err == nil {
			succeeded.Add(1)
		} else if ctx.Err() == nil {
			cancel(err)
		}
	})
	took = time.Since(began)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.DeadlineExceeded) {
		err = cause
	}
	return int(succeeded.Load()), took, err
}

// register takes a name for each client.
func (b *bench) register(ctx context.Context) error {
	before := b.service.processor()
	n, took, err := b.each(ctx, len(b.owners), func(ctx context.Context, i int) error { return b.registerOne(ctx, &b.owners[i], time.Now()) })
	if err != nil {
		return err
	}
	b.rate("first registrations, of new names", n, took, b.service.processor()-before, "signed")
	return nil
}

func (b *bench) registerOne(ctx context.Context, o *owner, now time.Time) error {
	reg, err := o.sign(now)
	if err != nil {
		return err
	}
	var registered v1.Registered
	if err := b.post(ctx, "/v1/register", reg, &registered); err != nil {
		return err
	}
	o.token = registered.Token
	return nil
}

// registerAgain measures registrations of names that one has, as after a service's restart. Each is told to those who watch it. There are so few
// for each key that the service refuses none.
func (b *bench) registerAgain(ctx context.Context) error {
	return b.inTurn(ctx, "registrations again, each told to "+fmt.Sprint(watched)+" watchers", "signed", 4*len(b.owners), func(ctx context.Context, o *owner) error {
		return b.registerOne(ctx, o, time.Now())
	})
}

// renew measures what each client asks for once in some minutes, without a stream that does it for it.
func (b *bench) renew(ctx context.Context) error {
	return b.inTurn(ctx, "renewals", "", 1<<30, func(ctx context.Context, o *owner) error {
		return b.post(ctx, "/v1/refresh", v1.Refresh{Name: o.name, Token: o.token}, new(v1.Registered))
	})
}

// inTurn measures requests of one client after the other, at most so many.
func (b *bench) inTurn(ctx context.Context, what, more string, most int, f func(context.Context, *owner) error) error {
	ending, cancel := context.WithTimeout(ctx, b.length)
	defer cancel()
	var next atomic.Int64
	before := b.service.processor()
	n, took, err := b.each(ending, most, func(ctx context.Context, _ int) error {
		o := b.owners[int(next.Add(1)-1)%len(b.owners)]
		return f(ctx, &o)
	})
	if err != nil {
		return err
	}
	b.rate(what, n, took, b.service.processor()-before, more)
	return nil
}

// lookUp measures look-ups of one name by /v1.
func (b *bench) lookUp(ctx context.Context) error {
	return b.ask(ctx, "look-ups by /v1", "/v1/names?name=", `"state":"here"`)
}

// lookUpOld measures look-ups as old clients make them.
func (b *bench) lookUpOld(ctx context.Context) error {
	return b.ask(ctx, "look-ups by reg.cgi", "/reg.cgi?friends=", "<identity>")
}

func (b *bench) ask(ctx context.Context, what, path, want string) error {
	ending, cancel := context.WithTimeout(ctx, b.length)
	defer cancel()
	before := b.service.processor()
	n, took, err := b.each(ending, 1<<30, func(ctx context.Context, _ int) error {
		name := b.owners[rand.IntN(len(b.owners))].name
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.service.http+path+url.QueryEscape(name), nil)
		if err != nil {
			return err
		}
		var text []byte
		if err := do(r, &text); err != nil {
			return err
		}
		if !strings.Contains(string(text), want) {
			return fmt.Errorf("%s: %s is not there: %s", what, name, text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.rate(what, n, took, b.service.processor()-before, "")
	return nil
}
