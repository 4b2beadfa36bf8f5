package main

import (
	"context"
	"fmt"
	"time"
)

// dial types a name into the list's field.
func (b *bench) dial(ctx context.Context, u *user, name string) (*window, error) {
	if err := u.main.press(ctx, "ctrl+1", "ctrl+a"); err != nil {
		return nil, err
	}
	if err := u.main.write(ctx, name); err != nil {
		return nil, err
	}
	if err := u.main.press(ctx, "Return"); err != nil {
		return nil, err
	}
	return u.callWindow(ctx, "Call with "+name, windowWait)
}

// windowCall is a whole call: ring, accept, pictures, chat, mute, hang up.
func (b *bench) windowCall(ctx context.Context, alice, bob *user) error {
	aliceCall, err := b.dial(ctx, alice, bob.name)
	if err != nil {
		return err
	}
	bobCall, err := bob.callWindow(ctx, alice.name+" is calling", windowWait)
	b.report.holds("Bob's app rings and says who calls", err == nil, fmt.Sprint(err))
	if err != nil {
		return err
	}
	time.Sleep(time.Second) // a person looks before answering
	alice.keepShot(ctx, "5-ringing")
	if err := bobCall.clickButton(ctx, good); err != nil {
		return err
	}
	if bobCall, err = bob.callWindow(ctx, "Call with "+alice.name, windowWait); err != nil {
		return err
	}
	sides := []struct {
		u *user
		w *window
	}{{alice, aliceCall}, {bob, bobCall}}
	for _, s := range sides {
		err := until(ctx, windowWait, "a moving picture", func() (bool, error) {
			m, err := s.w.moves(ctx, callStage)
			return m >= moving, err
		})
		b.report.holds(s.u.name+" sees the other's picture move", err == nil, fmt.Sprint(err))
		own, err := s.w.moves(ctx, callOwn)
		if err != nil {
			return err
		}
		b.report.atLeast(s.u.name+" sees the own picture move: part that changes", own, moving, "")
	}
	time.Sleep(time.Second)
	alice.keepShot(ctx, "6-call")
	if err := b.chatBothWays(ctx, aliceCall, bobCall); err != nil {
		return err
	}
	if err := b.mute(ctx, aliceCall, bobCall); err != nil {
		return err
	}
	if err := b.hangUpByClick(ctx, aliceCall, "call"); err != nil {
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
	b.report.holds("Bob's window shows that the call has ended", err == nil, fmt.Sprint(err))
	bob.keepShot(ctx, "9-ended")
	if bobCall.shown(ctx) {
		return bobCall.press(ctx, "Escape")
	}
	return nil
}

// chatBothWays opens the chat on both sides and writes a line each way.
func (b *bench) chatBothWays(ctx context.Context, alice, bob *window) error {
	for _, w := range []*window{alice, bob} {
		if err := w.press(ctx, "c"); err != nil {
			return err
		}
	}
	time.Sleep(time.Second)
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
		b.report.holds(way.from.u.name+" writes a line, and "+way.to.u.name+" sees it", err == nil, fmt.Sprint(err))
	}
	alice.u.keepShot(ctx, "7-chat")
	for _, w := range []*window{alice, bob} {
		if err := w.press(ctx, "Escape", "Escape"); err != nil { // out of the field, and the chat away
			return err
		}
	}
	time.Sleep(500 * time.Millisecond)
	return nil
}

// mute presses M and looks for it on both sides.
func (b *bench) mute(ctx context.Context, alice, bob *window) error {
	for _, w := range []*window{alice, bob} {
		if err := w.stir(ctx); err != nil {
			return err
		}
	}
	filled := func() (bool, error) {
		img, err := alice.look(ctx)
		return err == nil && share(img, callMute, light, sameColour) > 0.3, err
	}
	before, err := filled()
	if err != nil {
		return err
	}
	b.report.holds("Alice is heard before she mutes", !before, "her button is filled already")
	if err := alice.press(ctx, "m"); err != nil {
		return err
	}
	err = until(ctx, windowWait, "her button is filled", filled)
	b.report.holds("Alice mutes, and her button shows it", err == nil, fmt.Sprint(err))
	time.Sleep(time.Second)
	alice.u.keepShot(ctx, "8-muted")
	return alice.press(ctx, "m")
}
