package main

import (
	"context"
	"fmt"
	"time"
)

// soon is long enough for anything that should happen at once, on a busy machine.
const soon = 10 * time.Second

// pause waits for a time, or until the context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// until tries something again and again until it is so.
func until(ctx context.Context, timeout time.Duration, what string, so func() (bool, error)) error {
	for deadline := time.Now().Add(timeout); ; {
		ok, err := so()
		if ok {
			return nil
		}
		if time.Now().After(deadline) {
			if err != nil {
				return fmt.Errorf("not within %v: %s: %w", timeout, what, err)
			}
			return fmt.Errorf("not within %v: %s", timeout, what)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// waitUntil polls until f is true, and returns how long that took; the timeout if it never was.
func waitUntil(ctx context.Context, timeout time.Duration, f func() bool) time.Duration {
	began := time.Now()
	if until(ctx, timeout, "", func() (bool, error) { return f(), nil }) != nil {
		return timeout
	}
	return time.Since(began)
}
