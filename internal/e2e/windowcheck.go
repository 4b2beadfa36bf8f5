package main

import (
	"context"
	"fmt"
	"time"
)

// checkWindow uses two apps as two new users would.
func checkWindow(ctx context.Context, b *bench) error {
	w, err := b.openWindows(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	// Not on this network, so that only the service lets them find each other.
	if err := w.firstStarts(ctx, "--directory", "service"); err != nil {
		return err
	}
	w.alice.keepShot(ctx, "1-first-start")
	if err := w.steps(
		ctx,
		windowStep{"the test call", w.testCall},
		windowStep{"a wrong service address", w.wrongAddress},
		windowStep{"Alice signs in", w.alice.signsInto(w.host)},
		windowStep{"Bob signs in", w.bob.signsInto(w.host)},
		windowStep{"a call between two windows", w.windowCall},
		windowStep{"calls with a headless phone", w.windowAndHeadless},
	); err != nil {
		return err
	}
	if err := w.windowsOnOneNetwork(ctx); err != nil {
		return fmt.Errorf("two windows without a service: %w", err)
	}
	return nil
}

// testCall makes the test call with one click.
func (w *windows) testCall(ctx context.Context) error {
	u := w.alice
	if err := u.main.clickButton(ctx, accent); err != nil {
		return err
	}
	clicked := time.Now()
	call, err := u.callWindow(ctx, "Test call", windowWait)
	if err != nil {
		return err
	}
	err = call.showsMotion(ctx, callStage)
	w.report.holds("test call: one click brings a moving picture", err == nil, fmt.Sprint(err))
	w.report.note("after %.1f s", time.Since(clicked).Seconds())
	u.keepShot(ctx, "2-test-call")
	return call.hangUp(ctx, "test call")
}
