package main

import (
	"context"
	"fmt"
	"image"
	"path/filepath"
	"strings"
	"time"
)

// user is somebody with mouse and keyboard in front of one running app.
type user struct {
	b         *bench
	screen    *display
	name      string
	program   *program
	main      *window
	mainPlace image.Point
	callPlace image.Point // where this user's call windows are put, so that none covers another
}

// firstStart starts the app for somebody who never had it, and gives the name that it asks for.
func (u *user) firstStart(ctx context.Context, flags ...string) (err error) {
	if u.program, err = u.b.app(u.name, u.screen.env, nil, demoSources(flags...)...); err != nil {
		return err
	}
	id, err := u.screen.window(ctx, u.program, "^Sundog$", soon)
	if err != nil {
		return err
	}
	u.main = &window{u: u, id: id}
	if err := u.main.has(ctx, "a painted window", mainWhole, accent, sameColour, 0.01, soon); err != nil {
		return err
	}
	u.b.report.atMost(u.name+": from start to painted window", time.Since(u.program.started).Seconds(), 3, "s")
	if err := u.screen.place(ctx, id, u.mainPlace.X, u.mainPlace.Y); err != nil {
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
	u.b.report.holds(u.name+" gives a name and comes to the list", err == nil, fmt.Sprint(err))
	return err
}

// reachable waits until the header says so.
func (u *user) reachable(ctx context.Context) error {
	return u.main.has(ctx, "the header’s green dot of "+u.name, mainHeader, good, sameColour, aDot, 3*windowWait)
}

// quit ends the app by SIGTERM.
func (u *user) quit() {
	u.program.stop()
	r, log := u.b.report, u.program.logText()
	r.equals(u.name+"'s app, told to end: exit status", u.program.exit(), 0)
	r.holds(u.name+"'s app never touched a window from outside its main thread", !strings.Contains(log, "Error in Fyne call thread"), u.program.tail())
	r.holds(u.name+"'s app did not panic", !strings.Contains(log, "panic:") && !strings.Contains(log, "goroutine "), u.program.tail())
}

// seeks types a name into the list's field.
func (u *user) seeks(ctx context.Context, name string) error {
	if err := u.main.press(ctx, "ctrl+1", "ctrl+a"); err != nil {
		return err
	}
	return u.main.write(ctx, name)
}

// dials calls somebody by the list's field, and returns the call's window.
func (u *user) dials(ctx context.Context, name string) (*window, error) {
	if err := u.seeks(ctx, name); err != nil {
		return nil, err
	}
	return u.callsWhomIsSought(ctx, name)
}

// callsWhomIsSought calls somebody whose name is in the field already.
func (u *user) callsWhomIsSought(ctx context.Context, name string) (*window, error) {
	if err := u.main.press(ctx, "Return"); err != nil {
		return nil, err
	}
	return u.callWindow(ctx, "Call with "+name, windowWait)
}

// isCalled waits until the app rings and says who calls, and returns the window that does.
func (u *user) isCalled(ctx context.Context, caller string) (*window, error) {
	w, err := u.callWindow(ctx, caller+" is calling", windowWait)
	u.b.report.holds(u.name+"'s app rings and says that "+caller+" calls", err == nil, fmt.Sprint(err))
	if err != nil {
		return nil, err
	}
	return w, pause(ctx, aLook)
}

// accepts clicks on the green button of a window that rings, and returns the call's.
func (u *user) accepts(ctx context.Context, ring *window, caller string) (*window, error) {
	if err := ring.clickButton(ctx, good); err != nil {
		return nil, err
	}
	return u.callWindow(ctx, "Call with "+caller, windowWait)
}

// callWindow waits for a window with that title besides the main one, and puts it in its place.
func (u *user) callWindow(ctx context.Context, title string, timeout time.Duration) (*window, error) {
	id, err := u.screen.window(ctx, u.program, title, timeout)
	if err != nil {
		return nil, err
	}
	w := &window{u: u, id: id}
	time.Sleep(300 * time.Millisecond) // it centres itself once it is shown
	return w, u.screen.place(ctx, id, u.callPlace.X, u.callPlace.Y)
}

// titles are those of the app's windows.
func (u *user) titles(ctx context.Context) []string {
	return u.screen.titles(ctx, fmt.Sprint(u.program.cmd.Process.Pid))
}

// keepShot keeps a picture of the whole screen for people to look at.
func (u *user) keepShot(ctx context.Context, name string) {
	if err := u.screen.saveShot(ctx, "root", filepath.Join(u.b.keep, name+".png")); err != nil {
		u.b.report.note("no screenshot %s: %v", name, err)
	}
}
