package main

import (
	"context"
	"fmt"
	"image"
	"path/filepath"
)

// windows is a screen of our own, a service, and two people with an app each: what all checks of windows begin with.
type windows struct {
	*bench
	screen     *display
	desktop    *desktop // a session bus, as desktops have it, without a keyring
	host       string   // of the service, with the usual ports
	service    *service
	alice, bob *user
}

// openWindows starts all of that but the apps.
func (b *bench) openWindows(ctx context.Context) (w *windows, err error) {
	w = &windows{bench: b}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.desktop, err = newDesktop(ctx, filepath.Join(b.dir, "desktop"), false); err != nil {
		return w, err
	}
	if w.screen, err = b.startDisplay(ctx, 2000, 1300); err != nil {
		return w, err
	}
	w.screen.env = append(w.screen.env, w.desktop.busVariable())
	w.alice, w.bob = w.newUser("Alice", 0), w.newUser("Bob", 1)
	// Users type the service's host only, so it has the usual ports, on a loopback address of its own.
	if w.host, err = quietHost(); err != nil {
		return w, err
	}
	return w, w.startService(ctx)
}

func (w *windows) startService(ctx context.Context) (err error) {
	w.service, err = w.startServiceAt(ctx, w.host+":1935", w.host+":8035")
	return err
}

// newUser is one of two people whose windows do not cover those of the other.
func (w *windows) newUser(name string, i int) *user {
	return &user{b: w.bench, screen: w.screen, name: name, mainPlace: image.Pt(1000+i*420, 0), callPlace: image.Pt(0, 620*i)}
}

// both are the two people.
func (w *windows) both() []*user { return []*user{w.alice, w.bob} }

// signedIn are the flags of an app that uses the service, and not this network.
func (w *windows) signedIn() []string {
	return []string{"--directory", "service", "--server", "rtmfp://" + w.host}
}

// firstStarts has both start the app for the first time, with these flags.
func (w *windows) firstStarts(ctx context.Context, flags ...string) error {
	for _, u := range w.both() {
		if err := u.firstStart(ctx, flags...); err != nil {
			return err
		}
	}
	return nil
}

// windowStep is a part of a check of windows.
type windowStep struct {
	name string
	run  func(context.Context) error
}

// steps does one after another until one fails, of which a screenshot is kept, and then ends both apps.
func (w *windows) steps(ctx context.Context, steps ...windowStep) error {
	for _, s := range steps {
		if err := s.run(ctx); err != nil {
			w.alice.keepShot(ctx, "failed")
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	for _, u := range w.both() {
		u.quit()
	}
	return nil
}

// close ends all that was started.
func (w *windows) close() {
	for _, u := range w.both() {
		if u != nil && u.program != nil {
			u.program.stop()
		}
	}
	if w.service != nil {
		w.service.stop()
	}
	if w.screen != nil {
		w.screen.stop()
	}
	if w.desktop != nil {
		w.desktop.end()
	}
}
