package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// runDemo shows a call between two apps on this machine, with test pictures and a service of its own. On a desktop
// it lasts until both windows are closed; where there is no display it brings one, and leaves a screenshot.
func runDemo(ctx context.Context, b *bench) error {
	service, err := b.startService(ctx)
	if err != nil {
		return err
	}
	defer service.stop()
	var screen *display
	var env []string
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		if screen, err = b.startDisplay(ctx, demoWidth, demoHeight); err != nil {
			return err
		}
		defer screen.stop()
		env = screen.env
	}
	bob, err := b.app("Bob", env, service, demoSources("--answer")...)
	if err != nil {
		return err
	}
	defer bob.stop()
	alice, err := b.app("Alice", env, service, demoSources("--call", "Bob")...)
	if err != nil {
		return err
	}
	defer alice.stop()
	if screen != nil {
		return b.demoShot(ctx, screen, alice, bob)
	}
	fmt.Println("Alice calls Bob. Close both windows, or press Ctrl+C, to end.")
	for _, p := range []*program{alice, bob} {
		select {
		case <-p.done:
			if status := p.exit(); status != 0 {
				return fmt.Errorf("%s ended with %d: %s", p.name, status, p.tail())
			}
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// demoSources are sources that need no device and make no noise in the room.
func demoSources(more ...string) []string {
	return append([]string{"--camera", "test", "--mic", "tone", "--speaker", "null"}, more...)
}

// app starts the desktop app with a profile of its own; service may be nil.
func (b *bench) app(name string, env []string, s *service, args ...string) (*program, error) {
	all := []string{"--profile", filepath.Join(b.dir, "profile-"+name)}
	if s != nil {
		all = append(append(all, "--name", name), s.flags()...)
	}
	return start(name, env, filepath.Join(b.programs, "sundog"), append(all, args...)...)
}

// The demo's screen holds a main and a call window of each app.
const (
	demoWidth  = 3*demoGap + 380 + 960
	demoHeight = 3*demoGap + 2*640
	demoGap    = 16
)

// demoShot waits for the call and takes a picture of the screen.
func (b *bench) demoShot(ctx context.Context, screen *display, alice, bob *program) error {
	const patience = 30 * time.Second
	for i, p := range []*program{alice, bob} {
		y := demoGap + i*(640+demoGap)
		for title, x := range map[string]int{"^Sundog$": demoGap, "Call with": 2*demoGap + 380} {
			id, err := screen.window(ctx, p, title, patience)
			if err != nil {
				return err
			}
			if err := screen.place(ctx, id, x, y); err != nil {
				return err
			}
		}
	}
	// The call bar comes up where the pointer has moved.
	x, y := 2*demoGap+380+480, demoGap+200
	const settle = 4 * time.Second // the pictures have come up, the meters run
	select {
	case <-time.After(settle):
	case <-ctx.Done():
		return ctx.Err()
	}
	for range 2 {
		x += 40
		if _, err := screen.xdotool(ctx, "mousemove", fmt.Sprint(x), fmt.Sprint(y), "sleep", "0.3"); err != nil {
			return err
		}
	}
	file := filepath.Join(b.keep, "demo.png")
	if err := screen.saveShot(ctx, "root", file); err != nil {
		return err
	}
	for _, p := range []*program{alice, bob} {
		p.stop()
		if status := p.exit(); status != 0 {
			return fmt.Errorf("%s ended with %d when told to: %s", p.name, status, p.tail())
		}
		if strings.Contains(p.logText(), "Error in Fyne call thread") {
			return fmt.Errorf("%s touched a window outside the main thread: %s", p.name, p.tail())
		}
	}
	fmt.Println("The call was in the windows. Screenshot:", file)
	return nil
}
