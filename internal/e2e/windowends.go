package main

import (
	"context"
	"fmt"
	"time"
)

// windowAndHeadless lets windows and headless phones call each other, for what needs a side that is killed, that
// does not answer, or that tells what it got.
func (b *bench) windowAndHeadless(ctx context.Context, s *service, alice, bob *user) error {
	dora, err := b.answerer(ctx, "dora", s, "--accept", "anyone", "--mic", "tone")
	if err != nil {
		return err
	}
	defer dora.stop()
	w, err := b.dial(ctx, alice, "dora")
	if err != nil {
		return err
	}
	if _, err := dora.waitFor(ctx, soon, "in_call", inState("in_call")); err != nil {
		return err
	}
	const line = "Hello dora: 1+1=2?"
	if err := w.press(ctx, "c"); err != nil {
		return err
	}
	time.Sleep(time.Second)
	if err := w.write(ctx, line); err != nil {
		return err
	}
	if err := w.press(ctx, "Return"); err != nil {
		return err
	}
	chat, err := dora.waitFor(ctx, windowWait, "chat event", named("chat"))
	if err != nil {
		return err
	}
	b.report.equals("a line typed in a window, as a headless phone got it", chat.Text, line)
	if err := w.press(ctx, "Escape", "Escape"); err != nil {
		return err
	}

	dora.kill()
	died := time.Now()
	err = until(ctx, soon, "the banner of a call that is being mended", func() (bool, error) {
		img, err := w.look(ctx)
		return err == nil && share(img, callBanner, warning, sameInText) > 0.002, err
	})
	b.report.holds("the other side is killed: the window says that it reconnects", err == nil, fmt.Sprint(err))
	b.report.atMost("the other side is killed: told after", time.Since(died).Seconds(), 7, "s")
	alice.keepShot(ctx, "10-reconnecting")
	if err := b.hangUpByClick(ctx, w, "reconnecting"); err != nil {
		return err
	}

	again, err := b.dial(ctx, alice, bob.name)
	if err != nil {
		return err
	}
	ring, err := bob.callWindow(ctx, "Alice is calling", windowWait)
	b.report.holds("after that, the next call rings at once", err == nil, fmt.Sprint(err))
	if err != nil {
		return err
	}
	time.Sleep(time.Second)
	if err := ring.press(ctx, "Escape"); err != nil {
		return err
	}
	err = until(ctx, windowWait, "the ring is gone", func() (bool, error) { return !ring.shown(ctx), nil })
	b.report.holds("Escape declines", err == nil, fmt.Sprint(err))
	time.Sleep(time.Second)
	alice.keepShot(ctx, "11-declined")
	b.report.holds("a declined call stays in the caller's window, with its reason", again.shown(ctx), "the window is gone")
	if err := again.press(ctx, "Escape"); err != nil {
		return err
	}
	return b.unanswered(ctx, s, bob)
}

// unanswered lets a headless phone call a window at which nobody sits.
func (b *bench) unanswered(ctx context.Context, s *service, bob *user) error {
	impatient, err := b.headless("carol", s, "call", bob.name)
	if err != nil {
		return err
	}
	defer impatient.stop()
	if _, err := bob.callWindow(ctx, "carol is calling", windowWait); err != nil {
		return err
	}
	impatient.stop()
	if err := b.expectEnd(ctx, "a caller who gives up", impatient, soon, "cancelled", 1); err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	bob.keepShot(ctx, "12-missed")
	patient, err := b.headless("carol", s, "call", bob.name)
	if err != nil {
		return err
	}
	defer patient.stop()
	if err := b.expectEnd(ctx, "nobody answers", patient, 70*time.Second, "no_answer", 1); err != nil {
		return err
	}
	begin, end := patient.all(inState("calling")), patient.all(named("ended"))
	if len(begin) > 0 && len(end) > 0 {
		b.report.between("nobody answers: it rang", end[0].Time.Sub(begin[0].Time).Seconds(), 44, 48, "s")
	}
	return nil
}
