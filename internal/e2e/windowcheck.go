package main

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"net"
	"strings"
	"time"
)

// Areas of the windows, in pixels.
var (
	mainWhole  = image.Rect(0, 0, 380, 640)
	mainHeader = image.Rect(60, 30, 380, 84)
	callStage  = image.Rect(150, 100, 720, 380) // the remote picture, without what lies over it
	callOwn    = image.Rect(770, 440, 940, 530)
	callMute   = image.Rect(350, 440, 400, 500) // its button
	callBanner = image.Rect(150, 50, 810, 120)
	callMiddle = image.Rect(250, 150, 710, 400)
	chatLines  = image.Rect(660, 70, 945, 470)
)

const (
	// moving is how much of a picture with something moving in it changes in half a second, at least.
	moving = 0.004
	// aLine is how much of the chat a line fills, at least.
	aLine = 0.003
	// windowWait is how long a window may take to react to a person.
	windowWait = 8 * time.Second
)

// checkWindow uses two apps as two new users would.
func checkWindow(ctx context.Context, b *bench) error {
	screen, err := b.startDisplay(ctx, 2000, 1300)
	if err != nil {
		return err
	}
	defer screen.stop()
	// Users type the service's host only, so it has the usual ports, on a loopback address of its own.
	host, err := quietHost()
	if err != nil {
		return err
	}
	s, err := b.startServiceAt(ctx, host+":1935", host+":8035")
	if err != nil {
		return err
	}
	defer s.stop()

	alice := &user{b: b, screen: screen, name: "Alice", place: image.Pt(0, 0)}
	bob := &user{b: b, screen: screen, name: "Bob", place: image.Pt(0, 620)}
	for i, u := range []*user{alice, bob} {
		if err := b.firstStart(ctx, u, image.Pt(1000+i*420, 0)); err != nil {
			return err
		}
		defer u.program.stop()
	}
	alice.keepShot(ctx, "1-first-start")
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"the test call", func() error { return b.testCall(ctx, alice) }},
		{"a wrong service address", func() error { return b.wrongAddress(ctx, alice) }},
		{"Alice signs in", func() error { return b.signIn(ctx, alice, host) }},
		{"Bob signs in", func() error { return b.signIn(ctx, bob, host) }},
		{"a call between two windows", func() error { return b.windowCall(ctx, alice, bob) }},
		{"calls with a headless phone", func() error { return b.windowAndHeadless(ctx, s, alice, bob) }},
	} {
		if err := step.run(); err != nil {
			alice.keepShot(ctx, "failed")
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	for _, u := range []*user{alice, bob} {
		b.quit(u)
	}
	return nil
}

// quietHost finds a loopback address on which the service's usual ports are free.
func quietHost() (string, error) {
	var last error
	for range 20 {
		host := fmt.Sprintf("127.77.%d.%d", 1+rand.IntN(250), 1+rand.IntN(250))
		udp, err := net.ListenPacket("udp", host+":1935")
		if err != nil {
			last = err
			continue
		}
		tcp, err := net.Listen("tcp", host+":8035")
		_ = udp.Close()
		if err != nil {
			last = err
			continue
		}
		_ = tcp.Close()
		return host, nil
	}
	return "", fmt.Errorf("no loopback address has the service's ports free: %w", last)
}

// firstStart starts the app for somebody who never had it, and gives the name that it asks for.
func (b *bench) firstStart(ctx context.Context, u *user, at image.Point) error {
	var err error
	if u.program, err = b.app(u.name, u.screen.env, nil, "--camera", "test", "--mic", "tone", "--speaker", "null"); err != nil {
		return err
	}
	id, err := u.screen.window(ctx, u.program, "^Sundog$", soon)
	if err != nil {
		return err
	}
	u.main = &window{u: u, id: id}
	if err := until(ctx, soon, "a painted window", func() (bool, error) {
		img, err := u.main.look(ctx)
		return err == nil && share(img, mainWhole, accent, sameColour) > 0.01, err
	}); err != nil {
		return err
	}
	b.report.atMost(u.name+": from start to painted window", time.Since(u.program.started).Seconds(), 3, "s")
	if err := u.screen.place(ctx, id, at.X, at.Y); err != nil {
		return err
	}
	before, err := u.main.look(ctx)
	if err != nil {
		return err
	}
	if err := u.main.write(ctx, u.name); err != nil {
		return err
	}
	if err := u.main.press(ctx, "Return"); err != nil {
		return err
	}
	err = u.main.changes(ctx, before, mainHeader, 0.02, windowWait)
	b.report.holds(u.name+" gives a name and comes to the list", err == nil, fmt.Sprint(err))
	return err
}

// testCall makes the test call with one click.
func (b *bench) testCall(ctx context.Context, u *user) error {
	if err := u.main.clickButton(ctx, accent); err != nil {
		return err
	}
	clicked := time.Now()
	w, err := u.callWindow(ctx, "Test call", windowWait)
	if err != nil {
		return err
	}
	err = until(ctx, windowWait, "a moving picture", func() (bool, error) {
		m, err := w.moves(ctx, callStage)
		return m >= moving, err
	})
	b.report.holds("test call: one click brings a moving picture", err == nil, fmt.Sprint(err))
	b.report.note("after %.1f s", time.Since(clicked).Seconds())
	u.keepShot(ctx, "2-test-call")
	return b.hangUpByClick(ctx, w, "test call")
}

// hangUpByClick clicks on the red button.
func (b *bench) hangUpByClick(ctx context.Context, w *window, what string) error {
	if err := w.stir(ctx); err != nil {
		return err
	}
	if err := w.clickButton(ctx, danger); err != nil {
		return err
	}
	err := until(ctx, windowWait, "the call window is gone", func() (bool, error) { return !w.shown(ctx), nil })
	b.report.holds(what+": the red button hangs up", err == nil, fmt.Sprint(err))
	return err
}

// wrongAddress enters a service where there is none.
func (b *bench) wrongAddress(ctx context.Context, u *user) error {
	if err := b.toServiceForm(ctx, u); err != nil {
		return err
	}
	if err := u.main.write(ctx, "127.77.255.254"); err != nil {
		return err
	}
	if err := u.main.press(ctx, "Return"); err != nil {
		return err
	}
	entered := time.Now()
	err := until(ctx, 15*time.Second, "a red sentence", func() (bool, error) {
		img, err := u.main.look(ctx)
		return err == nil && share(img, mainWhole, danger, sameInText) > 0.0003, err
	})
	b.report.holds("a wrong service address is told in the window", err == nil, fmt.Sprint(err))
	b.report.atMost("a wrong service address is told within", time.Since(entered).Seconds(), 8.5, "s")
	u.keepShot(ctx, "3-wrong-address")
	return err
}

// toServiceForm clicks "Set up a service", the button below the test call's.
func (b *bench) toServiceForm(ctx context.Context, u *user) error {
	if err := u.main.press(ctx, "ctrl+1"); err != nil {
		return err
	}
	if err := u.main.rest(ctx); err != nil {
		return err
	}
	time.Sleep(300 * time.Millisecond)
	test, err := u.main.button(ctx, accent)
	if err != nil {
		return err
	}
	if err := u.main.click(ctx, image.Pt(test.Min.X+test.Dx()/2, test.Max.Y+test.Dy()*3/4)); err != nil {
		return err
	}
	time.Sleep(500 * time.Millisecond)
	return u.main.press(ctx, "ctrl+a")
}

// signIn enters the service and waits until the header says reachable.
func (b *bench) signIn(ctx context.Context, u *user, host string) error {
	if err := b.toServiceForm(ctx, u); err != nil {
		return err
	}
	if err := u.main.write(ctx, host); err != nil {
		return err
	}
	if err := u.main.press(ctx, "Return"); err != nil {
		return err
	}
	err := until(ctx, 2*windowWait, "the header's green dot", func() (bool, error) {
		img, err := u.main.look(ctx)
		return err == nil && share(img, mainHeader, good, sameColour) > 0.001, err
	})
	b.report.holds(u.name+" enters the service and is reachable", err == nil, fmt.Sprint(err))
	u.keepShot(ctx, "4-signed-in")
	return err
}

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
	beforeBar, err := alice.look(ctx)
	if err != nil {
		return err
	}
	if err := alice.press(ctx, "m"); err != nil {
		return err
	}
	err = alice.changes(ctx, beforeBar, callMute, 0.02, windowWait)
	b.report.holds("Alice mutes, and her button shows it", err == nil, fmt.Sprint(err))
	time.Sleep(time.Second)
	alice.u.keepShot(ctx, "8-muted")
	return alice.press(ctx, "m")
}

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
	b.report.atMost("the other side is killed: told after", time.Since(died).Seconds(), 8, "s")
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

// quit ends an app by SIGTERM.
func (b *bench) quit(u *user) {
	u.program.stop()
	b.report.equals(u.name+"'s app, told to end: exit status", u.program.exit(), 0)
	log := u.program.logText()
	b.report.holds(u.name+"'s app never touched a window from outside its main thread",
		!strings.Contains(log, "Error in Fyne call thread"), u.program.tail())
	b.report.holds(u.name+"'s app did not panic", !strings.Contains(log, "panic:") && !strings.Contains(log, "goroutine "), u.program.tail())
}
