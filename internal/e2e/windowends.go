package main

import (
	"context"
	"fmt"
	"time"
)

// windowAndHeadless lets windows and headless phones call each other, for what needs a side that is killed, that
// does not answer, or that tells what it got.
func (w *windows) windowAndHeadless(ctx context.Context) error {
	dora, err := w.answerer(ctx, "dora", w.service, "--accept", "anyone", "--mic", "tone")
	if err != nil {
		return err
	}
	defer dora.stop()
	call, err := w.alice.dials(ctx, "dora")
	if err != nil {
		return err
	}
	if _, err := dora.waitFor(ctx, soon, "in_call", inState("in_call")); err != nil {
		return err
	}
	const line = "Hello dora: 1+1=2?"
	if err := call.press(ctx, "c"); err != nil {
		return err
	}
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	if err := call.write(ctx, line); err != nil {
		return err
	}
	if err := call.press(ctx, "Return"); err != nil {
		return err
	}
	chat, err := dora.waitFor(ctx, windowWait, "chat event", named("chat"))
	if err != nil {
		return err
	}
	w.report.equals("a line typed in a window, as a headless phone got it", chat.Text, line)
	if err := call.press(ctx, "Escape", "Escape"); err != nil {
		return err
	}

	dora.kill()
	died := time.Now()
	err = call.has(ctx, "the banner of a call that is being mended", callBanner, warning, sameInText, 0.002, soon)
	w.report.holds("the other side is killed: the window says that it reconnects", err == nil, fmt.Sprint(err))
	w.report.atMost("the other side is killed: told after", call.looked.Sub(died).Seconds(), 7, "s")
	w.alice.keepShot(ctx, "10-reconnecting")
	if err := call.hangUp(ctx, "reconnecting"); err != nil {
		return err
	}

	again, err := w.alice.dials(ctx, w.bob.name)
	if err != nil {
		return err
	}
	ring, err := w.bob.isCalled(ctx, w.alice.name)
	if err != nil {
		return fmt.Errorf("after that, the next call does not ring at once: %w", err)
	}
	if err := ring.press(ctx, "Escape"); err != nil {
		return err
	}
	err = until(ctx, windowWait, "the ring is gone", func() (bool, error) { return !ring.shown(ctx), nil })
	w.report.holds("Escape declines", err == nil, fmt.Sprint(err))
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	w.alice.keepShot(ctx, "11-declined")
	w.report.holds("a declined call stays in the caller's window, with its reason", again.shown(ctx), "the window is gone")
	if err := again.press(ctx, "Escape"); err != nil {
		return err
	}
	return w.unanswered(ctx)
}

// unanswered lets a headless phone call a window at which nobody sits.
func (w *windows) unanswered(ctx context.Context) error {
	impatient, err := w.headless("carol", w.service, "call", w.bob.name)
	if err != nil {
		return err
	}
	defer impatient.stop()
	if _, err := w.bob.isCalled(ctx, "carol"); err != nil {
		return err
	}
	impatient.stop()
	if err := w.expectEnd(ctx, "a caller who gives up", impatient, soon, "cancelled", 1); err != nil {
		return err
	}
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	w.bob.keepShot(ctx, "12-missed")
	patient, err := w.headless("carol", w.service, "call", w.bob.name)
	if err != nil {
		return err
	}
	defer patient.stop()
	if err := w.expectEnd(ctx, "nobody answers", patient, 70*time.Second, "no_answer", 1); err != nil {
		return err
	}
	begin, end := patient.all(inState("calling")), patient.all(named("ended"))
	if len(begin) > 0 && len(end) > 0 {
		w.report.between("nobody answers: it rang", end[0].Time.Sub(begin[0].Time).Seconds(), 44, 48, "s")
	}
	return nil
}
