package main

import (
	"context"
	"fmt"
	"time"
)

// windowCall is a whole call: ring, accept, pictures, chat, mute, hang up.
func (w *windows) windowCall(ctx context.Context) error {
	aliceCall, bobCall, err := w.call(ctx, "5-ringing")
	if err != nil {
		return err
	}
	for _, side := range []*window{aliceCall, bobCall} {
		err := side.showsMotion(ctx, callStage)
		w.report.holds(side.u.name+" sees the other's picture move", err == nil, fmt.Sprint(err))
		own, err := side.moves(ctx, callOwn)
		if err != nil {
			return err
		}
		w.report.atLeast(side.u.name+" sees the own picture move: part that changes", own, moving, "")
	}
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	w.alice.keepShot(ctx, "6-call")
	if err := w.chatBothWays(ctx, aliceCall, bobCall); err != nil {
		return err
	}
	if err := w.mute(ctx, aliceCall, bobCall); err != nil {
		return err
	}
	if err := aliceCall.hangUp(ctx, "call"); err != nil {
		return err
	}
	before, err := bobCall.look(ctx)
	if err == nil { // the window may have gone already
		_ = bobCall.changes(ctx, before, callMiddle, 0.02, windowWait)
	}
	err = until(ctx, windowWait, "Bob's window says that the call has ended", func() (bool, error) {
		if !bobCall.shown(ctx) {
			return true, nil
		}
		m, err := bobCall.moves(ctx, callOwn)
		return m == 0, err
	})
	w.report.holds("Bob's window shows that the call has ended", err == nil, fmt.Sprint(err))
	w.bob.keepShot(ctx, "9-ended")
	return bobCall.leave(ctx)
}

// call has Alice call Bob, who accepts: the windows of both. While it rings, a screenshot is kept under that name.
func (w *windows) call(ctx context.Context, ringing string) (alice, bob *window, err error) {
	if alice, err = w.alice.dials(ctx, w.bob.name); err != nil {
		return nil, nil, err
	}
	ring, err := w.bob.isCalled(ctx, w.alice.name)
	if err != nil {
		return nil, nil, err
	}
	w.alice.keepShot(ctx, ringing)
	bob, err = w.bob.accepts(ctx, ring, w.alice.name)
	return alice, bob, err
}

// chatBothWays opens the chat on both sides and writes a line each way.
func (w *windows) chatBothWays(ctx context.Context, alice, bob *window) error {
	for _, side := range []*window{alice, bob} {
		if err := side.press(ctx, "c"); err != nil {
			return err
		}
	}
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	for _, way := range []struct {
		from, to *window
		text     string
	}{{alice, bob, "Hello Bob, can you see me?"}, {bob, alice, "Yes. The halo is beautiful."}} {
		before, err := way.to.look(ctx)
		if err != nil {
			return err
		}
		if err := way.from.write(ctx, way.text); err != nil {
			return err
		}
		if err := way.from.press(ctx, "Return"); err != nil {
			return err
		}
		err = way.to.changes(ctx, before, chatLines, aLine, windowWait)
		w.report.holds(way.from.u.name+" writes a line, and "+way.to.u.name+" sees it", err == nil, fmt.Sprint(err))
	}
	alice.u.keepShot(ctx, "7-chat")
	for _, side := range []*window{alice, bob} {
		if err := side.press(ctx, "Escape", "Escape"); err != nil { // out of the field, and the chat away
			return err
		}
	}
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return err
	}
	return nil
}

// mute presses M and looks for it on both sides.
func (w *windows) mute(ctx context.Context, alice, bob *window) error {
	for _, side := range []*window{alice, bob} {
		if err := side.stir(ctx); err != nil {
			return err
		}
	}
	const filled = 0.3
	before, err := alice.look(ctx)
	if err != nil {
		return err
	}
	w.report.holds("Alice is heard before she mutes", share(before, callMute, light, sameColour) < filled, "her button is filled already")
	if err := alice.press(ctx, "m"); err != nil {
		return err
	}
	err = alice.has(ctx, "her button is filled", callMute, light, sameColour, filled, windowWait)
	w.report.holds("Alice mutes, and her button shows it", err == nil, fmt.Sprint(err))
	if err := pause(ctx, time.Second); err != nil {
		return err
	}
	alice.u.keepShot(ctx, "8-muted")
	return alice.press(ctx, "m")
}
