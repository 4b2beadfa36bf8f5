package keystore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/zalando/go-keyring"
)

// service is what the keys go by in the keyring, for the user to see there.
const service = "Sundog"

// ring is the system's keyring. The library that speaks with it takes no context and may wait for ever, so each call runs in a
// goroutine of its own with a deadline. When that passes, the goroutine is left behind, and the keyring is not asked again: at
// most one goroutine waits, until the keyring answers or the program ends.
type ring struct {
	// probe tells whether the keyring is there and unlocked: nil, ErrAbsent, ErrLocked, ErrSilent.
	probe        func(context.Context) error
	call, prompt time.Duration // how long to wait
	hangs        atomic.Bool
}

func newRing() *ring { return &ring{probe: probe, call: callWait, prompt: promptWait} }

// ready probes within a call's time.
func (r *ring) ready(ctx context.Context) error {
	if r.hangs.Load() {
		return ErrSilent
	}
	ctx, cancel := context.WithTimeout(ctx, r.call)
	defer cancel()
	return r.probe(ctx)
}

// set keeps a text. It does not ask the user to unlock the keyring.
func (r *ring) set(ctx context.Context, name, text string) error {
	if err := r.ready(ctx); err != nil {
		return err
	}
	_, err := r.bounded(ctx, r.call, func() (string, error) { return "", keyring.Set(service, name, text) })
	return err
}

// get reads a text. A locked keyring asks the user.
func (r *ring) get(ctx context.Context, name string) (string, error) {
	wait, err := r.call, r.ready(ctx)
	locked := errors.Is(err, ErrLocked)
	if locked {
		wait, err = r.prompt, nil
	}
	if err != nil {
		return "", err
	}
	text, err := r.bounded(ctx, wait, func() (string, error) { return keyring.Get(service, name) })
	if locked && err != nil && !errors.Is(err, ErrGone) {
		err = ErrLocked // what the library says of an answer of no is a riddle
	}
	return text, err
}

func (r *ring) delete(ctx context.Context, name string) error {
	if err := r.ready(ctx); err != nil {
		return err
	}
	_, err := r.bounded(ctx, r.call, func() (string, error) { return "", keyring.Delete(service, name) })
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// bounded runs f, for no longer than wait.
func (r *ring) bounded(ctx context.Context, wait time.Duration, f func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		text, err := f()
		answered <- answer{text, err}
	}()
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case a := <-answered:
		if errors.Is(a.err, keyring.ErrNotFound) {
			a.err = ErrGone
		} else if a.err != nil {
			a.err = fmt.Errorf("which says: %w", a.err)
		}
		return a.text, a.err
	case <-late.C:
	case <-ctx.Done():
	}
	r.hangs.Store(true)
	return "", ErrSilent
}
